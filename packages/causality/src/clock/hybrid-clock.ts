// Hybrid logical clocks: Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks", OPODIS 2014.
import { assert, type Clock, TerraneError } from '@terrane/core'
import { malformed } from './counts.js'

/** A moment: close to physical time, and greater than every moment that it can have been caused by. */
export interface HybridTime {
  /** The latest physical time known, in ms since the epoch; below 2⁴⁸ (the year 10889). */
  readonly ms: number
  /** Tells events of one ms apart; below 2¹⁶. */
  readonly count: number
}

const COUNT_BITS = 16
const COUNT_LIMIT = 2 ** COUNT_BITS
const MS_LIMIT = 2 ** (64 - COUNT_BITS)

/**
 * The clock of one process. `l` of the paper is `ms`, `c` is `count`. Two rules are added. A moment too far ahead
 * of our own clock is refused, so that one wrong clock does not drag all others along. And when 65,536 events share
 * a ms, the next one takes the following ms: order is kept, at the price of running ahead by that much.
 */
export class HybridClock {
  readonly #clock: Clock
  readonly #driftMsMax: number
  #ms = 0
  #count = 0

  /** `last`: where a restart goes on, at least the last moment that anybody saw. */
  constructor(clock: Clock, options: { driftMsMax: number; last?: HybridTime }) {
    this.#clock = clock
    this.#driftMsMax = options.driftMsMax
    if (options.last !== undefined) {
      this.#ms = options.last.ms
      this.#count = options.last.count
    }
  }

  /** The moment of a local event, or of sending. Greater than every moment before. */
  send(): HybridTime {
    const now = Math.floor(this.#clock.now())
    return this.#become(Math.max(this.#ms, now), now <= this.#ms ? this.#count + 1 : 0)
  }

  /**
   * The moment of receiving something sent at `remote`: greater than that and than every moment here before.
   * Fails with `clock_drift` when `remote` is further ahead of this machine's clock than `driftMsMax`.
   */
  receive(remote: HybridTime): HybridTime {
    const now = Math.floor(this.#clock.now())
    const aheadMs = remote.ms - now
    if (aheadMs > this.#driftMsMax) {
      throw new TerraneError(
        'clock_drift',
        `A message comes from ${aheadMs} ms in the future; ${this.#driftMsMax} ms are tolerated.`,
        { retry: 'later', hint: 'Let both machines follow the same time servers (NTP), then send it again.' },
      )
    }
    const ms = Math.max(this.#ms, remote.ms, now)
    const ours = ms === this.#ms ? this.#count : -1
    const theirs = ms === remote.ms ? remote.count : -1
    return this.#become(ms, Math.max(ours, theirs) + 1)
  }

  /** The last moment given out: what a restart must go on from. */
  get last(): HybridTime {
    return { ms: this.#ms, count: this.#count }
  }

  #become(ms: number, count: number): HybridTime {
    const isFull = count >= COUNT_LIMIT
    this.#ms = isFull ? ms + 1 : ms
    this.#count = isFull ? 0 : count
    return this.last
  }
}

/** Negative when `a` is earlier, 0 when equal, positive when later. */
export function compareHybrid(a: HybridTime, b: HybridTime): number {
  return a.ms - b.ms || a.count - b.count
}

/** One 64-bit value that sorts as the moments do: 48 bits of ms, 16 bits of count. */
export function encodeHybrid({ ms, count }: HybridTime): bigint {
  assert(isBelow(ms, MS_LIMIT) && isBelow(count, COUNT_LIMIT), `${ms}.${count} is no hybrid time`)
  return (BigInt(ms) << BigInt(COUNT_BITS)) | BigInt(count)
}

export function decodeHybrid(value: bigint): HybridTime {
  if (value < 0n || value >= 1n << 64n) throw malformed(`${value} does not fit in 64 bits`)
  return { ms: Number(value >> BigInt(COUNT_BITS)), count: Number(value & BigInt(COUNT_LIMIT - 1)) }
}

function isBelow(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < limit
}
