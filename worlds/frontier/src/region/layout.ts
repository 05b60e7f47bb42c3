import type { Resource } from '../goods.js'

export const SECTOR_TYPES = [
  'standard',
  'nebula',
  'asteroid_field',
  'star_cluster',
  'agricultural',
  'void',
  'anomaly',
] as const
export type SectorType = (typeof SECTOR_TYPES)[number]

/** Security bands, from the capital outwards. */
export const BANDS = ['federation', 'border', 'frontier'] as const
export type Band = (typeof BANDS)[number]

export interface Point {
  readonly x: number
  readonly y: number
}

export interface SectorPlan extends Point {
  /** Number within the region, from 1. */
  readonly id: number
  readonly name: string
  readonly cluster: string
  readonly type: SectorType
  readonly band: Band
  readonly haven: boolean
  readonly z: number
}

/** Regions of a universe have further types of sectors. */
type PlacedSector = Omit<SectorPlan, 'type'> & { readonly type: string }

export interface LanePlan {
  readonly source: number
  readonly target: number
  readonly twoWay: boolean
}

export interface DepositPlan extends Point {
  readonly sector: number
  readonly resource: Resource
  readonly capacity: number
}

/** A region before anybody has been there: plain data, the same for the same seed and parameters. */
export interface RegionLayout {
  readonly seed: string
  readonly size: number
  readonly sectors: readonly PlacedSector[]
  readonly lanes: readonly LanePlan[]
  readonly deposits: readonly DepositPlan[]
}

/** What makes a region. The world takes any function of this shape. */
export type RegionGenerator = (parameters: RegionParameters) => RegionLayout

export interface RegionParameters {
  readonly seed: string
  readonly sectors: number
  /** Edge of the square, world units. */
  readonly size: number
}

/** By square root, which IEEE 754 rounds the same everywhere; `Math.hypot` is left to the machine. */
export function distance(a: Point, b: Point): number {
  const dx = a.x - b.x
  const dy = a.y - b.y
  return Math.sqrt(dx * dx + dy * dy)
}

export function isWithin(a: Point, b: Point, range: number): boolean {
  const dx = a.x - b.x
  const dy = a.y - b.y
  return dx * dx + dy * dy <= range * range
}
