import type { SectorGraph } from '../sector-graph.js'
import { hopsFrom } from '../traversal.js'
import type { EscapeHatch } from '../universe.js'
import { planDeadEnd } from './dead-end.js'
import type { Site } from './site.js'

/** From the source to the hatch by any other way, at least. */
const SURPRISE_HOPS = 8

/** A dead end that a one-way warp from far away leads into. */
export function planEscapeHatch(site: Site): EscapeHatch | undefined {
  const { graph, prng } = site
  const deadEnd = planDeadEnd(site)
  if (deadEnd === undefined) return undefined
  const { anchor, interior, parent, name } = deadEnd
  const hops = hopsFrom(graph, [anchor])
  const far = site.roomy.filter((sector) => (hops[sector] as number) >= SURPRISE_HOPS)
  if (far.length === 0) return undefined
  const source = prng.pick(far)
  graph.add(source, anchor)
  return { kind: 'escape_hatch', name, anchor, interior, parent, source }
}

/** An escape hatch: a dead end but for one one-way warp into it, whose source is far away by any other way. */
export function escapeHatchFaults(graph: SectorGraph, { anchor, parent, source }: EscapeHatch): string[] {
  const faults: string[] = []
  const others = graph.neighbours(anchor).filter((sector) => sector !== parent && sector !== source)
  if (others.length > 0) faults.push(`is joined to ${others.join(', ')} besides its parent and its source`)
  if (!graph.isTwoWay(anchor, parent)) faults.push(`is not joined to its parent ${parent} both ways`)
  if (!graph.leads(source, anchor)) faults.push(`cannot be entered from its source ${source}`)
  if (graph.leads(anchor, source)) faults.push(`leads back to its source ${source}`)
  // By any other way means through the parent.
  const hops = 1 + (hopsFrom(graph, [parent], { limit: SURPRISE_HOPS, avoiding: [anchor] })[source] as number)
  if (hops < SURPRISE_HOPS) faults.push(`is only ${hops} hops from its source ${source} by another way`)
  return faults
}
