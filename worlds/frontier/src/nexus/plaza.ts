import { PLAZA_FIRST, PLAZA_LAST } from '../galaxy/nexus.js'

const PLAZA_SECTORS = PLAZA_LAST - PLAZA_FIRST + 1

/**
 * The sector of the Gateway Plaza to which a region is attached: the one that its id hashes to or, when that is
 * taken, the next free one, around the plaza. When all are taken regions share, evenly, because nothing caps their number.
 * @param gatesIn how many regions are attached to a sector
 */
export function plazaSectorFor(region: string, gatesIn: (sector: number) => number): number {
  const start = hashOf(region) % PLAZA_SECTORS
  let best = PLAZA_FIRST + start
  let fewest = gatesIn(best)
  for (let step = 1; step < PLAZA_SECTORS && fewest > 0; step++) {
    const sector = PLAZA_FIRST + ((start + step) % PLAZA_SECTORS)
    const gates = gatesIn(sector)
    if (gates < fewest) {
      best = sector
      fewest = gates
    }
  }
  return best
}

/** FNV-1a, 32 bits, of the UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}
