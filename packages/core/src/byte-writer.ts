/**
 * A growing buffer with the number formats of everything binary here: LEB128 varints, zigzag for signed ones.
 * Integers up to 2⁵³ take as many bytes as they need; JavaScript's shifts end at 31 bits, so larger
 * ones go through division.
 */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  length = 0

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.length++] = value
  }

  /** An integer from 0 to 2⁵³-1. */
  unsigned(value: number): void {
    this.#reserve(8)
    const bytes = this.#bytes
    let rest = value
    while (rest > 0x7fff_ffff) {
      bytes[this.length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      bytes[this.length++] = (rest & 127) | 128
      rest >>>= 7
    }
    bytes[this.length++] = rest
  }

  /** An integer within ±2⁵³; the sign is the lowest bit, so small numbers of either sign are short. */
  signed(value: number): void {
    const magnitude = value < 0 ? -value - 1 : value
    const low = (magnitude % 64) * 2 + (value < 0 ? 1 : 0)
    if (magnitude < 64) this.byte(low)
    else {
      this.byte(low | 128)
      this.unsigned(Math.floor(magnitude / 64))
    }
  }

  float32(value: number): void {
    this.#reserve(4)
    this.#view.setFloat32(this.length, value, true)
    this.length += 4
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.length, value, true)
    this.length += 8
  }

  /** UTF-8 behind its length in bytes. */
  text(value: string): void {
    const bound = value.length * 3
    this.#reserve(bound + 5)
    const lengthAt = this.length
    const head = bound < 128 ? 1 : bound < 16_384 ? 2 : 5
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(lengthAt + head))
    this.#paddedLength(lengthAt, written, head)
    this.length = lengthAt + head + written
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** The bytes so far: a view that the next write may change. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  /** The bytes so far, copied. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }

  reset(): void {
    this.length = 0
  }

  /** A varint of exactly `size` bytes: longer than need be where the value is small. */
  #paddedLength(at: number, value: number, size: number): void {
    let rest = value
    for (let i = 0; i < size; i++) {
      this.#bytes[at + i] = i === size - 1 ? rest : (rest & 127) | 128
      rest >>>= 7
    }
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count))
    grown.set(this.#bytes.subarray(0, this.length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

const encoder = new TextEncoder()

/** 0, -1, 1, -2, … as 0, 1, 2, 3, … */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
