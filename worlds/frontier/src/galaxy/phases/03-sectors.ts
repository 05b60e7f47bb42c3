import type { Prng } from '@terrane/core'
import { hilbertCode, SPAN } from '../hilbert.js'
import { NEXUS_COLUMNS, NEXUS_ROWS } from '../nexus.js'
import type { RegionDraft } from '../region-draft.js'
import { SpatialGrid } from '../spatial-grid.js'
import type { Position } from '../universe.js'
import type { Phase } from './phase.js'

/** Regions are flat: heights are within this of the middle. */
const HEIGHT = 96
/** Empty space around a region. */
const MARGIN = 24
/** Places that are drawn for a cluster's centre; the one farthest from the others is taken (Mitchell 1991). */
const CENTRE_CANDIDATES = 12
/** How far a cluster's sectors scatter, in distances between centres. */
const SPREAD = 0.85
/** Sectors keep this share of the distance that a square grid would give them, while there is room. */
const SPACING_SHARE = 0.55
const DARTS_MAX = 40

interface Centre {
  readonly x: number
  readonly y: number
}

/**
 * Positions in space and on the Hilbert curve. Clusters are numbered outwards from the capital's, and the
 * sectors of a cluster along the curve, so that near numbers are near each other.
 */
export const sectorsPhase: Phase = {
  number: 3,
  name: 'sectors',
  run: (draft) => {
    const { type, sectors } = draft.parameters
    const prng = draft.random('sectors')
    const isNexus = type === 'central_nexus'
    const centres = isNexus ? nexusCentres() : drawCentres(prng, draft.clusters.length)
    const pitch = (SPAN - 2 * MARGIN) / Math.sqrt(sectors)
    const spread = isNexus
      ? [SPAN / NEXUS_COLUMNS, SPAN / NEXUS_ROWS].map((edge) => edge * SPREAD)
      : [0, 0].map(() => (SPAN / Math.sqrt(centres.length)) * SPREAD)
    const grid = new SpatialGrid(draft.places, SPAN, Math.ceil(pitch))
    for (const [index, cluster] of draft.clusters.entries()) {
      const numbers = Array.from({ length: cluster.last - cluster.first + 1 }, (_, i) => cluster.first + i)
      const centre = centres[index] as Centre
      const drawn: Position[] = []
      for (const sector of numbers) {
        drawn.push(throwDart(draft, prng, grid, sector, centre, spread as [number, number], pitch * SPACING_SHARE))
        grid.add(sector)
      }
      const sorted = drawn.map((position) => ({ position, code: hilbertCode(position) }))
      sorted.sort((a, b) => a.code - b.code)
      for (const [i, { position, code }] of sorted.entries()) place(draft, cluster.first + i, position, code)
    }
    return [...draft.numbers()].map((sector) => [...draft.position(sector), draft.hilbert[sector]])
  },
}

/** A place that no other sector has, as far from the others as there is room. */
function throwDart(
  draft: RegionDraft,
  prng: Prng,
  grid: SpatialGrid,
  sector: number,
  centre: Centre,
  [width, height]: readonly [number, number],
  spacing: number,
): Position {
  for (let darts = 0; ; darts++) {
    const position: Position = [
      inside(centre.x + triangular(prng) * width),
      inside(centre.y + triangular(prng) * height),
      Math.round(SPAN / 2 + triangular(prng) * HEIGHT),
    ]
    place(draft, sector, position, 0)
    // At least 1, because two sectors never share a position.
    if (!grid.hasWithin(sector, Math.max(1, spacing * (1 - darts / DARTS_MAX)))) return position
  }
}

function place({ places, hilbert }: RegionDraft, sector: number, [x, y, z]: Position, code: number): void {
  places.x[sector] = x
  places.y[sector] = y
  places.z[sector] = z
  hilbert[sector] = code
}

/** In [-1, 1], mostly near 0. */
function triangular(prng: Prng): number {
  return prng.float() + prng.float() - 1
}

function inside(coordinate: number): number {
  return Math.min(SPAN - 1 - MARGIN, Math.max(MARGIN, Math.round(coordinate)))
}

function nexusCentres(): Centre[] {
  return Array.from({ length: NEXUS_COLUMNS * NEXUS_ROWS }, (_, index) => ({
    x: ((index % NEXUS_COLUMNS) + 0.5) * (SPAN / NEXUS_COLUMNS),
    y: (Math.floor(index / NEXUS_COLUMNS) + 0.5) * (SPAN / NEXUS_ROWS),
  }))
}

/** The first in the middle, the others in the order of their distance from it. */
function drawCentres(prng: Prng, count: number): Centre[] {
  const middle = { x: SPAN / 2, y: SPAN / 2 }
  const centres: Centre[] = [middle]
  while (centres.length < count) {
    const candidates = Array.from({ length: CENTRE_CANDIDATES }, () => ({
      x: prng.between(MARGIN, SPAN - MARGIN),
      y: prng.between(MARGIN, SPAN - MARGIN),
    }))
    const apart = candidates.map((candidate) => Math.min(...centres.map((centre) => between2(centre, candidate))))
    centres.push(candidates[apart.indexOf(Math.max(...apart))] as Centre)
  }
  return centres.sort((a, b) => between2(a, middle) - between2(b, middle) || a.x - b.x || a.y - b.y)
}

function between2(a: Centre, b: Centre): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2
}
