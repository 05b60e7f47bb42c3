import type { RegionFile } from '../galaxy-check/schema.js'

/** Share of the greatest distance from the capital that a landing lies away from it at least. */
const FAR_SHARE = 0.6

/**
 * Where a region's warp to the Nexus begins: far from the capital, so that new players meet travellers late. Of the
 * sectors at 60 % of the greatest distance or more, in hops along edges of any direction: rather one in no formation,
 * then one with no station, planet or special type, then the farthest, then the first by position.
 */
export function landingOf(region: RegionFile): number {
  const hops = hopsFrom(region, region.capital)
  const farthest = Math.max(...hops)
  const stamped = new Set(region.formations.flatMap(({ anchor, interior }) => [anchor, ...interior]))
  const settled = new Set([...region.stations, ...region.planets].map(({ sector }) => sector))
  const candidates = region.sectors.filter(({ number }) => (hops[number] as number) >= FAR_SHARE * farthest)
  const rankOf = ({ number, type, position }: RegionFile['sectors'][number]) => [
    Number(stamped.has(number)),
    Number(settled.has(number) || type !== 'standard'),
    -(hops[number] as number),
    ...position,
  ]
  const ranked = candidates.map((sector) => ({ number: sector.number, rank: rankOf(sector) }))
  return ranked.reduce((best, one) => (isBefore(one.rank, best.rank) ? one : best)).number
}

/** By sector number; -1 for those to which no edges lead. */
function hopsFrom({ sectors, warps, tunnels }: RegionFile, start: number): number[] {
  const neighbours: number[][] = Array.from({ length: sectors.length + 1 }, () => [])
  for (const { from, to } of [...warps, ...tunnels]) {
    neighbours[from]?.push(to)
    neighbours[to]?.push(from)
  }
  const hops = new Array<number>(sectors.length + 1).fill(-1)
  hops[start] = 0
  const queue = [start]
  for (const sector of queue) {
    for (const next of neighbours[sector] ?? []) {
      if (hops[next] !== -1) continue
      hops[next] = (hops[sector] as number) + 1
      queue.push(next)
    }
  }
  return hops
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const differing = a.findIndex((value, index) => value !== b[index])
  return differing !== -1 && (a[differing] as number) < (b[differing] as number)
}
