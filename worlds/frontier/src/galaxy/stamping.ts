import type { Changes, SectorGraph } from './sector-graph.js'

/** Something that is wanted, wherever there is room for it. */
export interface Wish<T> {
  readonly what: string
  /** Changes the graph and says what has been made; undefined when there is no room, whatever it changed. */
  plan(): T | undefined
}

export interface StampingFigures {
  /** Checks of the whole region. */
  checks: number
  /** Stamps that a check found to break something. */
  rolledBack: number
  /** Wishes that nothing came of, by what they were. */
  readonly abandoned: string[]
}

export interface Stamping<T> {
  readonly graph: SectorGraph
  /** What is there; accepted stamps are added to it. */
  readonly made: T[]
  /** Stamps between two checks. */
  readonly batchSize: number
  readonly isValid: () => boolean
}

/** Places that are tried for one wish, each elsewhere, before it is given up. */
const TRIES_MAX = 24

interface Stamp<T> {
  readonly wish: Tried<T>
  readonly mark: number
  readonly thing: T
  changes: Changes
}

interface Tried<T> {
  readonly wish: Wish<T>
  tries: number
}

/**
 * Makes what is wished for, in order, and checks the region after every batch. A batch that breaks it is
 * bisected for the first stamp after which it is broken; that one is rolled back for good, and those behind
 * it, which were planned on top of it, are planned anew.
 */
export function stampAll<T>(stamping: Stamping<T>, wishes: readonly Wish<T>[]): StampingFigures {
  const { graph, made, batchSize } = stamping
  const figures: StampingFigures = { checks: 0, rolledBack: 0, abandoned: [] }
  const waiting: Tried<T>[] = wishes.map((wish) => ({ wish, tries: 0 })).reverse()
  const isValid = () => {
    figures.checks++
    return stamping.isValid()
  }
  while (waiting.length > 0) {
    const batch: Stamp<T>[] = []
    while (batch.length < batchSize) {
      const tried = waiting.pop()
      if (tried === undefined) break
      const stamp = attempt(graph, tried)
      if (stamp === undefined) {
        figures.abandoned.push(tried.wish.what)
        continue
      }
      batch.push(stamp)
      made.push(stamp.thing)
    }
    if (batch.length === 0 || isValid()) continue
    const kept = bisect(stamping, batch, isValid)
    figures.rolledBack++
    const [offender, ...behind] = batch.slice(kept).map((stamp) => stamp.wish)
    // Only the offender has had its try.
    for (const innocent of behind) innocent.tries--
    waiting.push(...behind.reverse(), ...(offender === undefined ? [] : [offender]))
  }
  return figures
}

function attempt<T>(graph: SectorGraph, tried: Tried<T>): Stamp<T> | undefined {
  while (tried.tries < TRIES_MAX) {
    tried.tries++
    const mark = graph.mark()
    const thing = tried.wish.plan()
    if (thing !== undefined) return { wish: tried, mark, thing, changes: [] }
    graph.undoTo(mark)
  }
  return undefined
}

/** Leaves the longest run of stamps, from the first on, that the bisection finds valid; returns its length. */
function bisect<T>({ graph, made }: Stamping<T>, batch: readonly Stamp<T>[], isValid: () => boolean): number {
  let applied = batch.length
  const goTo = (length: number) => {
    for (; applied > length; applied--) {
      const stamp = batch[applied - 1] as Stamp<T>
      stamp.changes = graph.undoTo(stamp.mark)
      made.pop()
    }
    for (; applied < length; applied++) {
      const stamp = batch[applied] as Stamp<T>
      graph.redo(stamp.changes)
      made.push(stamp.thing)
    }
  }
  let valid = 0
  let broken = batch.length
  while (broken - valid > 1) {
    const middle = (valid + broken) >> 1
    goTo(middle)
    if (isValid()) valid = middle
    else broken = middle
  }
  goTo(valid)
  return valid
}
