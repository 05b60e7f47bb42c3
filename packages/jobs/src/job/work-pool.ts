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

/**
 * The work of a job that nobody has. What was never given is not stored at all: it is the gaps between
 * what is `taken` (in flight, waiting for another attempt, or done). Only chunks that have failed are
 * kept one by one, because each has its own count of attempts.
 */
export class WorkPool {
  readonly #taken = new Map<number, RangeSet>()
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
  takeNew(phase: Phase, isSettled: (variant: number) => boolean, unitsMax: number): Chunk | undefined {
    const gap = this.#nextGap(phase, isSettled)
    if (gap === undefined) return undefined
    const to = Math.min(gap.to, gap.from + unitsMax)
    this.take(gap.variant, gap.from, to)
    return { variant: gap.variant, from: gap.from, to, attempt: 0 }
  }

  hasNew(phase: Phase, isSettled: (variant: number) => boolean): boolean {
    return this.#nextGap(phase, isSettled) !== undefined
  }

  /** A chunk that has failed, and may be tried again. */
  retry(chunk: Chunk, node: string, avoidUntil: number): void {
    this.#retries.push({ ...chunk, node, avoidUntil })
  }

  take(variant: number, from: number, to: number): void {
    let taken = this.#taken.get(variant)
    if (taken === undefined) {
      taken = new RangeSet()
      this.#taken.set(variant, taken)
    }
    taken.add(from, to)
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

  #nextGap(phase: Phase, isSettled: (variant: number) => boolean): (UnitRange & { variant: number }) | undefined {
    for (; this.#cursor < phase.variants.length; this.#cursor++) {
      const variant = phase.variants[this.#cursor] as number
      if (isSettled(variant)) continue
      const taken = this.#taken.get(variant)
      const gap = taken === undefined ? { from: 0, to: phase.units } : taken.firstGap(phase.units)
      if (gap !== undefined) return { variant, ...gap }
    }
    return undefined
  }
}
