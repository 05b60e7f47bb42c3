import { TerraneError } from '@terrane/core'

/** How many formations of a sort a region has: at least, at most. */
export type Range = readonly [least: number, most: number]

/** Sorts of formations that have a budget. Bubbles and dead-end bubbles share one. */
export const BUDGETED = ['bubble', 'tunnel', 'dead_end', 'blister', 'escape_hatch', 'warp_sink'] as const
export type Budgeted = (typeof BUDGETED)[number]

export interface SizeBand {
  readonly name: string
  /** Numbers of sectors, both included. */
  readonly sectors: Range
  /** Hops between any two formations, at least. */
  readonly spacing: number
  readonly budget: Budget
}

/** Of all sorts together (`total`), or sort by sort with a count of backdoors for each bubble. */
export type Budget =
  | { readonly total: Range }
  | (Readonly<Record<Budgeted, Range>> & { readonly backdoor_per_bubble: Range })

type Row = Exclude<Budget, { total: Range }>

/** Published: what the largest regions have. */
const TOP: Row = {
  bubble: [4, 5],
  tunnel: [3, 4],
  dead_end: [5, 6],
  blister: [2, 3],
  escape_hatch: [1, 2],
  warp_sink: [2, 3],
  backdoor_per_bubble: [1, 2],
}

/** Published too: a band has about this many times what the band below it has. */
const GROWTH = 1.2

/**
 * The row of a band `steps` below the top one. **Derived, not published**: both ends divided by the growth
 * as often as there are steps, rounded to the nearest whole number, halves down, and at least 1.
 */
function derived(steps: number): Row {
  const shrink = (count: number) => Math.max(1, Math.ceil(count / GROWTH ** steps - 0.5))
  const rows = Object.entries(TOP).map(([sort, [least, most]]) => [sort, [shrink(least), shrink(most)]])
  return Object.fromEntries(rows) as Row
}

/** The one table of what a region of a size may have. The first row and the last are published. */
export const SIZE_BANDS: readonly SizeBand[] = [
  { name: '100–300', sectors: [100, 300], spacing: 3, budget: { total: [0, 1] } },
  { name: '301–600', sectors: [301, 600], spacing: 5, budget: derived(3) },
  { name: '601–800', sectors: [601, 800], spacing: 5, budget: derived(2) },
  { name: '801–1,200', sectors: [801, 1_200], spacing: 5, budget: derived(1) },
  { name: '1,201–1,500', sectors: [1_201, 1_500], spacing: 5, budget: TOP },
]

/** The Central Nexus is in no band; it takes the top row, which is our choice. */
export const NEXUS_BAND: SizeBand = { name: 'Central Nexus', sectors: [5_000, 5_000], spacing: 5, budget: TOP }

const SECTORS_MIN = 100
const SECTORS_MAX = 1_500

/** The band of a player-owned region. Throws `TerraneError` (`galaxy_region_size`) when there is none. */
export function bandOf(sectors: number): SizeBand {
  const band = SIZE_BANDS.find(({ sectors: [least, most] }) => sectors >= least && sectors <= most)
  if (band !== undefined && Number.isInteger(sectors)) return band
  throw new TerraneError('galaxy_region_size', `a region cannot have ${sectors} sectors`, {
    hint: `give a whole number from ${SECTORS_MIN} to ${SECTORS_MAX}`,
  })
}

/** The band of a name, as the table spells it. Throws `TerraneError` (`galaxy_band`) when there is none. */
export function bandNamed(name: string): SizeBand {
  const band = SIZE_BANDS.find((candidate) => candidate.name === name)
  if (band !== undefined) return band
  throw new TerraneError('galaxy_band', `there is no size band "${name}"`, {
    hint: `the bands are: ${SIZE_BANDS.map((candidate) => candidate.name).join('; ')}`,
  })
}
