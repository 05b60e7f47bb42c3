import { isAscii, isUtf8 } from 'node:buffer'

/**
 * MessagePack as clients may send it in an `i` frame: nil, booleans, numbers, text, bytes, arrays, maps
 * with text keys, and the standard time stamp. Two reasons not to use msgpackr here, which packs
 * everything else: it costs 0.5 µs for a small frame where this costs 0.1 (no DataView, no view of the
 * payload), and it instantiates extension types (records, errors, regular expressions) on a stranger's word.
 *
 * One reader serves all sessions: a frame is read to its end before the next is begun.
 */
export class PayloadReader {
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0

  start(bytes: Buffer, at: number): void {
    this.#bytes = bytes
    this.#at = at
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  arrayLength(): number {
    const tag = this.#byte()
    if ((tag & 0xf0) === 0x90) return tag & 0x0f
    if (tag === 0xdc) return this.#uint(2)
    if (tag === 0xdd) return this.#uint(4)
    throw new MalformedPayload('an array is expected')
  }

  integer(): number {
    const tag = this.#byte()
    if (tag < 0x80) return tag
    if (tag >= 0xe0) return tag - 0x100
    const value = this.#tagged(tag, 0)
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new MalformedPayload('an integer is expected')
    return value
  }

  value(depth = 0): unknown {
    const tag = this.#byte()
    if (tag < 0x80) return tag
    if (tag >= 0xe0) return tag - 0x100
    return this.#tagged(tag, depth)
  }

  #tagged(tag: number, depth: number): unknown {
    if (tag < 0x90) return this.#map(tag & 0x0f, depth)
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth)
    if (tag < 0xc0) return this.#text(tag & 0x1f)
    switch (tag) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#binary(this.#uint(1))
      case 0xc5:
        return this.#binary(this.#uint(2))
      case 0xc6:
        return this.#binary(this.#uint(4))
      case 0xc7:
        return this.#timestamp(this.#uint(1))
      case 0xca:
        return this.#float(4)
      case 0xcb:
        return this.#float(8)
      case 0xcc:
        return this.#uint(1)
      case 0xcd:
        return this.#uint(2)
      case 0xce:
        return this.#uint(4)
      case 0xcf:
        return this.#uint(4) * 0x1_0000_0000 + this.#uint(4)
      case 0xd0:
        return (this.#uint(1) << 24) >> 24
      case 0xd1:
        return (this.#uint(2) << 16) >> 16
      case 0xd2:
        return this.#uint(4) | 0
      case 0xd3:
        return (this.#uint(4) | 0) * 0x1_0000_0000 + this.#uint(4)
      case 0xd6:
        return this.#timestamp(4)
      case 0xd7:
        return this.#timestamp(8)
      case 0xd9:
        return this.#text(this.#uint(1))
      case 0xda:
        return this.#text(this.#uint(2))
      case 0xdb:
        return this.#text(this.#uint(4))
      case 0xdc:
        return this.#array(this.#uint(2), depth)
      case 0xdd:
        return this.#array(this.#uint(4), depth)
      case 0xde:
        return this.#map(this.#uint(2), depth)
      case 0xdf:
        return this.#map(this.#uint(4), depth)
      default:
        throw new MalformedPayload(`the type ${tag.toString(16)} is not allowed`)
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new MalformedPayload('it ends early')
    return byte
  }

  #uint(size: 1 | 2 | 4): number {
    const from = this.#skip(size)
    const bytes = this.#bytes
    if (size === 1) return bytes[from] as number
    if (size === 2) return ((bytes[from] as number) << 8) | (bytes[from + 1] as number)
    return (
      (((bytes[from] as number) << 24) |
        ((bytes[from + 1] as number) << 16) |
        ((bytes[from + 2] as number) << 8) |
        (bytes[from + 3] as number)) >>>
      0
    )
  }

  #float(size: 4 | 8): number {
    const from = this.#skip(size)
    return size === 4 ? this.#bytes.readFloatBE(from) : this.#bytes.readDoubleBE(from)
  }

  #text(length: number): string {
    const from = this.#skip(length)
    if (length === 0) return ''
    const bytes = this.#bytes
    if (length <= 24) {
      let at = from
      const end = from + length
      while (at < end && (bytes[at] as number) < 0x80) at++
      if (at === end) return bytes.toString('latin1', from, end)
    }
    const part = bytes.subarray(from, from + length)
    if (isAscii(part)) return part.toString('latin1')
    if (!isUtf8(part)) throw new MalformedPayload('a text is not UTF-8')
    return part.toString()
  }

  #binary(length: number): Uint8Array {
    const from = this.#skip(length)
    return new Uint8Array(this.#bytes.subarray(from, from + length))
  }

  #array(length: number, depth: number): unknown[] {
    this.#check(length, depth)
    const items: unknown[] = []
    for (let i = 0; i < length; i++) items.push(this.value(depth + 1))
    return items
  }

  #map(size: number, depth: number): Record<string, unknown> {
    this.#check(size, depth)
    const map: Record<string, unknown> = {}
    for (let i = 0; i < size; i++) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string' || key === '__proto__') throw new MalformedPayload('a key of a map is not usable')
      map[key] = this.value(depth + 1)
    }
    return map
  }

  /** The standard extension -1, in its three sizes. */
  #timestamp(length: number): Date {
    if (this.#byte() !== 0xff) throw new MalformedPayload('extensions are not allowed')
    if (length === 4) return new Date(this.#uint(4) * 1000)
    if (length === 8) {
      const high = this.#uint(4)
      const seconds = (high & 3) * 0x1_0000_0000 + this.#uint(4)
      return new Date(seconds * 1000 + (high >>> 2) / 1e6)
    }
    if (length !== 12) throw new MalformedPayload('a time stamp has a wrong length')
    const nanoseconds = this.#uint(4)
    const seconds = (this.#uint(4) | 0) * 0x1_0000_0000 + this.#uint(4)
    return new Date(seconds * 1000 + nanoseconds / 1e6)
  }

  /** A length that the frame cannot hold is a lie that must not become an allocation. */
  #check(length: number, depth: number): void {
    if (length > this.#bytes.length - this.#at) throw new MalformedPayload('it ends early')
    if (depth >= DEPTH_MAX) throw new MalformedPayload('it is nested too deeply')
  }

  #skip(length: number): number {
    const from = this.#at
    if (length > this.#bytes.length - from) throw new MalformedPayload('it ends early')
    this.#at = from + length
    return from
  }
}

/** No input needs more; unbounded recursion would end in a stack overflow. */
const DEPTH_MAX = 16

export class MalformedPayload extends Error {}
