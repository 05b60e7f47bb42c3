import { Prng } from '@terrane/core'
import { REGION_SIZE } from '../bounds.js'
import type { RegionFile } from '../galaxy-check/schema.js'
import { depositsOf } from '../region/deposits.js'
import type { Band, RegionLayout, SectorPlan, SectorType } from '../region/layout.js'

type FileSector = RegionFile['sectors'][number]

/** Universe files have coordinates from 0 to this. */
const COORDINATE_MAX = 1023
/** Around the outermost sectors there is room for their deposits. */
const MARGIN = 1_200
/** World units up and down. */
const HEIGHT = 1_500
/** Sectors from the capital on, itself included, in which players start. */
const HAVENS = 9

/** What is found in sectors of types that only universes have. */
const LIKE: Readonly<Record<FileSector['type'], SectorType>> = {
  standard: 'standard',
  nebula: 'nebula',
  asteroid_field: 'asteroid_field',
  black_hole: 'void',
  star_cluster: 'star_cluster',
  void: 'void',
  industrial: 'standard',
  agricultural: 'agricultural',
  forbidden: 'void',
  wormhole: 'anomaly',
  anomaly: 'anomaly',
  radiation_zone: 'asteroid_field',
  warp_storm: 'nebula',
}

/** The Nexus is one expanse, about as dangerous as a border. */
const BAND: Readonly<Record<RegionFile['zones'][number]['band'], Band>> = {
  expanse: 'border',
  federation: 'federation',
  border: 'border',
  frontier: 'frontier',
}

/** A region of a universe as a place to play: scaled to the map, with deposits that follow from its checksum. */
export function layoutOf(region: RegionFile, checksum: string): RegionLayout {
  const deposits = new Prng(`region ${checksum}`).fork('deposits')
  const plans = region.sectors.map((sector) => planOf(region, sector))
  return {
    seed: region.seed,
    size: REGION_SIZE,
    sectors: plans.map((plan, index) => ({ ...plan, type: (region.sectors[index] as FileSector).type })),
    lanes: region.warps.map(({ from, to, twoWay, latent }) => ({ source: from, target: to, twoWay: twoWay || latent })),
    deposits: plans.flatMap((plan) => depositsOf(deposits, plan, REGION_SIZE)),
  }
}

function planOf(region: RegionFile, { number, position: [x, y, z], type }: FileSector): SectorPlan {
  const cluster = rangeWith(region.clusters, number)
  return {
    id: number,
    name: `${cluster.name} ${number - cluster.first + 1}`,
    cluster: cluster.name,
    type: LIKE[type],
    band: BAND[rangeWith(region.zones, number).band],
    haven: number >= region.capital && number < region.capital + HAVENS,
    x: onMap(x),
    y: onMap(y),
    z: Math.round(((2 * z) / COORDINATE_MAX - 1) * HEIGHT),
  }
}

function onMap(coordinate: number): number {
  return MARGIN + Math.round((coordinate / COORDINATE_MAX) * (REGION_SIZE - 2 * MARGIN))
}

/** Ranges cover all sectors: that has been checked. */
function rangeWith<R extends { readonly first: number; readonly last: number }>(
  ranges: readonly R[],
  sector: number,
): R {
  return ranges.find(({ first, last }) => sector >= first && sector <= last) as R
}
