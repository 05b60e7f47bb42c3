import { HULL_MAX, HULL_SOUND, PLAYERS_PER_ZONE_MAX, SEEN_EVERY_MS, SHIP_SPEED, SHIP_SPEED_DAMAGED } from './bounds.js'
import type { Player, Ship, Tables, Tx } from './kinds.js'
import { noteActivity, noteLogin } from './nexus/activity.js'
import type { Point } from './region/layout.js'
import { namesOfPlayer } from './region/names.js'
import { refuse } from './rejections.js'
import { sectorAt } from './sector-lookup.js'

/** Ships of one haven start at most this far apart in each direction. */
const START_SPREAD = 400

export function shipOf(tables: Pick<Tables, 'ships'>, player: string): Ship | undefined {
  return tables.ships.by.owner.get(player)
}

/** Where a player looks from: their ship, or where it is moored. */
export function lookoutOf(tables: Pick<Tables, 'ships' | 'players'>, player: string): Point | undefined {
  const ship = shipOf(tables, player)
  if (ship !== undefined) return { x: ship.x, y: ship.y }
  const moored = tables.players.get(player)
  if (moored === undefined || moored.mooredX === null || moored.mooredY === null) return undefined
  return { x: moored.mooredX, y: moored.mooredY }
}

/** A player comes in: gets a ship when they have none, or the one that they had. */
export function arrive(tx: Tx): void {
  const player = tx.players.get(tx.player)
  noteLogin(tx, player?.seenAt)
  if (player === undefined) enlist(tx)
  else aboard(tx)
}

/** The player whose input this is, with their ship under way. Every input starts with it. */
export function aboard(tx: Tx): { player: Player; ship: Ship } {
  const player = tx.players.must(tx.player)
  noteActivity(tx)
  if (tx.now - player.seenAt >= SEEN_EVERY_MS) tx.players.update(player.id, { seenAt: tx.now })
  return { player, ship: shipOf(tx, player.id) ?? castOff(tx, player) }
}

export function speedFor(hull: number): number {
  return hull >= HULL_SOUND ? SHIP_SPEED : SHIP_SPEED_DAMAGED
}

/** Takes a ship off the map. Player and hold stay as they are. */
export function moor(tx: Tx, ship: Ship): void {
  tx.players.update(ship.owner, { mooredX: ship.x, mooredY: ship.y, mooredHull: ship.hull })
  tx.ships.delete(ship.id)
}

function enlist(tx: Tx): void {
  if (tx.sectors.count === 0) refuse(tx, 'region_unknown')
  if (tx.players.count >= PLAYERS_PER_ZONE_MAX) refuse(tx, 'region_full')
  noteActivity(tx)
  const havens = tx.sectors.by.haven.list(true)
  const haven = havens[tx.randomInt(0, havens.length - 1)]
  if (haven === undefined) refuse(tx, 'region_full', 'the region has no haven to start from')
  const start = {
    x: haven.x + tx.randomInt(-START_SPREAD, START_SPREAD),
    y: haven.y + tx.randomInt(-START_SPREAD, START_SPREAD),
  }
  const player = tx.players.insert({
    id: tx.player,
    name: namesOfPlayer(tx.player).captain,
    ship: tx.newId(),
    joinedAt: tx.now,
    seenAt: tx.now,
    readyAt: 0,
    homeX: null,
    homeY: null,
    mooredX: null,
    mooredY: null,
    mooredHull: null,
    harvested: 0,
    crafted: 0,
    built: 0,
  })
  launch(tx, player, start, HULL_MAX)
}

function castOff(tx: Tx, player: Player): Ship {
  const { mooredX, mooredY, mooredHull } = player
  if (mooredX === null || mooredY === null || mooredHull === null) {
    throw new Error(`player ${player.id} has neither a ship nor a mooring`)
  }
  tx.players.update(player.id, { mooredX: null, mooredY: null, mooredHull: null })
  return launch(tx, player, { x: mooredX, y: mooredY }, mooredHull)
}

function launch(tx: Tx, player: Player, at: Point, hull: number): Ship {
  return tx.ships.insert({
    id: player.ship,
    owner: player.id,
    name: namesOfPlayer(player.id).ship,
    captain: player.name,
    x: at.x,
    y: at.y,
    targetX: at.x,
    targetY: at.y,
    moving: false,
    speed: speedFor(hull),
    hull,
    sector: sectorAt(tx, at),
  })
}
