import type { OpDefinition, TickDefinition } from '@terrane/engine'
import type { FrontierKinds, Tx } from '../kinds.js'
import { regionOf } from '../regions/region-of.js'
import { NEXUS_ZONE } from '../regions/zone-names.js'
import type { OpSchemas, opSchemas } from './op-schemas.js'
import { ACTIVITY_EVERY_MS, CENSUS_EVERY_MS, type GalaxyPolicy, LOGIN_EVERY_MS } from './policy.js'
import { trySend } from './try-send.js'

/**
 * Which regions are lived in. A region knows who comes to it; the Nexus knows who resides where, and hears of every
 * login. It asks the active regions once a minute, which also loads them after a restart, and tells those to sleep in
 * which nobody was for too long. A region sleeps only if it agrees: then it is put away, its rows stay in the
 * database, and the next player, or op, that comes to it wakes it.
 */

type Op<Name extends keyof OpSchemas> = Omit<OpDefinition<FrontierKinds, (typeof opSchemas)[Name], OpSchemas>, 'args'>

/** A player came into this zone, or is on the way: wakes a region that sleeps. */
export function noteActivity(tx: Tx): void {
  const region = regionOf(tx)
  if (region === undefined) return
  const wakes = region.state !== 'active'
  if (!wakes && tx.now - region.activeAt < ACTIVITY_EVERY_MS) return
  tx.regions.update(region.id, { state: 'active', activeAt: tx.now })
  if (wakes) tx.send(NEXUS_ZONE, 'active', { region: region.id, activeAt: tx.now })
}

/** Tells the Nexus of a login, wherever it is, for the sake of the regions in which the player resides. */
export function noteLogin(tx: Tx, lastSeenAt: number | undefined): void {
  if (lastSeenAt !== undefined && tx.now - lastSeenAt < LOGIN_EVERY_MS) return
  if (tx.zone === NEXUS_ZONE) touchHomes(tx, tx.player)
  else trySend(tx, NEXUS_ZONE, 'login', { player: tx.player })
}

/** Tells the Nexus that a player has founded a home in this region. */
export function noteHome(tx: Tx, player: string): void {
  const region = regionOf(tx)
  if (region !== undefined && tx.zone !== NEXUS_ZONE) tx.send(NEXUS_ZONE, 'settle', { region: region.id, player })
}

/** Whether a region stays in memory while nobody is there. */
export function staysLoaded(tables: Parameters<typeof regionOf>[0]): boolean {
  return regionOf(tables)?.state === 'active'
}

export function createCensus(policy: GalaxyPolicy): TickDefinition<FrontierKinds, OpSchemas> {
  return {
    everyMs: CENSUS_EVERY_MS,
    apply(tx) {
      // A list, because rows change while it is worked through.
      for (const { region, zone, activeAt } of tx.gates.by.state.list('active')) {
        const isIdle = tx.now - activeAt >= policy.idleAfterMs
        const isSent = trySend(tx, zone, isIdle ? 'sleep' : 'census', { activeAt })
        if (isIdle && isSent) tx.gates.update(region, { state: 'dormant' })
      }
    },
  }
}

/** In the Nexus. */
export const login: Op<'login'> = { apply: (tx, { player }) => touchHomes(tx, player) }

/** In the Nexus. */
export const settle: Op<'settle'> = {
  apply(tx, { region, player }) {
    const id = `${player}@${region}`
    if (!tx.residents.has(id)) tx.residents.insert({ id, player, region })
  },
}

/** In the Nexus: of a region that is not attached yet it has nothing to remember. */
export const active: Op<'active'> = {
  apply(tx, { region, activeAt }) {
    const gate = tx.gates.get(region)
    if (gate === undefined) return
    tx.gates.update(region, { state: 'active', activeAt: Math.max(gate.activeAt, activeAt) })
  },
}

/** In the region. */
export const traverse: Op<'traverse'> = { apply: (tx) => noteActivity(tx) }

/** In the region. */
export const census: Op<'census'> = { apply: (tx, { activeAt }) => void reportActivity(tx, activeAt) }

/** In the region. */
export const sleep: Op<'sleep'> = {
  apply(tx, { activeAt }) {
    const region = regionOf(tx)
    if (region === undefined || reportActivity(tx, activeAt)) return
    tx.regions.update(region.id, { state: 'dormant' })
  },
}

/** Whether somebody was here later than the Nexus knows; if so, tells it. */
function reportActivity(tx: Tx, knownAt: number): boolean {
  const region = regionOf(tx)
  if (region === undefined || region.activeAt <= knownAt) return false
  tx.send(NEXUS_ZONE, 'active', { region: region.id, activeAt: region.activeAt })
  return true
}

/** A resident's login keeps a region from falling asleep; only somebody who comes to it wakes it. */
function touchHomes(tx: Tx, player: string): void {
  for (const { region } of tx.residents.by.player.list(player)) {
    if (tx.gates.has(region)) tx.gates.update(region, { activeAt: tx.now })
  }
}
