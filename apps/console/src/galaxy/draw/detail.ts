/**
 * Level of detail: what is drawn, and how large, at a scale. Neighbouring sectors are about 26 map units apart.
 * Scales are CSS pixels per map unit, sizes CSS pixels.
 */
export interface Detail {
  /** Coloured mist around the sectors, 0 to 1. */
  readonly mist: number
  readonly dotRadius: number
  /** Warps, 0 to 1; at 0 they are left out. */
  readonly warps: number
  readonly warpWidth: number
  readonly tunnels: number
  /** Length of an arrow; 0 for none. */
  readonly arrow: number
  readonly formations: number
  /** Stations, planets and landmarks beside their sectors; 0 for none. */
  readonly markSize: number
  readonly clusterNames: number
  readonly regionNames: number
  readonly formationNames: number
  readonly sectorNames: number
}

export function detailAt(scale: number): Detail {
  return {
    mist: 1 - 0.75 * rise(scale, 0.25, 2.2),
    dotRadius: 0.42 + 2.05 * scale ** 0.72,
    warps: rise(scale, 0.13, 0.42),
    warpWidth: Math.min(2, 0.55 + 0.45 * scale),
    tunnels: rise(scale, 0.1, 0.3),
    arrow: scale < 0.42 ? 0 : Math.min(15, 4.5 + 3.4 * scale),
    formations: rise(scale, 0.14, 0.36),
    markSize: scale < 0.8 ? 0 : Math.min(9, 1.2 + 1.9 * scale),
    clusterNames: rise(scale, 0.22, 0.32) * (1 - rise(scale, 2.2, 3.2)),
    regionNames: 1 - rise(scale, 0.5, 0.8),
    formationNames: rise(scale, 0.8, 1.05),
    sectorNames: rise(scale, 1.6, 2),
  }
}

/** From 0 to 1 between two scales. */
function rise(scale: number, from: number, to: number): number {
  const share = Math.min(1, Math.max(0, (scale - from) / (to - from)))
  return share * share * (3 - 2 * share)
}
