/**
 * The floor of the train and what is on it. Lengths are whole micrometres and velocities µm per tick of 50 ms: all
 * arithmetic is on integers below 2^53, so every machine computes the same.
 */

/** Length (`x`) and width (`y`), µm: two cars of 20 m. The floor reaches from 0 to these. */
export const FLOOR = { x: 40_000_000, y: 4_000_000 } as const
export const CORE_RADIUS = 150_000
export const PLAYER_RADIUS = 300_000
/** How near a core's centre must come to a slot's to fall in. */
export const SLOT_RADIUS = 200_000
/** 5 m/s along each axis: less than a core's diameter per tick, so cores cannot jump over each other at rest. */
export const SPEED_MAX = 250_000

/** A data-core that rolls. */
export interface Core {
  readonly id: number
  readonly x: number
  readonly y: number
  readonly vx: number
  readonly vy: number
  /** Who touched it last: it scores for them. */
  readonly touchedBy: string | undefined
}

/** A player on the floor: cores bounce off, and do not move it. */
export interface Walker {
  readonly player: string
  readonly x: number
  readonly y: number
  readonly vx: number
  readonly vy: number
}

/** A hole in the terminal that takes one core. */
export interface Slot {
  readonly id: number
  readonly x: number
  readonly y: number
}

/** A core that has fallen into a slot, as it was when it fell. */
export interface Slotted {
  readonly slot: number
  readonly core: Core
}

const WORDS_PER_CORE = 5

/** The cores as bytes, by id, little-endian: equal for equal floors, on every machine. */
export function coreBytes(cores: readonly Core[]): Uint8Array {
  const bytes = new Uint8Array(cores.length * WORDS_PER_CORE * 4)
  const view = new DataView(bytes.buffer)
  const sorted = [...cores].sort((a, b) => a.id - b.id)
  for (const [at, { id, x, y, vx, vy }] of sorted.entries()) {
    for (const [word, value] of [id, x, y, vx, vy].entries()) {
      view.setInt32((at * WORDS_PER_CORE + word) * 4, value, true)
    }
  }
  return bytes
}
