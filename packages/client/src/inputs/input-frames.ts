import { EVENT_INPUTS, pushHeader, SKIP } from '@terrane/protocol'

/** One input of a frame: its index on the wire, or SKIP; and its packed arguments, `bytes[start … end)`. */
export interface FrameItem {
  readonly index: number
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

export const SKIPPED: FrameItem = { index: SKIP, bytes: Uint8Array.of(0xc0), start: 0, end: 1 }

const SLAB_BYTES = 16 * 1024
/** The most that an index takes. */
const ITEM_OVERHEAD = 5
/** The most that an array's head and the first number take. */
const PREFIX_MAX = 5 + 9

/**
 * Builds `i` frames around arguments that are packed already: MessagePack nests by concatenation, so
 * the same bytes serve the first sending, a batch, and the repetition after a crash. Written into slabs,
 * which for a frame of 50 bytes costs a fifth of an allocation of its own.
 */
export class InputFrames {
  readonly #head: Uint8Array
  #slab = new Uint8Array(SLAB_BYTES)
  #at = 0

  constructor(joinRef: string, topic: string) {
    this.#head = pushHeader(joinRef, '', topic, EVENT_INPUTS)
  }

  /** [seq, index, args] */
  one(seq: number, item: FrameItem): Uint8Array {
    const start = this.#reserve(this.#head.length + PREFIX_MAX + itemBytes(item))
    const slab = this.#slab
    let at = copy(this.#head, 0, this.#head.length, slab, start)
    slab[at++] = 0x93
    at = writeInt(slab, at, seq)
    at = writeInt(slab, at, item.index)
    this.#at = copy(item.bytes, item.start, item.end, slab, at)
    return slab.subarray(start, this.#at)
  }

  /** [firstSeq, index, args, index, args, …] */
  many(firstSeq: number, items: readonly FrameItem[]): Uint8Array {
    const length = items.reduce((sum, item) => sum + itemBytes(item), 0)
    const start = this.#reserve(this.#head.length + PREFIX_MAX + length)
    const slab = this.#slab
    let at = copy(this.#head, 0, this.#head.length, slab, start)
    at = writeArrayHead(slab, at, 1 + 2 * items.length)
    at = writeInt(slab, at, firstSeq)
    for (const item of items) {
      at = writeInt(slab, at, item.index)
      at = copy(item.bytes, item.start, item.end, slab, at)
    }
    this.#at = at
    return slab.subarray(start, at)
  }

  #reserve(length: number): number {
    if (this.#at + length > this.#slab.length) {
      this.#slab = new Uint8Array(Math.max(SLAB_BYTES, length))
      this.#at = 0
    }
    return this.#at
  }
}

/** Bytes that an item adds to a frame, at most. */
export function itemBytes(item: FrameItem): number {
  return ITEM_OVERHEAD + item.end - item.start
}

/** Below this many bytes a loop beats the call of `set`. */
const LOOP_BYTES = 48

/** Copies `from[start … end)`. Returns where the copy ends. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  const length = end - start
  if (length > LOOP_BYTES) to.set(from.subarray(start, end), at)
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number
  return at + length
}

function writeArrayHead(bytes: Uint8Array, at: number, length: number): number {
  if (length < 16) {
    bytes[at] = 0x90 | length
    return at + 1
  }
  bytes[at] = 0xdc
  bytes[at + 1] = length >>> 8
  bytes[at + 2] = length
  return at + 3
}

/** SKIP or a whole number ≥ 0. */
function writeInt(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value === SKIP ? 0xff : value
    return at + 1
  }
  if (value < 0x1_0000) {
    bytes[at] = 0xcd
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value
    return at + 3
  }
  if (value < 0x1_0000_0000) {
    bytes[at] = 0xce
    writeU32(bytes, at + 1, value)
    return at + 5
  }
  bytes[at] = 0xcf
  writeU32(bytes, at + 1, Math.floor(value / 0x1_0000_0000))
  writeU32(bytes, at + 5, value % 0x1_0000_0000)
  return at + 9
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
