import type { SectorGraph } from '../sector-graph.js'
import type { Tunnel } from '../universe.js'
import { isolatePath } from './rewire.js'
import type { Site } from './site.js'

/** Sectors between the mouths. */
const LENGTH_MIN = 3
const LENGTH_MAX = 5
const ONE_WAY_SHARE = 0.2

/** A way through the region that keeps no edge but its own. */
export function planTunnel(site: Site): Tunnel | undefined {
  const { graph, prng } = site
  const mouth = site.pickRoomy()
  if (mouth === undefined) return undefined
  const path = site.walk(mouth, prng.between(LENGTH_MIN, LENGTH_MAX) + 1)
  const farMouth = path?.at(-1)
  if (path === undefined || farMouth === undefined) return undefined
  isolatePath(graph, path)
  const oneWay = prng.chance(ONE_WAY_SHARE)
  if (oneWay) for (const [from, to] of steps(path)) graph.remove(to, from)
  return { kind: 'tunnel', name: site.name(), anchor: mouth, interior: path.slice(1, -1), farMouth, oneWay }
}

/** A tunnel: every sector between the two mouths has exactly two neighbours, those before and behind it. */
export function tunnelFaults(graph: SectorGraph, tunnel: Tunnel): string[] {
  const { anchor, interior, farMouth, oneWay } = tunnel
  const faults: string[] = []
  if (anchor === farMouth) faults.push('has one mouth instead of two')
  for (const [from, to] of steps([anchor, ...interior, farMouth])) {
    if (!graph.leads(from, to)) faults.push(`does not lead from ${from} to ${to}`)
    if (graph.leads(to, from) === oneWay)
      faults.push(`${oneWay ? 'leads' : 'does not lead'} back from ${to} to ${from}`)
  }
  for (const sector of interior) {
    const degree = graph.neighbours(sector).length
    if (degree !== 2) faults.push(`${sector} has ${degree} neighbours instead of two`)
  }
  return faults
}

function steps(path: readonly number[]): [number, number][] {
  return path.slice(1).map((sector, index) => [path[index] as number, sector])
}
