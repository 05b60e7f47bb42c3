/**
 * 64 bits of a text as 16 hexadecimal digits: two FNV-1a hashes with different offsets, each finished with
 * MurmurHash3's mixer. It tells inputs apart that were mixed up by mistake; it is no protection against forgery.
 */
export function fingerprint(text: string): string {
  let a = 0x811c9dc5
  let b = 0x1234_5678
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul(b ^ ((unit << 7) | (i % 127)), 0x01000193)
  }
  return hex(mix(a)) + hex(mix(b))
}

function mix(word: number): number {
  let mixed = word ^ (word >>> 16)
  mixed = Math.imul(mixed, 0x85eb_ca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2_ae35)
  return mixed ^ (mixed >>> 16)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
