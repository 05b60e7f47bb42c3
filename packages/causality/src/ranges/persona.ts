/**
 * The code of a player in the persona key space: 30 bits like Hilbert codes, but a space of its own with ranges of
 * its own (`DisjointRanges` of persona zones), so spatial partitions need not leave room for it.
 *
 * The upper 30 bits of MurmurHash3_x86_32 with seed 0 (Appleby, public domain) over the UTF-8 bytes of the id:
 * equal in every process and version. FNV-1a would be shorter, but leaves the upper bits of ids that differ in
 * their last characters close together, and ranges are cut by the upper bits.
 */
export function personaCode(playerId: string): number {
  return murmur3(encoder.encode(playerId)) >>> 2
}

/** MurmurHash3_x86_32, seed 0. */
export function murmur3(bytes: Uint8Array): number {
  const { length } = bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const tail = length & ~3
  let hash = 0
  for (let at = 0; at < tail; at += 4) {
    hash ^= scramble(view.getInt32(at, true))
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  let rest = 0
  for (let at = length - 1; at >= tail; at--) rest = (rest << 8) | (bytes[at] as number)
  hash ^= scramble(rest) ^ length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

const encoder = new TextEncoder()
