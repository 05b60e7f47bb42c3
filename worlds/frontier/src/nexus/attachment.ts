import type { CommandDefinition, OpDefinition, TickDefinition } from '@terrane/engine'
import { z } from 'zod'
import type { FrontierKinds, Tx } from '../kinds.js'
import type { RegionRow } from '../regions/region-kinds.js'
import { regionOf } from '../regions/region-of.js'
import { NEXUS_ZONE } from '../regions/zone-names.js'
import type { OpSchemas, opSchemas } from './op-schemas.js'
import { plazaSectorFor } from './plaza.js'
import { ATTACH_ATTEMPTS_MAX, ATTACH_DELAYS_MS, ATTACH_EVERY_MS } from './policy.js'

/**
 * How a region gets its warp to the Nexus. The region asks, the Nexus gives it a sector of the Gateway Plaza and
 * answers. The request's key is the region's id and checksum: however often it comes, there is one gate, and the
 * same answer. What comes to nothing is repeated, later each time, and then given up.
 */

type Op<Name extends keyof OpSchemas> = Omit<OpDefinition<FrontierKinds, (typeof opSchemas)[Name], OpSchemas>, 'args'>

const NO_ARGS = z.object({})

/** Asks for the attachment, once more after it was refused or given up. Answers how it stands. */
export const attachRegion: CommandDefinition<FrontierKinds, typeof NO_ARGS, OpSchemas> = {
  args: NO_ARGS,
  apply(tx) {
    const region = regionOf(tx)
    if (region === undefined) return tx.reject('not_imported', `no region has been imported into zone ${tx.zone}`)
    if (region.type === 'central_nexus') tx.reject('is_nexus', 'the Nexus is not attached to itself')
    if (region.attachment !== 'attached' && region.attachment !== 'waiting') {
      tx.regions.update(region.id, { attachment: 'waiting', attempts: 0, reason: '' })
      request(tx, region)
    }
    const { attachment, plazaSector, attempts, reason } = region
    return { attachment, plazaSector, attempts, reason }
  },
}

/** Repeats the requests that fall due. */
export const attachments: TickDefinition<FrontierKinds, OpSchemas> = {
  everyMs: ATTACH_EVERY_MS,
  apply(tx) {
    const region = regionOf(tx)
    if (region === undefined || region.attachment !== 'waiting' || tx.now < region.attemptAt) return
    if (region.attempts < ATTACH_ATTEMPTS_MAX) request(tx, region)
    else giveUp(tx, region, 'the Nexus does not answer')
  },
}

/** In the Nexus. */
export const attach: Op<'attach'> = {
  apply(tx, { region, checksum, landing, sectors, activeAt }) {
    const nexus = regionOf(tx)
    if (nexus?.type !== 'central_nexus') {
      tx.reject('unknown_nexus', 'the Central Nexus has not been imported into this world')
    }
    const gate = tx.gates.get(region)
    if (gate !== undefined && gate.checksum !== checksum) {
      tx.reject('attached_differently', `${region} is attached with the checksum ${gate.checksum}, not ${checksum}`)
    }
    const plazaSector = gate?.plazaSector ?? plazaSectorFor(region, (sector) => tx.gates.by.plazaSector.count(sector))
    if (gate === undefined) {
      const zone = tx.from
      const state = 'active'
      tx.gates.insert({ region, zone, checksum, plazaSector, landing, sectors, attachedAt: tx.now, state, activeAt })
    }
    tx.send(tx.from, 'attached', { checksum, plazaSector })
  },

  refused(tx, { checksum }, { code, message }) {
    const region = regionOf(tx)
    if (region === undefined || region.checksum !== checksum || region.attachment !== 'waiting') return
    // What stands in the Nexus under the same name does not go away by asking again.
    if (code === 'attached_differently') tx.regions.update(region.id, { attachment: 'refused', reason: message })
    else if (region.attempts >= ATTACH_ATTEMPTS_MAX) giveUp(tx, region, message)
    else tx.regions.update(region.id, { reason: message })
  },
}

/** In the region. An answer that comes after it was given up counts all the same: the gate is there. */
export const attached: Op<'attached'> = {
  apply(tx, { checksum, plazaSector }) {
    const region = regionOf(tx)
    if (region === undefined || region.checksum !== checksum) {
      return tx.reject('another_region', `zone ${tx.zone} does not have the region with the checksum ${checksum}`)
    }
    if (region.attachment === 'attached') return
    tx.regions.update(region.id, { attachment: 'attached', plazaSector, reason: '' })
  },
}

function request(tx: Tx, region: RegionRow): void {
  const { id, checksum, landing, sectors, activeAt, attempts } = region
  const delayMs = ATTACH_DELAYS_MS[Math.min(attempts, ATTACH_DELAYS_MS.length - 1)] as number
  tx.regions.update(id, { attempts: attempts + 1, attemptAt: tx.now + delayMs })
  tx.send(NEXUS_ZONE, 'attach', { region: id, checksum, landing, sectors, activeAt })
}

function giveUp(tx: Tx, region: RegionRow, why: string): void {
  const reason = region.reason === '' ? why : region.reason
  tx.regions.update(region.id, { attachment: 'given_up', reason })
}
