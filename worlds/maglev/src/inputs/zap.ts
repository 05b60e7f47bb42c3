import { z } from 'zod'
import { actingRunner, isWithin } from '../car.js'
import type { Input } from '../kinds.js'
import { refuse } from '../rejections.js'
import { ZAP_COOLDOWN_TICKS, ZAP_REACH, ZAPPED_TICKS } from '../rules.js'

const args = z.object({ drone: z.int() })

/** Switches a drone within reach off for a while. */
export const zap: Input<typeof args> = {
  args,
  apply(tx, { drone: id }) {
    const { car, runner } = actingRunner(tx)
    const drone = tx.drones.must(id)
    if (runner.zapAt > car.tick) refuse(tx, 'cooling_down')
    if (!isWithin(runner, drone, ZAP_REACH)) refuse(tx, 'too_far')
    tx.runners.update(runner.player, { zapAt: car.tick + ZAP_COOLDOWN_TICKS })
    tx.drones.update(id, { idleUntil: car.tick + ZAPPED_TICKS })
  },
}
