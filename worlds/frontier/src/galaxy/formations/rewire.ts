import type { SectorGraph } from '../sector-graph.js'

/**
 * Cuts sectors off from everything else but the edges to keep. Who has lost an edge is joined to the next
 * who has, so that the ways around stay about as many as the ways through were.
 */
export function detach(
  graph: SectorGraph,
  sectors: readonly number[],
  keeps: (inside: number, outside: number) => boolean,
): void {
  const rim: number[] = []
  for (const inside of sectors) {
    for (const outside of graph.neighbours(inside)) {
      if (sectors.includes(outside) || keeps(inside, outside)) continue
      graph.unlink(inside, outside)
      if (!rim.includes(outside)) rim.push(outside)
    }
  }
  bypass(graph, rim)
}

/** Numbers follow space, so neighbours in their order are near each other. */
export function bypass(graph: SectorGraph, rim: readonly number[]): void {
  const sorted = rim.toSorted((a, b) => a - b)
  for (const [index, sector] of sorted.entries()) {
    const next = sorted[index + 1]
    if (next !== undefined && !graph.joins(sector, next)) graph.link(sector, next)
  }
}

/** Leaves the sectors between the ends of a path, each of which is next to the one before, no other edge than the path. */
export function isolatePath(graph: SectorGraph, path: readonly number[]): void {
  const isStep = (a: number, b: number) => path.some((sector, i) => i > 0 && isPair(path[i - 1], sector, a, b))
  const inside = path.slice(1, -1)
  for (const a of inside) for (const b of inside) if (a < b && !isStep(a, b)) graph.unlink(a, b)
  detach(graph, inside, isStep)
  for (const [index, sector] of path.entries()) {
    const next = path[index + 1]
    if (next !== undefined) graph.link(sector, next)
  }
}

function isPair(a: number | undefined, b: number, c: number, d: number): boolean {
  return (a === c && b === d) || (a === d && b === c)
}

/** Makes every edge within the group two-way. */
export function openWithin(graph: SectorGraph, group: readonly number[]): void {
  for (const a of group) for (const b of group) if (a < b && graph.joins(a, b)) graph.link(a, b)
}

/** Number of edges within the group. */
export function edgesWithin(graph: SectorGraph, group: readonly number[]): number {
  let count = 0
  for (const a of group) for (const b of group) if (a < b && graph.joins(a, b)) count++
  return count
}
