import { TerraneError } from '@terrane/core'
import { type Region, SECTOR_TYPES, type Universe } from './universe.js'

/** What a map of a universe needs, in columns: about a third of the universe's JSON, and quick to draw from. */
const STAR_CHART_FORMAT = 'terrane-star-chart'
const STAR_CHART_VERSION = 1

export interface StarChart {
  readonly format: typeof STAR_CHART_FORMAT
  readonly version: typeof STAR_CHART_VERSION
  readonly seed: string
  readonly regions: readonly RegionChart[]
}

/** As in a universe, but for sectors, warps and tunnels, which are columns. */
export interface RegionChart
  extends Pick<Region, 'name' | 'type' | 'zones' | 'clusters' | 'capital' | 'stations' | 'planets' | 'anchors'> {
  readonly formations: Region['formations']
  /** The sector with the number n is at n - 1. */
  readonly sectors: {
    readonly x: readonly number[]
    readonly y: readonly number[]
    readonly z: readonly number[]
    /** Where the sector's type stands in `SECTOR_TYPES`. */
    readonly type: readonly number[]
    /** Numbers of the sectors that are protected. */
    readonly protected: readonly number[]
  }
  readonly edges: {
    /** Numbers of sectors. */
    readonly from: readonly number[]
    readonly to: readonly number[]
    /** Sums of `EDGE_FLAGS`. */
    readonly flags: readonly number[]
    readonly turns: readonly number[]
  }
}

export const EDGE_FLAGS = { oneWay: 1, latent: 2, tunnel: 4 } as const

export function starChartOf({ seed, regions }: Universe): StarChart {
  return { format: STAR_CHART_FORMAT, version: STAR_CHART_VERSION, seed, regions: regions.map(regionChartOf) }
}

function regionChartOf(region: Region): RegionChart {
  const { name, type, zones, clusters, capital, stations, planets, anchors, formations, sectors } = region
  const edges = [...region.warps, ...region.tunnels]
  const { oneWay, latent, tunnel } = EDGE_FLAGS
  return {
    name,
    type,
    zones,
    clusters,
    capital,
    stations,
    planets,
    anchors,
    formations,
    sectors: {
      x: sectors.map(({ position }) => position[0]),
      y: sectors.map(({ position }) => position[1]),
      z: sectors.map(({ position }) => position[2]),
      type: sectors.map((sector) => SECTOR_TYPES.indexOf(sector.type)),
      protected: sectors.filter((sector) => sector.protected).map(({ number }) => number),
    },
    edges: {
      from: edges.map(({ from }) => from),
      to: edges.map(({ to }) => to),
      flags: edges.map(
        (edge, index) =>
          (edge.twoWay ? 0 : oneWay) + (edge.latent ? latent : 0) + (index < region.warps.length ? 0 : tunnel),
      ),
      turns: edges.map(({ turns }) => turns),
    },
  }
}

/** What a server answered, as a chart. Throws `TerraneError` (`star_chart_unknown`) when it is another form or version. */
export function readStarChart(value: unknown): StarChart {
  const chart = value as Partial<StarChart> | null
  if (chart?.format === STAR_CHART_FORMAT && chart.version === STAR_CHART_VERSION) return chart as StarChart
  throw new TerraneError(
    'star_chart_unknown',
    'what the server sent is no star chart of a version that is known here',
    {
      hint: 'let the server and this page be of the same version',
    },
  )
}
