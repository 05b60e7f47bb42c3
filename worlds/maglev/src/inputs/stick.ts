import { z } from 'zod'
import { ownRunner } from '../car.js'
import type { Input } from '../kinds.js'
import { divide } from '../physics/index.js'
import { STICK_MAX, WALK_SPEED } from '../rules.js'

const SEEN_EVERY_MS = 5_000
const args = z.object({
  x: z.int().min(-STICK_MAX).max(STICK_MAX),
  y: z.int().min(-STICK_MAX).max(STICK_MAX),
})

/** Where the runner goes until the stick says otherwise; a stick pushed into a corner is no faster. */
export const stick: Input<typeof args> = {
  args,
  perSecond: 120,
  apply(tx, { x, y }) {
    const runner = ownRunner(tx)
    const length = Math.max(STICK_MAX, Math.hypot(x, y))
    const vx = divide(x * WALK_SPEED, length)
    const vy = divide(y * WALK_SPEED, length)
    if (vx !== runner.vx || vy !== runner.vy) tx.runners.update(runner.player, { vx, vy })
    if (tx.now - runner.seenAt >= SEEN_EVERY_MS) tx.runners.update(runner.player, { seenAt: tx.now })
  },
}
