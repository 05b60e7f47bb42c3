import type { SectorGraph } from '../sector-graph.js'
import type { Blister } from '../universe.js'
import { isolatePath } from './rewire.js'
import type { Site } from './site.js'

/** Sectors of the loop besides the pivot. */
const SIZE_MIN = 2
const SIZE_MAX = 4

/** A way that is bent back to where it began. */
export function planBlister(site: Site): Blister | undefined {
  const { graph, prng } = site
  const pivot = site.pickRoomy()
  if (pivot === undefined) return undefined
  const path = site.walk(pivot, prng.between(SIZE_MIN, SIZE_MAX))
  if (path === undefined) return undefined
  isolatePath(graph, [...path, pivot])
  return { kind: 'blister', name: site.name(), anchor: pivot, interior: path.slice(1) }
}

/** A blister: the interior is one loop from the pivot back to it, both ways round, and joined to nothing else. */
export function blisterFaults(graph: SectorGraph, { anchor: pivot, interior }: Blister): string[] {
  const faults: string[] = []
  if (interior.length < SIZE_MIN) faults.push(`has ${interior.length} sectors besides its pivot: that is no loop`)
  for (const [index, sector] of interior.entries()) {
    for (const next of [interior[index - 1] ?? pivot, interior[index + 1] ?? pivot]) {
      if (!graph.isTwoWay(sector, next)) faults.push(`${sector} and ${next} are not joined both ways`)
    }
    const degree = graph.neighbours(sector).length
    if (degree !== 2) faults.push(`${sector} has ${degree} neighbours instead of two`)
  }
  return faults
}
