import { PLAYERS_PER_ZONE_MAX, STRUCTURES_PER_PLAYER_MAX, STRUCTURES_PER_ZONE_MAX } from '../bounds.js'
import type { Tables } from '../kinds.js'

/** Whatever has an owner has one that exists, in numbers that are allowed; every player has one ship. */
export function ownership(tables: Tables): string | undefined {
  if (tables.players.count > PLAYERS_PER_ZONE_MAX) return `${tables.players.count} players`
  if (tables.structures.count > STRUCTURES_PER_ZONE_MAX) return `${tables.structures.count} structures`
  for (const ship of tables.ships.all()) {
    const owner = tables.players.get(ship.owner)
    if (owner === undefined) return `ship ${ship.id} belongs to nobody`
    if (owner.ship !== ship.id) return `ship ${ship.id} is not the one that ${owner.id} has`
  }
  for (const player of tables.players.all()) {
    const moored = [player.mooredX, player.mooredY, player.mooredHull].filter((value) => value !== null).length
    if (moored !== 0 && moored !== 3) return `player ${player.id} is half moored`
    const ships = Number(moored === 3) + Number(tables.ships.has(player.ship))
    if (ships !== 1) return `player ${player.id} has ${ships} ships`
  }
  const built = new Map<string, number>()
  for (const { id, owner } of tables.structures.all()) {
    if (!tables.players.has(owner)) return `structure ${id} belongs to nobody`
    const count = (built.get(owner) ?? 0) + 1
    if (count > STRUCTURES_PER_PLAYER_MAX)
      return `player ${owner} has more than ${STRUCTURES_PER_PLAYER_MAX} structures`
    built.set(owner, count)
  }
  return undefined
}
