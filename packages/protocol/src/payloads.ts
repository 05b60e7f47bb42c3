import { Packr, Unpackr } from 'msgpackr'

/**
 * MessagePack as used for every binary payload: plain maps and arrays, no extensions but dates, so
 * that a client in another language can read it with any MessagePack library.
 */
const options = { useRecords: false, moreTypes: false } as const
const packr = new Packr(options)
const unpackr = new Unpackr({ ...options, int64AsType: 'number' })

export function pack(value: unknown): Uint8Array {
  return packr.pack(value)
}

/** Throws on malformed input. */
export function unpack(bytes: Uint8Array): unknown {
  return unpackr.unpack(bytes)
}

/** Reads concatenated values. Throws on malformed input. */
export function unpackEach(bytes: Uint8Array, visit: (value: unknown) => void): void {
  unpackr.unpackMultiple(bytes, visit)
}
