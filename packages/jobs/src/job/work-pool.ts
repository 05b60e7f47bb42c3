import { assert } from '@terrane/core'
import type { Phase } from '../strategies/strategy.js'
import { RangeSet, type UnitRange } from './range-set.js'

/** Units of a variant, and how often they were given and came to nothing. */
export interface Chunk extends UnitRange {
  readonly variant: number
  readonly attempt: number
}

interface Retry extends Chunk {
  /** The node that had it last gets it again only from then on. */
  readonly node: string
  readonly avoidUntil: number
}

/** Where a node goes on: behind the units that it was given last. */
interface Lane {
  variant: number
  next: number
}

/** A gap of so many chunks is shared between nodes; in a smaller one a node takes what comes first. */
const SHARED_GAP_CHUNKS = 4

/**
 * The work of a job that nobody has. What was never given is not stored at all: it is the gaps between
 * what is `taken` (in flight, waiting for another attempt, or done). Only chunks that have failed are
 * kept one by one, because each has its own count of attempts.
 *
 * Each node goes along a lane of its own, from the middle of the longest gap on. So what one node has computed is a few
 * long ranges, and what is kept of a job does not grow with the number of its chunks: a node begins a new lane only when
 * it meets another one's, each time in a gap half as long.
 */
export class WorkPool {
  readonly #taken = new Map<number, RangeSet>()
  readonly #lanes = new Map<string, Lane>()
  /** Of the last claim. The next is mostly of the same variant, and among many jobs a look-up is a cache miss. */
  #lastVariant = -1
  #lastTaken: RangeSet | undefined
  #retries: Retry[] = []
  /** Variants of the phase before this one have no gaps. */
  #cursor = 0

  /** How many chunks wait for another attempt. */
  get retries(): number {
    return this.#retries.length
  }

  /** A chunk that has failed elsewhere, at most so many units of it. */
  takeRetry(node: string, unitsMax: number, now: number): Chunk | undefined {
    const index = this.#retries.findIndex((retry) => retry.node !== node || now >= retry.avoidUntil)
    const retry = this.#retries[index]
    if (retry === undefined) return undefined
    const to = Math.min(retry.to, retry.from + unitsMax)
    if (to === retry.to) this.#retries.splice(index, 1)
    else this.#retries[index] = { ...retry, from: to }
    return { variant: retry.variant, from: retry.from, to, attempt: retry.attempt }
  }

  /** Units that were never given. */
  takeNew(node: string, phase: Phase, isSettled: (variant: number) => boolean, unitsMax: number): Chunk | undefined {
    const variant = this.#nextVariant(phase, isSettled)
    if (variant === undefined) return undefined
    const lane = this.#laneOf(node)
    const taken = this.#takenOf(variant)
    const gap = this.#gapFor(lane, taken, variant, phase.units, unitsMax)
    const to = Math.min(gap.to, gap.from + unitsMax)
    taken.add(gap.from, to)
    lane.variant = variant
    lane.next = to
    return { variant, from: gap.from, to, attempt: 0 }
  }

  hasNew(phase: Phase, isSettled: (variant: number) => boolean): boolean {
    return this.#nextVariant(phase, isSettled) !== undefined
  }

  /** A chunk that has failed, and may be tried again. */
  retry(chunk: Chunk, node: string, avoidUntil: number): void {
    this.#retries.push({ ...chunk, node, avoidUntil })
  }

  take(variant: number, from: number, to: number): void {
    this.#takenOf(variant).add(from, to)
  }

  /** Units as if they had never been given. */
  giveBack(variant: number, from: number, to: number): void {
    this.#taken.get(variant)?.remove(from, to)
    this.#cursor = 0
  }

  /** No further attempts at a variant. */
  dropRetriesOf(variant: number): void {
    for (const retry of this.#retries) if (retry.variant === variant) this.giveBack(variant, retry.from, retry.to)
    this.#retries = this.#retries.filter((retry) => retry.variant !== variant)
  }

  /** Another phase looks at other variants. */
  rewind(): void {
    this.#cursor = 0
  }

  /** The first variant of the phase that has gaps. */
  #nextVariant(phase: Phase, isSettled: (variant: number) => boolean): number | undefined {
    for (; this.#cursor < phase.variants.length; this.#cursor++) {
      const variant = phase.variants[this.#cursor] as number
      if (isSettled(variant)) continue
      const taken = this.#lastVariant === variant ? this.#lastTaken : this.#taken.get(variant)
      if (taken === undefined || taken.firstGap(phase.units) !== undefined) return variant
    }
    return undefined
  }

  #takenOf(variant: number): RangeSet {
    if (this.#lastVariant === variant && this.#lastTaken !== undefined) return this.#lastTaken
    let taken = this.#taken.get(variant)
    if (taken === undefined) {
      taken = new RangeSet()
      this.#taken.set(variant, taken)
    }
    this.#lastVariant = variant
    this.#lastTaken = taken
    return taken
  }

  #laneOf(node: string): Lane {
    let lane = this.#lanes.get(node)
    if (lane === undefined) {
      lane = { variant: -1, next: 0 }
      this.#lanes.set(node, lane)
    }
    return lane
  }

  /** Where a node goes on, or begins, in a variant that has gaps. */
  #gapFor(lane: Lane, taken: RangeSet, variant: number, units: number, unitsMax: number): UnitRange {
    const ahead = lane.variant === variant ? taken.gapAt(lane.next, units) : undefined
    if (ahead !== undefined) return ahead
    const gap = taken.longestGap(units)
    assert(gap !== undefined, `variant ${variant} has no gap`)
    const chunks = Math.floor((gap.to - gap.from) / unitsMax)
    if (chunks < SHARED_GAP_CHUNKS || gap.from === 0) return gap
    // Whoever is before the gap goes on in its first half. By whole chunks, so that none is cut in two.
    return { from: gap.from + Math.ceil(chunks / 2) * unitsMax, to: gap.to }
  }
}
