/** Codes from `lo` to `hi`, both included, that one zone has authority over. */
export interface MappedRange {
  readonly authority: 'spatial' | 'persona'
  readonly lo: number
  readonly hi: number
  readonly zone: string
}

/** The zone map as operators see it, with who has the zones: `GET /api/zone-map`. */
export interface ZoneMapInfo {
  /** Counts the changes of the map; 0 when all zones of the world go by name. */
  readonly version: number
  /** Of space first, by ascending codes. */
  readonly ranges: readonly MappedRange[]
  /** The zones of the map, in the order of their first codes. */
  readonly zones: readonly MappedZone[]
}

export interface MappedZone {
  readonly zone: string
  readonly authority: 'spatial' | 'persona'
  /** Part of all codes of its authority, from 0 to 1. */
  readonly share: number
  /** The process that has it; null when nobody has opened it. */
  readonly owner: string | null
  /** Whether that is the process that answers. */
  readonly isOwn: boolean
  /** The owner's lease has ended, and nobody has taken the zone over yet. */
  readonly isLate: boolean
  /** Counts the ownerships; null when this process does not know. */
  readonly epoch: number | null
  /** Rows; null for zones of other processes. */
  readonly entities: number | null
  /** Null for zones of other processes. */
  readonly sessions: number | null
}

/** What a change of the map did: the answer of `POST /api/zone-map/…`. */
export interface ZoneMapChange {
  /** Of the map, with the change. */
  readonly version: number
  /** The zone that had the codes, and the one that has them now. */
  readonly from: string
  readonly into: string
  /** Rows that went. */
  readonly rows: number
}
