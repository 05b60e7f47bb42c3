import { unreachable } from '@terrane/core'
import { BUDGETED, type Budgeted, type Range, type SizeBand } from './budgets.js'
import { backdoorFaults, isBackdoorOf } from './formations/backdoor.js'
import { blisterFaults } from './formations/blister.js'
import { bubbleFaults } from './formations/bubble.js'
import { deadEndFaults } from './formations/dead-end.js'
import { escapeHatchFaults } from './formations/escape-hatch.js'
import { archipelagoFaults, isLost, lostFaults } from './formations/lost.js'
import { footprint } from './formations/site.js'
import { tunnelFaults } from './formations/tunnel.js'
import { warpSinkFaults } from './formations/warp-sink.js'
import type { SectorGraph } from './sector-graph.js'
import { hopsFrom, reached } from './traversal.js'
import type { Formation } from './universe.js'

/** What is judged: the graph as it is now. */
export interface Judged {
  readonly graph: SectorGraph
  readonly formations: readonly Formation[]
  readonly capital: number
  readonly band: SizeBand
}

/** Whether everything that must hold after every stamp does: all but the budgets. */
export function isSound(judged: Judged): boolean {
  return (
    reachabilityFaults(judged).length === 0 &&
    predicateFaults(judged).length === 0 &&
    spacingFaults(judged).length === 0
  )
}

/** Everything that is wrong with the region, for the final gate. */
export function regionFaults(judged: Judged): string[] {
  return [
    ...reachabilityFaults(judged),
    ...predicateFaults(judged),
    ...spacingFaults(judged),
    ...budgetFaults(judged.formations, judged.band),
  ]
}

/**
 * One strongly connected component. Declared exceptions: lost formations are no part of it, and warp sinks
 * are only led to. Escape hatches need no exception here: their way to the parent holds them in it.
 */
function reachabilityFaults({ graph, formations, capital }: Judged): string[] {
  const along = reached(graph, capital, 'along')
  const against = reached(graph, capital, 'against')
  const lost = new Set(formations.filter(isLost).flatMap(footprint))
  const sinks = new Set(formations.flatMap(({ kind, anchor }) => (kind === 'warp_sink' ? [anchor] : [])))
  const faults: string[] = []
  for (let sector = 1; sector <= graph.size; sector++) {
    if (lost.has(sector)) continue
    if (along[sector] === 0) faults.push(`sector ${sector} cannot be reached from the capital`)
    if (against[sector] === 0 && !sinks.has(sector)) faults.push(`sector ${sector} cannot reach the capital`)
  }
  return faults
}

/** What every formation has against its own predicate. */
function predicateFaults({ graph, formations }: Judged): string[] {
  return formations.flatMap((formation) =>
    faultsOf(graph, formation, formations).map((fault) => `${formation.kind} "${formation.name}" ${fault}`),
  )
}

function faultsOf(graph: SectorGraph, formation: Formation, formations: readonly Formation[]): string[] {
  switch (formation.kind) {
    case 'bubble':
    case 'dead_end_bubble':
      return bubbleFaults(graph, formation, formations)
    case 'tunnel':
      return tunnelFaults(graph, formation)
    case 'dead_end':
      return deadEndFaults(graph, formation)
    case 'blister':
      return blisterFaults(graph, formation)
    case 'escape_hatch':
      return escapeHatchFaults(graph, formation)
    case 'warp_sink':
      return warpSinkFaults(graph, formation)
    case 'backdoor':
      return backdoorFaults(graph, formation, formations)
    case 'lost_sector':
    case 'lost_cluster':
      return lostFaults(graph, formation)
    case 'archipelago':
      return archipelagoFaults(formation, formations)
    default:
      return unreachable(formation, 'formation')
  }
}

/**
 * Hops between the nearest sectors of two formations, in whatever direction the arcs lead. Exempt: a
 * backdoor and its bubble, and two backdoors of one bubble. Lost formations are at no distance.
 */
function spacingFaults({ graph, formations, band }: Judged): string[] {
  const faults: string[] = []
  const placed = formations.filter((formation) => !isLost(formation))
  for (const [index, formation] of placed.entries()) {
    const hops = hopsFrom(graph, footprint(formation), { limit: band.spacing - 1 })
    for (const other of placed.slice(index + 1)) {
      if (areExempt(formation, other)) continue
      const between = Math.min(...footprint(other).map((sector) => hops[sector] as number))
      if (between >= band.spacing) continue
      faults.push(`"${formation.name}" and "${other.name}" are ${between} hops apart, of at least ${band.spacing}`)
    }
  }
  return faults
}

function areExempt(a: Formation, b: Formation): boolean {
  if (isBackdoorOf(a, b) || isBackdoorOf(b, a)) return true
  return a.kind === 'backdoor' && b.kind === 'backdoor' && a.target === b.target
}

/** Where the numbers of formations are outside the budget. Lost formations count in the smallest band only. */
export function budgetFaults(formations: readonly Formation[], { name, budget }: SizeBand): string[] {
  const faults: string[] = []
  const judge = (what: string, count: number, [least, most]: Range) => {
    if (count < least) faults.push(`${count} ${what} of at least ${least} (${name} sectors)`)
    if (count > most) faults.push(`${count} ${what} of at most ${most} (${name} sectors)`)
  }
  if ('total' in budget) {
    judge('formations', formations.length, budget.total)
    return faults
  }
  for (const sort of BUDGETED) {
    judge(sort, formations.filter((formation) => sortOf(formation) === sort).length, budget[sort])
  }
  for (const bubble of formations.filter((formation) => sortOf(formation) === 'bubble')) {
    const backdoors = formations.filter((formation) => isBackdoorOf(formation, bubble)).length
    judge(`backdoor into "${bubble.name}"`, backdoors, budget.backdoor_per_bubble)
  }
  return faults
}

function sortOf({ kind }: Formation): Budgeted | undefined {
  return kind === 'dead_end_bubble' ? 'bubble' : BUDGETED.find((sort) => sort === kind)
}
