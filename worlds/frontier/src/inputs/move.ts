import { z } from 'zod'
import { REGION_SIZE } from '../bounds.js'
import { aboard } from '../crew.js'
import type { Input } from '../kinds.js'

const args = z.object({ x: z.number(), y: z.number() })

/** Sets the ship's course. Beyond the region's edge it ends at the edge. */
export const move: Input<typeof args> = {
  args,
  apply(tx, { x, y }) {
    const { ship } = aboard(tx)
    const targetX = toRegion(x)
    const targetY = toRegion(y)
    tx.ships.update(ship.id, { targetX, targetY, moving: targetX !== ship.x || targetY !== ship.y })
  },
}

export function toRegion(coordinate: number): number {
  return Math.min(REGION_SIZE, Math.max(0, Math.round(coordinate)))
}
