import type { Prng } from '@terrane/core'
import type { SectorType } from '../universe.js'
import type { Phase } from './phase.js'

/** Chances, of a hundred. */
const CHANCES: readonly (readonly [SectorType, number])[] = [
  ['standard', 52],
  ['nebula', 10],
  ['asteroid_field', 10],
  ['void', 6],
  ['industrial', 5],
  ['agricultural', 5],
  ['star_cluster', 4],
  ['radiation_zone', 2],
  ['warp_storm', 2],
  ['anomaly', 1.5],
  ['forbidden', 1],
  ['black_hole', 1],
  ['wormhole', 0.5],
]

/** What space is like in a sector. Reserved sectors are ordinary. */
export const sectorTypesPhase: Phase = {
  number: 4,
  name: 'sector types',
  run: (draft) => {
    const prng = draft.random('sector types')
    for (const sector of draft.numbers()) {
      const drawn = drawType(prng)
      if (!draft.parameters.reserved.has(sector)) draft.types[sector] = drawn
    }
    return draft.types.slice(1)
  },
}

function drawType(prng: Prng): SectorType {
  let left = prng.float() * CHANCES.reduce((sum, [, chance]) => sum + chance, 0)
  for (const [type, chance] of CHANCES) {
    left -= chance
    if (left < 0) return type
  }
  return 'standard'
}
