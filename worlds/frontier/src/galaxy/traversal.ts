import type { SectorGraph } from './sector-graph.js'

/**
 * Marks, by number, the sectors that can be reached from `start` along arcs, or against them.
 * @param within the only sectors that a way may lead through; all by default
 */
export function reached(
  graph: SectorGraph,
  start: number,
  direction: 'along' | 'against',
  within?: readonly number[],
): Uint8Array {
  const seen = new Uint8Array(graph.size + 1)
  const queue = [start]
  seen[start] = 1
  for (const sector of queue) {
    const next = direction === 'along' ? graph.exits(sector) : graph.entries(sector)
    graph.operations += next.length
    for (const other of next) {
      if (seen[other] === 1 || within?.includes(other) === false) continue
      seen[other] = 1
      queue.push(other)
    }
  }
  return seen
}

/** Hops to a sector that none of the sources reaches within the limit. */
export const UNREACHED = 0x7fff_ffff

export interface HopOptions {
  /** Farther than this is `UNREACHED`. */
  readonly limit?: number
  /** Sectors that no way leads through. */
  readonly avoiding?: readonly number[]
}

/** Hops from the nearest source to every sector, by number, in whatever direction the arcs lead. */
export function hopsFrom(graph: SectorGraph, sources: Iterable<number>, options: HopOptions = {}): Int32Array {
  const { limit = UNREACHED, avoiding = [] } = options
  const hops = new Int32Array(graph.size + 1).fill(UNREACHED)
  const queue: number[] = []
  for (const source of sources) {
    hops[source] = 0
    queue.push(source)
  }
  const avoided = new Set(avoiding)
  for (const sector of queue) {
    const next = (hops[sector] as number) + 1
    if (next > limit) break
    for (const list of [graph.exits(sector), graph.entries(sector)]) {
      graph.operations += list.length
      for (const other of list) {
        if (hops[other] !== UNREACHED || avoided.has(other)) continue
        hops[other] = next
        queue.push(other)
      }
    }
  }
  return hops
}
