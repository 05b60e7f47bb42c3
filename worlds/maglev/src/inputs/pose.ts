import { z } from 'zod'
import { ownRunner } from '../car.js'
import type { Input } from '../kinds.js'

/** mm around the player's feet; quaternions in 1/10,000. */
const reach = z.int().min(-3_000).max(3_000)
const turn = z.int().min(-10_000).max(10_000)
const limb = z.tuple([reach, reach, reach, turn, turn, turn, turn])
const args = z.object({ seq: z.int().min(0).max(2_147_483_647), limbs: z.tuple([limb, limb, limb]) })

/** Head and hands, as a headset tells them 90 times a second. One that comes late changes nothing. */
export const pose: Input<typeof args> = {
  args,
  perSecond: 120,
  apply(tx, { seq, limbs }) {
    const { player, x, y } = ownRunner(tx)
    const last = tx.poses.get(player)
    if (last === undefined) tx.poses.insert({ player, seq, x, y, limbs })
    else if (seq > last.seq) tx.poses.update(player, { seq, x, y, limbs })
  },
}
