import type { Prng } from '@terrane/core'
import { hilbertCode, SPAN } from '../hilbert.js'
import { NEXUS_COLUMNS, NEXUS_ROWS } from '../nexus.js'
import type { RegionDraft } from '../region-draft.js'
import { type Places, SpatialGrid } from '../spatial-grid.js'
import type { Position } from '../universe.js'
import type { Phase } from './phase.js'

/** Regions are flat: heights are within this of the middle. */
const HEIGHT = 96
const MIDDLE = SPAN / 2
/** Regions are discs, the Nexus is a square. */
const RADIUS = 488
/** Clusters have their centres within this share of the radius. */
const CENTRES_SHARE = 0.88
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

/** Where the sectors of one cluster are drawn. */
interface Cloud {
  readonly centre: Centre
  /** Half its extent. */
  readonly width: number
  readonly height: number
  /** Between sectors, while there is room. */
  readonly spacing: number
  /** Whether a place is within the region. */
  readonly isInside: (place: Centre) => boolean
}

/**
 * Positions in space and on the Hilbert curve. Clusters are numbered outwards from the capital's, and the
 * sectors of a cluster along the curve, so that near numbers are near each other.
 */
export const sectorsPhase: Phase = {
  number: 3,
  name: 'sectors',
  run: (draft) => {
    const prng = draft.random('sectors')
    const clouds = cloudsOf(draft, prng)
    // Sectors are numbered anew in their cluster once it is complete; until then they are where the darts fell.
    const { x, y, z } = draft.places
    const darts: Places = { x: x.slice(), y: y.slice(), z: z.slice() }
    const grid = new SpatialGrid(darts, SPAN, Math.ceil(pitchOf(draft)))
    for (const [index, { first, last }] of draft.clusters.entries()) {
      const drawn: { position: Position; code: number }[] = []
      for (let dart = first; dart <= last; dart++) {
        const position = throwDart(darts, grid, dart, clouds[index] as Cloud, prng)
        drawn.push({ position, code: hilbertCode(position) })
      }
      drawn.sort((a, b) => a.code - b.code)
      for (const [i, { position, code }] of drawn.entries()) {
        place(draft.places, first + i, position)
        draft.hilbert[first + i] = code
      }
    }
    return [...draft.numbers()].map((sector) => [...draft.position(sector), draft.hilbert[sector]])
  },
}

/** The distance between sectors if they lay in a square grid. */
function pitchOf({ parameters }: RegionDraft): number {
  return (2 * RADIUS) / Math.sqrt(parameters.sectors)
}

function cloudsOf(draft: RegionDraft, prng: Prng): Cloud[] {
  const spacing = pitchOf(draft) * SPACING_SHARE
  if (draft.parameters.type === 'central_nexus') {
    const [column, row] = [(2 * RADIUS) / NEXUS_COLUMNS, (2 * RADIUS) / NEXUS_ROWS]
    const cloud = { width: column * SPREAD, height: row * SPREAD, spacing, isInside: isInSquare }
    return nexusCentres(column, row).map((centre) => ({ centre, ...cloud }))
  }
  const centres = drawCentres(prng, draft.clusters.length)
  const edge = ((2 * RADIUS) / Math.sqrt(centres.length)) * SPREAD
  return centres.map((centre) => ({ centre, width: edge, height: edge, spacing, isInside: isInDisc }))
}

/** A place that no other sector has, as far from the others as there is room. */
function throwDart(darts: Places, grid: SpatialGrid, dart: number, cloud: Cloud, prng: Prng): Position {
  const { centre, width, height, spacing, isInside } = cloud
  for (let missed = 0; ; missed++) {
    const x = Math.round(centre.x + triangular(prng) * width)
    const y = Math.round(centre.y + triangular(prng) * height)
    const position: Position = [x, y, Math.round(MIDDLE + triangular(prng) * HEIGHT)]
    if (!isInside({ x, y })) continue
    place(darts, dart, position)
    // At least 1, because two sectors never share a position.
    if (grid.hasWithin(dart, Math.max(1, spacing * (1 - missed / DARTS_MAX)))) continue
    grid.add(dart)
    return position
  }
}

function place({ x, y, z }: Places, sector: number, position: Position): void {
  x[sector] = position[0]
  y[sector] = position[1]
  z[sector] = position[2]
}

/** In [-1, 1], mostly near 0. */
function triangular(prng: Prng): number {
  return prng.float() + prng.float() - 1
}

function isInSquare({ x, y }: Centre): boolean {
  return Math.abs(x - MIDDLE) <= RADIUS && Math.abs(y - MIDDLE) <= RADIUS
}

function isInDisc(place: Centre): boolean {
  return between2(place, { x: MIDDLE, y: MIDDLE }) <= RADIUS * RADIUS
}

function nexusCentres(column: number, row: number): Centre[] {
  return Array.from({ length: NEXUS_COLUMNS * NEXUS_ROWS }, (_, index) => ({
    x: MIDDLE - RADIUS + ((index % NEXUS_COLUMNS) + 0.5) * column,
    y: MIDDLE - RADIUS + (Math.floor(index / NEXUS_COLUMNS) + 0.5) * row,
  }))
}

/** The first in the middle, the others in the order of their distance from it. */
function drawCentres(prng: Prng, count: number): Centre[] {
  const middle = { x: MIDDLE, y: MIDDLE }
  const centres: Centre[] = [middle]
  while (centres.length < count) {
    const candidates = Array.from({ length: CENTRE_CANDIDATES }, () => drawInDisc(prng, RADIUS * CENTRES_SHARE))
    const apart = candidates.map((candidate) => Math.min(...centres.map((centre) => between2(centre, candidate))))
    centres.push(candidates[apart.indexOf(Math.max(...apart))] as Centre)
  }
  return centres.sort((a, b) => between2(a, middle) - between2(b, middle) || a.x - b.x || a.y - b.y)
}

/** By rejection, without sine and cosine: their last digits differ between machines. */
function drawInDisc(prng: Prng, radius: number): Centre {
  for (;;) {
    const x = (2 * prng.float() - 1) * radius
    const y = (2 * prng.float() - 1) * radius
    if (x * x + y * y <= radius * radius) return { x: MIDDLE + x, y: MIDDLE + y }
  }
}

function between2(a: Centre, b: Centre): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2
}
