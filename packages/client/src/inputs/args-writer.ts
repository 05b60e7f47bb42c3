import { TerraneError } from '@terrane/core'
import { clientError } from '../errors.js'

const SLAB_BYTES = 16 * 1024
/** As the server: deeper arguments would end the connection. */
const DEPTH_MAX = 16
/** Below this many characters a loop beats the call of TextEncoder, as long as they are ASCII. */
const LOOP_CHARACTERS = 32
const MS_PER_SECOND = 1_000
const NS_PER_MS = 1_000_000

const encoder = new TextEncoder()

/**
 * Packs the arguments of inputs, as MessagePack of exactly the kinds that a server reads: nil, booleans,
 * numbers, text, bytes, dates, arrays and plain objects. Anything else would end the connection, so it
 * is refused here. Members that are undefined are left out.
 *
 * The bytes stay where they are written, in slabs that live as long as an input that lies in them: a
 * view for each would cost more than the packing.
 */
export class ArgsWriter {
  /** The last arguments are `bytes[start … end)`. */
  bytes = new Uint8Array(SLAB_BYTES)
  start = 0
  end = 0
  readonly #bytesMax: number

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * An array in the order of `fields`, or a map when one in the middle is missing.
   * @throws TerraneError `invalid_args`, `input_too_large`
   */
  write(name: string, fields: readonly string[], args: unknown): void {
    this.start = this.end
    const named = (args ?? {}) as Record<string, unknown>
    let count = fields.length
    while (count > 0 && named[fields[count - 1] as string] === undefined) count--
    let whole = true
    for (let i = 0; i < count; i++) if (named[fields[i] as string] === undefined) whole = false
    try {
      if (!whole) this.#map(named, fields, 1)
      else {
        this.#head(0x90, 16, 0xdc, count)
        for (let i = 0; i < count; i++) this.#value(named[fields[i] as string], 1)
      }
    } catch (thrown) {
      this.end = this.start
      throw thrown instanceof TerraneError
        ? new TerraneError(thrown.code, `${name}: ${thrown.message}`, { retry: thrown.retry })
        : thrown
    }
  }

  #value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        this.#number(value)
        return
      case 'string':
        this.#text(value)
        return
      case 'boolean':
        this.#byte(value ? 0xc3 : 0xc2)
        return
      case 'undefined':
        this.#byte(0xc0)
        return
      case 'object':
        if (value === null) this.#byte(0xc0)
        else this.#object(value, depth)
        return
      default:
        throw invalid(`a ${typeof value} cannot be sent`)
    }
  }

  #object(value: object, depth: number): void {
    if (depth >= DEPTH_MAX) throw invalid(`arguments may not be nested deeper than ${DEPTH_MAX}`)
    if (Array.isArray(value)) {
      this.#head(0x90, 16, 0xdc, value.length)
      for (const item of value as unknown[]) this.#value(item, depth + 1)
    } else if (value instanceof Uint8Array) {
      this.#head(0xc4, 0, 0xc5, value.length)
      this.#raw(value)
    } else if (value instanceof Date) {
      this.#date(value)
    } else {
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) {
        throw invalid(`a ${(value as object).constructor?.name} cannot be sent`)
      }
      this.#map(value as Record<string, unknown>, Object.keys(value), depth)
    }
  }

  #map(named: Record<string, unknown>, keys: readonly string[], depth: number): void {
    let count = 0
    for (const key of keys) if (named[key] !== undefined) count++
    this.#head(0x80, 16, 0xde, count)
    for (const key of keys) {
      const value = named[key]
      if (value === undefined) continue
      if (key === '__proto__') throw invalid('a member may not be called __proto__')
      this.#text(key)
      this.#value(value, depth + 1)
    }
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || value < -0x8000_0000) {
      this.#float(value)
    } else if (value >= 0) {
      if (value < 0x80) this.#byte(value)
      else if (value < 0x1_0000) this.#tagged(0xcd, value, 2)
      else if (value < 0x1_0000_0000) this.#tagged(0xce, value, 4)
      else this.#float(value)
    } else if (value >= -32) this.#byte(value + 0x100)
    else this.#tagged(0xd2, value >>> 0, 4)
  }

  #float(value: number): void {
    this.#ensure(9)
    this.bytes[this.end] = 0xcb
    new DataView(this.bytes.buffer).setFloat64(this.end + 1, value)
    this.end += 9
  }

  #text(text: string): void {
    const length = text.length
    if (length < LOOP_CHARACTERS) {
      this.#ensure(length + 1)
      const { bytes } = this
      const from = this.end + 1
      let i = 0
      for (; i < length; i++) {
        const code = text.charCodeAt(i)
        if (code >= 0x80) break
        bytes[from + i] = code
      }
      if (i === length) {
        bytes[this.end] = 0xa0 | length
        this.end = from + length
        return
      }
    }
    const encoded = encoder.encode(text)
    if (encoded.length < 32) this.#byte(0xa0 | encoded.length)
    else this.#head(0xd9, 0, 0xda, encoded.length)
    this.#raw(encoded)
  }

  /** The standard extension -1: 64 bits for times from 1970 to 2514, else 96. */
  #date(date: Date): void {
    const ms = date.getTime()
    if (Number.isNaN(ms)) throw invalid('an invalid date cannot be sent')
    const seconds = Math.floor(ms / MS_PER_SECOND)
    const nanoseconds = (ms - seconds * MS_PER_SECOND) * NS_PER_MS
    if (seconds >= 0 && seconds < 2 ** 34) {
      this.#byte(0xd7)
      this.#byte(0xff)
      this.#uint(nanoseconds * 4 + Math.floor(seconds / 0x1_0000_0000), 4)
    } else {
      this.#tagged(0xc7, 12, 1)
      this.#byte(0xff)
      this.#uint(nanoseconds, 4)
      this.#uint(Math.floor(seconds / 0x1_0000_0000) >>> 0, 4)
    }
    this.#uint(seconds >>> 0, 4)
  }

  /** A length, in the tag itself below `short`, else in two or four bytes after the tags from `long` on. */
  #head(tag: number, short: number, long: number, length: number): void {
    if (length < short) this.#byte(tag | length)
    else if (length < 0x1_0000) this.#tagged(long, length, 2)
    else this.#tagged(long + 1, length, 4)
  }

  #tagged(tag: number, value: number, size: 1 | 2 | 4): void {
    this.#byte(tag)
    this.#uint(value, size)
  }

  #uint(value: number, size: 1 | 2 | 4): void {
    this.#ensure(size)
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) this.bytes[this.end++] = value >>> shift
  }

  #byte(value: number): void {
    this.#ensure(1)
    this.bytes[this.end++] = value
  }

  #raw(from: Uint8Array): void {
    this.#ensure(from.length)
    this.bytes.set(from, this.end)
    this.end += from.length
  }

  /** Moves what is begun to a new slab when this one is full. */
  #ensure(size: number): void {
    const length = this.end - this.start + size
    if (length > this.#bytesMax) throw clientError('input_too_large', `more than ${this.#bytesMax} bytes`)
    if (this.end + size <= this.bytes.length) return
    const slab = new Uint8Array(Math.max(SLAB_BYTES, length * 2))
    slab.set(this.bytes.subarray(this.start, this.end))
    this.end -= this.start
    this.start = 0
    this.bytes = slab
  }
}

function invalid(message: string): TerraneError {
  return new TerraneError('invalid_args', message)
}
