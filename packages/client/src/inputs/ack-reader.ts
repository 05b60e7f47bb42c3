import { unpack } from '@terrane/protocol'

export interface Ack {
  applied: number
  durable: number
  /** Flat: seq, OUTCOME_RESULT or OUTCOME_REJECTED, value. */
  outcomes: readonly unknown[]
}

const NONE: readonly unknown[] = []

/**
 * Reads [applied, durable, outcomes]. Nearly all acks have no outcomes, and then this reads the two
 * numbers itself: a general decoder sets itself up for each payload, which costs ten times as much.
 */
export class AckReader {
  #at = 0
  /** Taken over by the next `read`. */
  readonly #ack: Ack = { applied: 0, durable: 0, outcomes: NONE }

  /** @throws TypeError when what begins at `at` is no ack. The result is valid until the next call. */
  read(bytes: Uint8Array, at: number): Ack {
    const ack = this.#ack
    this.#at = at + 1
    if (bytes[at] === 0x93) {
      ack.applied = this.#integer(bytes)
      ack.durable = this.#integer(bytes)
      ack.outcomes = NONE
      if (bytes[this.#at] === 0x90 && ack.applied >= 0 && ack.durable >= 0) return ack
    }
    const value = unpack(bytes.subarray(at))
    if (
      !Array.isArray(value) ||
      typeof value[0] !== 'number' ||
      typeof value[1] !== 'number' ||
      !Array.isArray(value[2])
    ) {
      throw new TypeError('an ack is not [applied, durable, outcomes]')
    }
    ack.applied = value[0]
    ack.durable = value[1]
    ack.outcomes = value[2]
    return ack
  }

  /** A whole number below 2³², or -1 for anything else, which the general decoder then reads. */
  #integer(bytes: Uint8Array): number {
    const tag = bytes[this.#at++] as number
    if (tag < 0x80) return tag
    const length = tag === 0xcc ? 1 : tag === 0xcd ? 2 : tag === 0xce ? 4 : 0
    if (length === 0 || this.#at + length > bytes.length) return -1
    let value = 0
    for (let i = 0; i < length; i++) value = value * 256 + (bytes[this.#at++] as number)
    return value
  }
}
