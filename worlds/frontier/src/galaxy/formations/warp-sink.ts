import type { SectorGraph } from '../sector-graph.js'
import type { WarpSink } from '../universe.js'
import { bypass, detach } from './rewire.js'
import type { Site } from './site.js'

const ENTRIES_MAX = 3

/** A sector that loses every way out. */
export function planWarpSink(site: Site): WarpSink | undefined {
  const { graph, prng } = site
  const sector = site.pickRoomy()
  if (sector === undefined) return undefined
  const neighbours = graph.neighbours(sector)
  const entries = prng.shuffle([...neighbours]).slice(0, prng.between(1, ENTRIES_MAX))
  detach(graph, [sector], (_, outside) => entries.includes(outside))
  for (const entry of entries) {
    graph.remove(sector, entry)
    graph.add(entry, sector)
  }
  bypass(graph, neighbours)
  if (entries.length === 0) return undefined
  return { kind: 'warp_sink', name: site.name(), anchor: sector, interior: [], entries: entries.sort((a, b) => a - b) }
}

/** A warp sink: entered from its entries, left to nowhere. */
export function warpSinkFaults(graph: SectorGraph, { anchor, entries }: WarpSink): string[] {
  const faults: string[] = []
  const exits = graph.exits(anchor)
  if (exits.length > 0) faults.push(`has a way out to ${exits.join(', ')}`)
  if (entries.length === 0) faults.push('has no entry')
  for (const entry of entries) if (!graph.leads(entry, anchor)) faults.push(`cannot be entered from ${entry}`)
  const others = graph.entries(anchor).filter((sector) => !entries.includes(sector))
  if (others.length > 0) faults.push(`can be entered from ${others.join(', ')} too`)
  return faults
}
