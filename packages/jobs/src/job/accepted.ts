import type { ResultPort } from '../runtime/ports.js'
import { type Moments, mergeMoments } from '../statistics/moments.js'
import { RangeSet, type UnitRange } from './range-set.js'
import type { JobSnapshot, PartSnapshot } from './snapshot.js'

/** All that one node has contributed to a variant. */
interface Part<R> {
  result: R
  readonly ranges: RangeSet
}

interface Variant<R> {
  /** By node; `CONFIRMED` for what enough nodes agree on. Apart, so that a liar's part can be taken out. */
  readonly parts: Map<string, Part<R>>
  /** Units that need no more work: accepted or lost. */
  readonly done: RangeSet
  readonly lost: RangeSet
  moments: Moments | undefined
}

const CONFIRMED = ''

/** What a job has come to so far: by variant and node, merged. */
export class Accepted<R> {
  readonly #port: ResultPort<R>
  readonly #variants = new Map<number, Variant<R>>()

  constructor(port: ResultPort<R>) {
    this.#port = port
  }

  /** @param node whom to believe for it; undefined: enough nodes agree */
  add(node: string | undefined, variant: number, ranges: Iterable<UnitRange>, result: R): void {
    const of = this.#variant(variant)
    const key = node ?? CONFIRMED
    const part = of.parts.get(key)
    if (part === undefined) of.parts.set(key, { result, ranges: new RangeSet(ranges) })
    else {
      part.result = this.#port.merge(part.result, result)
      for (const { from, to } of ranges) part.ranges.add(from, to)
    }
    for (const { from, to } of ranges) of.done.add(from, to)
    const moments = this.#port.momentsOf(result)
    of.moments = of.moments === undefined ? moments : mergeMoments(of.moments, moments)
  }

  giveUp(variant: number, { from, to }: UnitRange): void {
    const of = this.#variant(variant)
    of.done.add(from, to)
    of.lost.add(from, to)
  }

  /** Takes out a node's parts; what they were of is open again. */
  discard(node: string): { readonly variant: number; readonly range: UnitRange }[] {
    const reopened: { variant: number; range: UnitRange }[] = []
    for (const [variant, of] of this.#variants) {
      const part = of.parts.get(node)
      if (part === undefined) continue
      of.parts.delete(node)
      for (const range of part.ranges) {
        of.done.remove(range.from, range.to)
        reopened.push({ variant, range })
      }
      const moments = [...of.parts.values()].map(({ result }) => this.#port.momentsOf(result))
      of.moments = moments.length === 0 ? undefined : moments.reduce(mergeMoments)
    }
    return reopened
  }

  /** Kept up with each result, so its last digits depend on the order in which results came. */
  momentsOf(variant: number): Moments | undefined {
    return this.#variants.get(variant)?.moments
  }

  /** Of all results merged: the same however the work was cut, if merging is exact. */
  finalMomentsOf(variant: number): Moments | undefined {
    const result = this.resultOf(variant)
    return result === undefined ? undefined : this.#port.momentsOf(result)
  }

  /** Units of a variant below the limit that are accepted or lost. */
  doneBelow(variant: number, limit: number): number {
    return this.#variants.get(variant)?.done.countBelow(limit) ?? 0
  }

  get units(): number {
    return this.#sum(({ done, lost }) => done.size - lost.size)
  }

  get unitsLost(): number {
    return this.#sum(({ lost }) => lost.size)
  }

  /** By variant, ascending. */
  results(): { readonly variant: number; readonly result: R }[] {
    return [...this.#variants.keys()]
      .sort((left, right) => left - right)
      .flatMap((variant) => {
        const result = this.resultOf(variant)
        return result === undefined ? [] : [{ variant, result }]
      })
  }

  /** All that was accepted of a variant, merged. */
  resultOf(variant: number): R | undefined {
    let merged: R | undefined
    for (const { result } of this.#variants.get(variant)?.parts.values() ?? []) {
      merged = merged === undefined ? result : this.#port.merge(merged, result)
    }
    return merged
  }

  snapshot(): Pick<JobSnapshot<R>, 'parts' | 'lost'> {
    const parts: PartSnapshot<R>[] = []
    const lost: { variant: number; ranges: UnitRange[] }[] = []
    for (const [variant, of] of this.#variants) {
      for (const [key, { result, ranges }] of of.parts) {
        parts.push({ node: key === CONFIRMED ? undefined : key, variant, ranges: [...ranges], result })
      }
      if (of.lost.size > 0) lost.push({ variant, ranges: [...of.lost] })
    }
    return { parts, lost }
  }

  #variant(number: number): Variant<R> {
    let variant = this.#variants.get(number)
    if (variant === undefined) {
      variant = { parts: new Map(), done: new RangeSet(), lost: new RangeSet(), moments: undefined }
      this.#variants.set(number, variant)
    }
    return variant
  }

  #sum(count: (variant: Variant<R>) => number): number {
    let sum = 0
    for (const variant of this.#variants.values()) sum += count(variant)
    return sum
  }
}
