import type { SectorGraph } from '../sector-graph.js'
import type { Phase } from './phase.js'

/** Share of all warps that lead one way. */
const ONE_WAY_SHARE = 0.05

/**
 * Makes some warps one-way. Those of a spanning tree stay two-way, so every sector can still be reached from
 * every other, whichever of the rest are chosen.
 */
export const oneWayWarpsPhase: Phase = {
  number: 6,
  name: 'one-way warps',
  run: (draft) => {
    const prng = draft.random('one-way warps')
    const warps = draft.warps()
    const tree = spanningTree(draft.graph, draft.parameters.capital)
    const loose = warps.filter(({ from, to }) => tree[from] !== to && tree[to] !== from)
    const chosen = prng.shuffle(loose).slice(0, Math.round(warps.length * ONE_WAY_SHARE))
    for (const { from, to } of chosen) {
      if (prng.chance(0.5)) draft.graph.remove(from, to)
      else draft.graph.remove(to, from)
    }
    return draft.arcs()
  },
}

/** For every sector the one before it on a breadth-first way from the root. */
function spanningTree(graph: SectorGraph, root: number): Int32Array {
  const before = new Int32Array(graph.size + 1)
  before[root] = root
  const queue = [root]
  for (const sector of queue) {
    graph.operations += graph.exits(sector).length
    for (const next of graph.exits(sector)) {
      if (before[next] !== 0) continue
      before[next] = sector
      queue.push(next)
    }
  }
  return before
}
