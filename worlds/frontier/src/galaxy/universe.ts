/**
 * The documented JSON form of a universe, see docs/guides/galaxy.md. Sectors are numbered from 1 within
 * their region; (region, number) names a sector for good.
 */
export const UNIVERSE_FORMAT = 'terrane-universe'
export const UNIVERSE_VERSION = 1

export interface Universe {
  readonly format: typeof UNIVERSE_FORMAT
  readonly version: typeof UNIVERSE_VERSION
  readonly seed: string
  readonly regions: readonly Region[]
}

export interface Region {
  /** Unique within the universe. */
  readonly name: string
  readonly type: RegionType
  /** All that the region was made from, with its type and its number of sectors. */
  readonly seed: string
  readonly zones: readonly Zone[]
  readonly clusters: readonly Cluster[]
  /** In the order of their numbers: the sector with number n is at n - 1. */
  readonly sectors: readonly Sector[]
  readonly warps: readonly Warp[]
  /** Natural tunnels: warps over a long distance. */
  readonly tunnels: readonly Warp[]
  readonly stations: readonly Station[]
  readonly planets: readonly Planet[]
  /** Number of the capital sector. */
  readonly capital: number
  readonly anchors: readonly Anchor[]
  readonly formations: readonly Formation[]
  readonly generation: Generation
}

export type RegionType = 'player_owned' | 'central_nexus'

/** A security band: a range of sector numbers, both ends included. */
export interface Zone {
  readonly band: Band
  readonly first: number
  readonly last: number
  /** 0 to 10. */
  readonly policing: number
  readonly danger: number
}

export type Band = 'expanse' | 'federation' | 'border' | 'frontier'

/** Neighbouring sectors under one name: a range of sector numbers, both ends included. */
export interface Cluster {
  readonly name: string
  readonly type: ClusterType
  readonly first: number
  readonly last: number
}

export const CLUSTER_TYPES = [
  'standard',
  'resource_rich',
  'population_center',
  'trade_hub',
  'military_zone',
  'frontier_outpost',
  'contested',
  'special_interest',
] as const
export type ClusterType = (typeof CLUSTER_TYPES)[number]

export interface Sector {
  readonly number: number
  /** Whole numbers from 0 to 1023; no two sectors of a region share a position. */
  readonly position: Position
  /** Where the position lies on the three-dimensional Hilbert curve, 0 to 2³⁰ - 1. */
  readonly hilbert: number
  readonly type: SectorType
  /** The Nexus answers violence here. */
  readonly protected: boolean
}

export type Position = readonly [x: number, y: number, z: number]

export const SECTOR_TYPES = [
  'standard',
  'nebula',
  'asteroid_field',
  'black_hole',
  'star_cluster',
  'void',
  'industrial',
  'agricultural',
  'forbidden',
  'wormhole',
  'anomaly',
  'radiation_zone',
  'warp_storm',
] as const
export type SectorType = (typeof SECTOR_TYPES)[number]

/** An edge. Two sectors have at most one, counting warps and tunnels together. */
export interface Warp {
  readonly from: number
  readonly to: number
  /** Whether it leads back as well; then `from` is the smaller number. */
  readonly twoWay: boolean
  /** One-way, but looks two-way until it is scanned. */
  readonly latent: boolean
  /** What a jump costs. */
  readonly turns: number
}

export interface Station {
  readonly sector: number
  readonly name: string
  /** 1 to 11: what it buys and sells. */
  readonly class: number
}

export interface Planet {
  readonly sector: number
  readonly name: string
  readonly type: PlanetType
}

export const PLANET_TYPES = ['terran', 'oceanic', 'mountainous', 'desert', 'ice', 'volcanic', 'gas_giant'] as const
export type PlanetType = (typeof PLANET_TYPES)[number]

/** What every region of its type has, at a place that can be computed from its size. */
export interface Anchor {
  readonly kind: AnchorKind
  readonly sector: number
}

export type AnchorKind = 'terra' | 'first_station' | 'starter_spacedock' | 'frontier_spacedock' | TradeDock
type TradeDock = 'tradedock_a' | 'tradedock_b'

interface FormationBase<Kind extends string> {
  readonly kind: Kind
  /** Unique within the region. */
  readonly name: string
  /** The sector by which the formation is known; which one depends on the kind. */
  readonly anchor: number
  /** The formation's other sectors. */
  readonly interior: readonly number[]
}

/** An enclave behind one gateway, its anchor. */
export type Bubble = FormationBase<'bubble' | 'dead_end_bubble'>
/** A chain between two mouths, in the order of the interior. */
export interface Tunnel extends FormationBase<'tunnel'> {
  readonly farMouth: number
  /** Passable from the anchor to the far mouth only. */
  readonly oneWay: boolean
}
export interface DeadEnd extends FormationBase<'dead_end'> {
  readonly parent: number
}
/** A loop from the anchor through the interior, in its order, back to the anchor. */
export type Blister = FormationBase<'blister'>
export interface EscapeHatch extends FormationBase<'escape_hatch'> {
  readonly parent: number
  /** Where the one-way warp into the hatch comes from. */
  readonly source: number
}
export interface WarpSink extends FormationBase<'warp_sink'> {
  readonly entries: readonly number[]
}
/** A one-way warp from the anchor to `into`, within the bubble of the name `target`. */
export interface Backdoor extends FormationBase<'backdoor'> {
  readonly target: string
  readonly into: number
}
export type LostSector = FormationBase<'lost_sector'>
export type LostCluster = FormationBase<'lost_cluster'>
export interface Archipelago extends FormationBase<'archipelago'> {
  /** Names of its lost clusters. */
  readonly clusters: readonly string[]
}

export type Formation =
  | Bubble
  | Tunnel
  | DeadEnd
  | Blister
  | EscapeHatch
  | WarpSink
  | Backdoor
  | LostSector
  | LostCluster
  | Archipelago

export type FormationKind = Formation['kind']

export interface Generation {
  /** Of everything in the region but this. */
  readonly checksum: string
  readonly phases: readonly PhaseRecord[]
}

export interface PhaseRecord {
  readonly number: number
  readonly name: string
  /** Steps along warps that the phase has looked at. */
  readonly operations: number
  /** Of what the phase has made. */
  readonly checksum: string
  /** Left out by default, so that the same seed gives the same bytes. */
  readonly milliseconds?: number
}
