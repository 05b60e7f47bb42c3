/**
 * The one way to write a value: JSON without spaces, the keys of every object in the order of their
 * UTF-16 code units, keys without a value left out. Equal values have equal canonical bytes.
 */
function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const fields = value as Record<string, unknown>
  let text = ''
  // Plain concatenation: this runs over everything that is generated, more than once.
  for (const key of Object.keys(fields).sort()) {
    if (fields[key] === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(fields[key])}`
  }
  return `{${text}}`
}

/** FNV-1a, 64 bits, of the UTF-8 bytes of the canonical JSON; 16 hexadecimal digits. Not against forgery. */
export function checksumOf(value: unknown): string {
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (const byte of new TextEncoder().encode(canonicalJson(value))) {
    low = (low ^ byte) >>> 0
    // Times the prime 2⁴⁰ + 0x1b3, in halves: the product of the low one has at most 41 bits.
    const product = low * 0x1b3
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0
    low = product >>> 0
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
