import type { Tell } from './tell.js'

/**
 * The checksum as documented: FNV-1a, 64 bits, over the region without `generation`, as JSON with sorted keys and no
 * spaces.
 * @param raw the region as it was read, unknown keys and all
 */
export function checksumOf(raw: Record<string, unknown>): string {
  const { generation, ...rest } = raw
  return fnv1a64(canonical(rest))
}

export function checkChecksum(found: string, declared: string, at: string, tell: Tell): void {
  if (found !== declared) tell(`${at}.generation.checksum`, `is ${declared}; that of the region is ${found}`)
}

/** As `JSON.stringify`, with the keys of objects sorted; for values that came out of `JSON.parse`. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = value as Record<string, unknown>
  const members = Object.keys(entries)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(entries[key])}`)
  return `{${members.join(',')}}`
}

/** By hand, in four limbs of 16 bits: the prime is 2⁴⁰ + 2⁸ + 0xb3. */
function fnv1a64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  let [a, b, c, d] = [0x2325, 0x8422, 0x9ce4, 0xcbf2]
  for (let i = 0; i < bytes.length; i++) {
    a ^= bytes[i] as number
    const p = a * 0x1b3
    const q = b * 0x1b3 + (p >>> 16)
    // 2⁴⁰ moves a limb two places and eight bits up.
    const r = c * 0x1b3 + (q >>> 16) + ((a << 8) & 0xffff)
    const s = d * 0x1b3 + (r >>> 16) + (a >>> 8) + (b << 8)
    a = p & 0xffff
    b = q & 0xffff
    c = r & 0xffff
    d = s & 0xffff
  }
  return [d, c, b, a].map((limb) => limb.toString(16).padStart(4, '0')).join('')
}
