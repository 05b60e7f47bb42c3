import type { Position } from '@terrane/causality'

/** The zone that a player's own rows are in. */
export interface PersonaAddress {
  readonly persona: string
}

/** The zone that a place is in. */
export interface PlaceAddress {
  readonly place: Position
}

/** A zone by its name, or by what it has authority over: which zone that is may change, and is looked up when used. */
export type ZoneAddress = string | PersonaAddress | PlaceAddress

/** The zone that `playerId`'s own rows are in: `tx.send(persona(id), op, args)`. */
export function persona(playerId: string): PersonaAddress {
  return { persona: playerId }
}

/** The zone of a place, in worlds whose space is cut into zones. */
export function place(x: number, y: number, z: number): PlaceAddress {
  return { place: { x, y, z } }
}
