import type { SectorGraph } from '../sector-graph.js'
import { hopsFrom } from '../traversal.js'
import type { Backdoor, Bubble, Formation } from '../universe.js'
import type { Site } from './site.js'

/** From the entry to the bubble's gateway, at least; a shorter way round would not be one. */
const BYPASS_HOPS = 3
/** At most, when it is made, so that the entry is in the neighbourhood. */
const ENTRY_HOPS_MAX = 14

/** A one-way warp into the bubble from somewhere around it. The site counts the bubble's neighbourhood as free. */
export function planBackdoor(site: Site, bubble: Bubble): Backdoor | undefined {
  const { graph, prng } = site
  const hops = hopsFrom(graph, [bubble.anchor], { limit: ENTRY_HOPS_MAX, avoiding: bubble.interior })
  const taken = site.formations.filter((other) => isBackdoorOf(other, bubble)).map(({ anchor }) => anchor)
  const entries = site.roomy.filter((sector) => {
    const away = hops[sector] as number
    return away >= BYPASS_HOPS && away <= ENTRY_HOPS_MAX && !taken.includes(sector)
  })
  if (entries.length === 0) return undefined
  const entry = prng.pick(entries)
  const into = prng.pick(bubble.interior)
  graph.add(entry, into)
  return { kind: 'backdoor', name: site.name(), anchor: entry, interior: [], target: bubble.name, into }
}

export function isBackdoorOf(formation: Formation, bubble: Formation): boolean {
  return formation.kind === 'backdoor' && formation.target === bubble.name
}

/** A backdoor: a one-way warp from outside into a bubble's interior, far enough from its gateway. */
export function backdoorFaults(graph: SectorGraph, backdoor: Backdoor, formations: readonly Formation[]): string[] {
  const { anchor: entry, into, target } = backdoor
  const bubble = formations.find(({ name }) => name === target)
  if (bubble?.kind !== 'bubble' && bubble?.kind !== 'dead_end_bubble')
    return [`leads into "${target}", which is no bubble`]
  const faults: string[] = []
  if (!bubble.interior.includes(into)) faults.push(`leads to ${into}, which is not inside "${target}"`)
  if (bubble.interior.includes(entry)) faults.push(`begins inside "${target}"`)
  if (!graph.leads(entry, into)) faults.push(`does not lead from ${entry} to ${into}`)
  if (graph.leads(into, entry)) faults.push(`leads back from ${into} to ${entry}`)
  const hops = hopsFrom(graph, [bubble.anchor], { limit: BYPASS_HOPS, avoiding: bubble.interior })[entry] as number
  if (hops < BYPASS_HOPS) faults.push(`is only ${hops} hops from the gateway of "${target}"`)
  return faults
}
