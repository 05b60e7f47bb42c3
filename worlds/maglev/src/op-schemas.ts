import { z } from 'zod'

/** What the zones of a mission tell each other. */

const player = z.string()
const mission = z.int().positive()

export const opSchemas = {
  /** First car to the terminal: somebody plays, or has gone. */
  enlisted: z.object({ player }),
  discharged: z.object({ player }),
  /** Terminal to the first car: the mission begins. */
  breach: z.object({ mission, seed: z.int(), endsAt: z.int(), cores: z.array(z.int()) }),
  /** Terminal to the first car: here is another core. */
  release: z.object({ mission, core: z.int() }),
  /** Terminal to the first car: it is over, and the players are on their way back; and then: the lobby is open. */
  over: z.object({ mission }),
  /** First car to the player's persona zone: they brought their n-th core through the door. */
  carried: z.object({ player, mission, carried: z.int().positive() }),
  /** Terminal to the persona zone: a core of theirs is in a slot. */
  score: z.object({
    player,
    mission,
    /** Number of the slot event, from 1, over all missions. */
    slotEvent: z.int().positive(),
    /** What they had brought through the door before: the persona zone must know of that. */
    carried: z.int().nonnegative(),
  }),
  /** Terminal to the persona zone: the mission has ended. */
  finish: z.object({ player, mission, result: z.enum(['won', 'lost']), endedAt: z.int() }),
  /** Persona zone to the cars: this is what the player has now. */
  tally: z.object({ player, points: z.int() }),
}

export type OpSchemas = typeof opSchemas
