import { z } from 'zod'
import { aboard } from '../crew.js'
import type { Input, Ship, Tx } from '../kinds.js'
import { GATE_RANGE } from '../nexus/policy.js'
import { isWithin } from '../region/layout.js'
import { regionOf } from '../regions/region-of.js'
import { NEXUS_ZONE } from '../regions/zone-names.js'
import { refuse } from '../rejections.js'

const args = z.object({
  /** Id of the region to go to, from the Nexus; `nexus` from a region. */
  to: z.string(),
})

/**
 * Takes the warp between a region and the Nexus, from the sector where it begins. Answers which zone to join, and
 * the sector in it where the warp ends. Ships do not change zones: the player has one in each.
 */
export const warp: Input<typeof args> = {
  args,
  apply(tx, { to }) {
    const { ship } = aboard(tx)
    return tx.zone === NEXUS_ZONE ? intoRegion(tx, ship, to) : intoNexus(tx, ship, to)
  },
}

function intoRegion(tx: Tx, ship: Ship, to: string) {
  const gate = tx.gates.get(to)
  if (gate === undefined) return refuse(tx, 'no_warp')
  requireNear(tx, ship, gate.plazaSector)
  tx.gates.update(to, { state: 'active', activeAt: tx.now })
  // Wakes it when it sleeps, so that it is there when the player comes.
  tx.send(gate.zone, 'traverse', {})
  return { zone: gate.zone, sector: gate.landing }
}

function intoNexus(tx: Tx, ship: Ship, to: string) {
  const region = regionOf(tx)
  if (region === undefined || region.plazaSector === null || to !== NEXUS_ZONE) return refuse(tx, 'no_warp')
  requireNear(tx, ship, region.landing)
  return { zone: NEXUS_ZONE, sector: region.plazaSector }
}

function requireNear(tx: Tx, ship: Ship, number: number): void {
  if (!isWithin(ship, tx.sectors.must(number), GATE_RANGE)) refuse(tx, 'too_far')
}
