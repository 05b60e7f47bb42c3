/** What of a galaxy is drawn: columns that go to the worker as they are. */
export interface Sky {
  /** Sectors, on the map. */
  readonly x: Float32Array
  readonly y: Float32Array
  /** Indexes into `TONES`. */
  readonly clusterTone: Uint8Array
  readonly bandTone: Uint8Array
  /** Sums of `MARKS`. */
  readonly marks: Uint8Array
  /** A bit for each kind of formation that the sector is part of, see `FORMATION_KINDS`. */
  readonly formations: Uint16Array
  /** The same of those whose anchor it is. */
  readonly anchors: Uint16Array
  /** Edges, by index of their sectors. */
  readonly from: Uint32Array
  readonly to: Uint32Array
  /** Sums of `EDGE_FLAGS`. */
  readonly flags: Uint8Array
  readonly turns: Uint8Array
  /** A bit for each kind of formation that the edge is part of. */
  readonly edgeFormations: Uint16Array
}

export const MARKS = { station: 1, planet: 2, capital: 4, landmark: 8, protected: 16 } as const

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export function grown({ left, top, right, bottom }: Box, by: number): Box {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by }
}
