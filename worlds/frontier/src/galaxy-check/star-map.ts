import type { RegionFile } from './schema.js'

/** The region's edges as sets: slow, plain, and nothing like what the generator works on. */
export interface StarMap {
  readonly exits: ReadonlyMap<number, ReadonlySet<number>>
  readonly entries: ReadonlyMap<number, ReadonlySet<number>>
  /** Exits and entries together. */
  readonly around: ReadonlyMap<number, ReadonlySet<number>>
}

export function starMapOf({ sectors, warps, tunnels }: RegionFile): StarMap {
  const empty = () => new Map(sectors.map(({ number }) => [number, new Set<number>()]))
  const map = { exits: empty(), entries: empty(), around: empty() }
  const lead = (from: number, to: number) => {
    map.exits.get(from)?.add(to)
    map.entries.get(to)?.add(from)
    map.around.get(from)?.add(to)
    map.around.get(to)?.add(from)
  }
  for (const { from, to, twoWay } of [...warps, ...tunnels]) {
    lead(from, to)
    if (twoWay) lead(to, from)
  }
  return map
}

export function leads(map: StarMap, from: number, to: number): boolean {
  return map.exits.get(from)?.has(to) === true
}

export function joinsBothWays(map: StarMap, a: number, b: number): boolean {
  return leads(map, a, b) && leads(map, b, a)
}

/** Hops to everything that can be reached, the start among it, by steps that are allowed. */
export function spread(
  ways: ReadonlyMap<number, ReadonlySet<number>>,
  starts: readonly number[],
  allows: (from: number, to: number) => boolean = () => true,
): Map<number, number> {
  const hops = new Map(starts.map((start) => [start, 0]))
  for (const [here, distance] of hops) {
    for (const next of ways.get(here) ?? []) {
      if (!hops.has(next) && allows(here, next)) hops.set(next, distance + 1)
    }
  }
  return hops
}
