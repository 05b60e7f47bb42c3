import type { SectorGraph } from '../sector-graph.js'
import { reached } from '../traversal.js'
import type { Bubble, Formation } from '../universe.js'
import { detach, edgesWithin, openWithin } from './rewire.js'
import type { Site } from './site.js'

const SIZE_MIN = 4
const SIZE_MAX = 8

/** A connected group that keeps only its edges to one neighbour, the gateway. */
export function planBubble(site: Site, kind: Bubble['kind']): Bubble | undefined {
  const { graph, prng } = site
  const gateway = site.pickRoomy()
  if (gateway === undefined) return undefined
  const doors = graph.neighbours(gateway).filter((sector) => site.isRoomy(sector))
  if (doors.length === 0) return undefined
  const interior = site.grow(prng.pick(doors), prng.between(SIZE_MIN, SIZE_MAX), gateway)
  if (interior.length < SIZE_MIN) return undefined
  detach(graph, interior, (_, outside) => outside === gateway)
  const group = [gateway, ...interior]
  openWithin(graph, group)
  if (kind === 'dead_end_bubble') pruneToTree(graph, group)
  else if (edgesWithin(graph, group) === interior.length) closeLoop(graph, interior)
  return { kind, name: site.name(), anchor: gateway, interior: interior.sort((a, b) => a - b) }
}

/** Keeps a breadth-first tree from the first sector of the group. */
function pruneToTree(graph: SectorGraph, group: readonly number[]): void {
  const tree = group.slice(0, 1)
  for (const sector of tree) {
    for (const other of graph.neighbours(sector)) {
      if (group.includes(other) && !tree.includes(other)) tree.push(other)
      else if (group.includes(other) && tree.indexOf(other) > tree.indexOf(sector)) graph.unlink(sector, other)
    }
  }
}

/** Four sectors or more that form a tree have two that are not joined. */
function closeLoop(graph: SectorGraph, interior: readonly number[]): void {
  for (const a of interior) {
    const b = interior.find((other) => other !== a && !graph.joins(a, other))
    if (b === undefined) continue
    graph.link(a, b)
    return
  }
}

/**
 * A bubble: the only edges across its border are those of the gateway, and one-way backdoors into it; from
 * the gateway one can get to every interior sector and back. A bubble has a loop, a dead-end bubble has none.
 */
export function bubbleFaults(graph: SectorGraph, bubble: Bubble, formations: readonly Formation[]): string[] {
  const { anchor: gateway, interior, kind } = bubble
  const faults: string[] = []
  const isBackdoor = (from: number, to: number) =>
    formations.some((other) => other.kind === 'backdoor' && other.anchor === from && other.into === to)
  for (const inside of interior) {
    for (const outside of graph.neighbours(inside)) {
      if (outside === gateway || interior.includes(outside)) continue
      if (graph.leads(inside, outside)) faults.push(`leaks from ${inside} to ${outside}`)
      else if (!isBackdoor(outside, inside)) faults.push(`can be entered from ${outside} to ${inside}`)
    }
  }
  const group = [gateway, ...interior]
  for (const direction of ['along', 'against'] as const) {
    const seen = reached(graph, gateway, direction, group)
    const missed = interior.filter((sector) => seen[sector] === 0)
    if (missed.length > 0) {
      faults.push(
        `${missed.join(', ')} ${direction === 'along' ? 'cannot be reached from' : 'cannot reach'} its gateway`,
      )
    }
  }
  const hasLoop = edgesWithin(graph, group) > interior.length
  if (hasLoop !== (kind === 'bubble')) faults.push(hasLoop ? 'has a loop' : 'has no loop')
  return faults
}
