/** RFC 4648 §5, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

const BASE64URL = /^[A-Za-z0-9_-]*$/

/**
 * Undefined for a text that is not what `toBase64Url` writes of so many bytes: each value has one spelling, because
 * these texts are keys.
 */
export function fromBase64Url(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== Math.ceil((length * 4) / 3) || !BASE64URL.test(text)) return undefined
  const decoded = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(decoded, (char) => char.charCodeAt(0))
  return toBase64Url(bytes) === text ? bytes : undefined
}
