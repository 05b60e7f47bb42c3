import { z } from 'zod'
import { carOf } from '../car.js'
import type { Input } from '../kinds.js'
import { refuse } from '../rejections.js'
import { MISSION_SECONDS, MISSION_SECONDS_MIN, TERMINAL } from '../rules.js'
import { begin } from '../terminal.js'

const args = z.object({
  /** How long it lasts, s. */
  seconds: z.int().min(MISSION_SECONDS_MIN).max(MISSION_SECONDS).default(MISSION_SECONDS),
  /** How the train banks; the same seed banks the same. */
  seed: z.int().min(0).max(2_147_483_647).optional(),
})

/** Begins a mission: sent to the car with the terminal by anybody of the crew. Answers with its number. */
export const start: Input<typeof args> = {
  args,
  apply(tx, { seconds, seed }) {
    if (tx.zone !== TERMINAL) refuse(tx, 'not_the_terminal')
    if (!tx.crew.has(tx.player)) refuse(tx, 'not_enlisted')
    if (carOf(tx).phase !== 'lobby') refuse(tx, 'running')
    return begin(tx, seconds, seed ?? tx.randomInt(0, 2_147_483_647))
  },
}
