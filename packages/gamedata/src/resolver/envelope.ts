/**
 * A text as it lies in a cache: behind its digest, which covers what it is of, so that an entry which was cut off, changed
 * or put in another's place is not taken for what it is not.
 */
export async function sealed(name: string, text: string): Promise<string> {
  return `${await digestOf(name, text)}\n${text}`
}

/** Undefined when it is not what was sealed under this name. */
export async function unsealed(name: string, envelope: string): Promise<string | undefined> {
  const end = envelope.indexOf('\n')
  const text = envelope.slice(end + 1)
  return end > 0 && envelope.slice(0, end) === (await digestOf(name, text)) ? text : undefined
}

async function digestOf(name: string, text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${name}\n${text}`))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
