/** Reads what ByteWriter writes. Throws RangeError at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at: number
  readonly #end: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#end = end
  }

  get at(): number {
    return this.#at
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number
  }

  unsigned(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    throw new RangeError('a number has more than 8 bytes')
  }

  signed(): number {
    const first = this.byte()
    const magnitude = ((first & 127) >> 1) + (first < 128 ? 0 : this.unsigned() * 64)
    return (first & 1) === 1 ? -magnitude - 1 : magnitude
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4), true)
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  text(): string {
    return decoder.decode(this.raw())
  }

  /** Bytes behind their length: a view, not a copy. */
  raw(): Uint8Array {
    const length = this.unsigned()
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** Passes over `count` bytes; returns where they begin. */
  skip(count: number): number {
    return this.#take(count)
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#end) throw new RangeError('the bytes end within a value')
    this.#at = at + count
    return at
  }
}

export function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}

const decoder = new TextDecoder('utf-8', { fatal: true })
