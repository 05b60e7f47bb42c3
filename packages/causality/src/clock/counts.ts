// Zone numbers and event counts, and the one way in which both are written.
import { assert, type ByteReader, TerraneError } from '@terrane/core'

/**
 * A zone in clocks and ranges: a number from 0 to 2³²-1. Numbers are handed out in increasing order and never
 * again, so one that is not alive and not new has retired (membership.ts).
 */
export type ZoneId = number

export const ZONE_ID_MAX = 0xffff_ffff

export function assertZone(zone: ZoneId): void {
  assert(Number.isInteger(zone) && zone >= 0 && zone <= ZONE_ID_MAX, `zone ids are integers below 2^32: ${zone}`)
}

/** How the bytes differ from what this code writes: they are damaged, or of another version. */
export function malformed(what: string): TerraneError {
  return new TerraneError('malformed_bytes', `The bytes are no valid encoding: ${what}`, {
    hint: 'They were damaged on the way or written by another version; ask the sender again.',
  })
}

/**
 * A LEB128 varint, refused unless it is the shortest one for its value. The format has room for 64 bits (ten
 * bytes), as other implementations count; here counts are JavaScript numbers, exact to 2⁵³-1, because bigint
 * arithmetic allocates. At a million events a second that is 285 years; a larger count is refused, never rounded.
 */
export function readCount(reader: ByteReader): number {
  let value = 0
  let scale = 1
  for (let length = 1; length <= 10; length++) {
    const byte = readByte(reader)
    value += (byte & 127) * scale
    if (byte < 128) {
      if (byte === 0 && length > 1) throw malformed('a number is longer than need be')
      if (!Number.isSafeInteger(value)) throw malformed('a count is above 2^53-1')
      return value
    }
    scale *= 128
  }
  throw malformed('a number has more than 64 bits')
}

function readByte(reader: ByteReader): number {
  if (reader.done) throw malformed('they end within a value')
  return reader.byte()
}
