import type { Tell } from './tell.js'

/**
 * The checksum as documented: FNV-1a, 64 bits, over the region without `generation`, as JSON with sorted keys and no
 * spaces.
 * @param raw the region as it was read, unknown keys and all
 */
export function checksumOf(raw: Record<string, unknown>): string {
  const { generation, ...rest } = raw
  return fnv1a64(JSON.stringify(sorted(rest)))
}

export function checkChecksum(found: string, declared: string, at: string, tell: Tell): void {
  if (found !== declared) tell(`${at}.generation.checksum`, `is ${declared}; that of the region is ${found}`)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** By hand, in four limbs of 16 bits: the prime is 2⁴⁰ + 2⁸ + 0xb3. */
function fnv1a64(text: string): string {
  let [a, b, c, d] = [0x2325, 0x8422, 0x9ce4, 0xcbf2]
  for (const byte of new TextEncoder().encode(text)) {
    a ^= byte
    const p = a * 0x1b3
    const q = b * 0x1b3 + (p >>> 16)
    // 2⁴⁰ moves a limb two places and eight bits up.
    const r = c * 0x1b3 + (q >>> 16) + ((a << 8) & 0xffff)
    const s = d * 0x1b3 + (r >>> 16) + (a >>> 8) + (b << 8)
    ;[a, b, c, d] = [p & 0xffff, q & 0xffff, r & 0xffff, s & 0xffff]
  }
  return [d, c, b, a].map((limb) => limb.toString(16).padStart(4, '0')).join('')
}
