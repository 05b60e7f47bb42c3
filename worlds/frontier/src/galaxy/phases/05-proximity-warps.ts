import type { Prng } from '@terrane/core'
import { SPAN } from '../hilbert.js'
import type { RegionDraft } from '../region-draft.js'
import { distance2, type Neighbour, SpatialGrid } from '../spatial-grid.js'
import type { Phase } from './phase.js'

/** Neighbours that are considered. */
const NEIGHBOURS = 10
/** Share of the Gabriel graph's edges that are taken beyond those of the relative neighbourhood graph. */
const GABRIEL_SHARE = 0.35

/**
 * Two-way warps between near sectors: the relative neighbourhood graph (Toussaint 1980: an edge where no
 * third sector is nearer to both ends), which is sparse enough to leave room between formations, and some
 * edges of the Gabriel graph (1969: where no third sector lies in the ball over the edge), so that there are
 * ways around. Then the shortest warps that make it one piece.
 */
export const proximityWarpsPhase: Phase = {
  number: 5,
  name: 'proximity warps',
  run: (draft) => {
    const prng = draft.random('proximity warps')
    const grid = gridOf(draft)
    for (const sector of draft.numbers()) linkNear(draft, prng, sector, grid.nearest(sector, NEIGHBOURS))
    bridgePieces(draft, grid)
    return draft.arcs()
  },
}

function gridOf({ places, parameters: { sectors } }: RegionDraft): SpatialGrid {
  const grid = new SpatialGrid(places, SPAN, Math.ceil((1.5 * SPAN) / Math.sqrt(sectors)))
  for (let sector = 1; sector <= sectors; sector++) grid.add(sector)
  return grid
}

/** Whoever blocks an edge is nearer to this end than the other end is, so it stands before it in the list. */
function linkNear({ graph, places }: RegionDraft, prng: Prng, sector: number, near: readonly Neighbour[]): void {
  for (const [index, { sector: other, distance2: length }] of near.entries()) {
    const nearer = near.slice(0, index)
    const isRelative = !nearer.some((third) => distance2(places, third.sector, other) < length)
    const isGabriel = () => !nearer.some((third) => third.distance2 + distance2(places, third.sector, other) < length)
    if (isRelative || (sector < other && isGabriel() && prng.chance(GABRIEL_SHARE))) graph.link(sector, other)
  }
}

/** Joins every piece but the largest to the nearest sector outside it, until there is one piece (Borůvka). */
function bridgePieces(draft: RegionDraft, grid: SpatialGrid): void {
  for (let pieces = piecesOf(draft); pieces.length > 1; pieces = piecesOf(draft)) {
    const pieceOf = new Int32Array(draft.parameters.sectors + 1)
    for (const [index, piece] of pieces.entries()) for (const sector of piece) pieceOf[sector] = index
    for (const [index, piece] of pieces.entries()) {
      if (index === 0) continue
      let best: { from: number; neighbour: Neighbour } | undefined
      for (const from of piece) {
        const [neighbour] = grid.nearest(from, 1, (sector) => pieceOf[sector] !== index)
        if (neighbour !== undefined && (best === undefined || neighbour.distance2 < best.neighbour.distance2)) {
          best = { from, neighbour }
        }
      }
      if (best !== undefined) draft.graph.link(best.from, best.neighbour.sector)
    }
  }
}

/** The connected pieces, the largest first. */
function piecesOf({ graph, parameters: { sectors } }: RegionDraft): number[][] {
  const seen = new Uint8Array(sectors + 1)
  const pieces: number[][] = []
  for (let start = 1; start <= sectors; start++) {
    if (seen[start] === 1) continue
    seen[start] = 1
    const piece = [start]
    for (const sector of piece) {
      for (const other of graph.exits(sector)) {
        if (seen[other] === 1) continue
        seen[other] = 1
        piece.push(other)
      }
    }
    pieces.push(piece)
  }
  return pieces.sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number))
}
