/** Fixed point of directions: 1 is 1,024. */
const ONE = 1_024
/** 7/8 of the speed of approach comes back. */
const RESTITUTION = { of: 8, back: 7 } as const

interface Body {
  readonly x: number
  readonly y: number
  readonly vx: number
  readonly vy: number
}

/** What a contact does to a body: added to its position and velocity. */
export interface Push {
  readonly x: number
  readonly y: number
  readonly vx: number
  readonly vy: number
}

/**
 * What `other` does to `body` when both touch; undefined when they do not. `share` is 2 for bodies of the same mass,
 * which each give way by half, and 1 when `other` does not give way. With 2 the same call with both exchanged gives
 * exactly the opposite, because truncation is symmetric about 0: momentum is conserved to the last unit.
 *
 * @param isFirst says which way bodies part that are in the very same place: by their ids, not by their order.
 */
export function contact(body: Body, other: Body, reach: number, share: 1 | 2, isFirst: boolean): Push | undefined {
  const dx = body.x - other.x
  const dy = body.y - other.y
  if (Math.abs(dx) >= reach || Math.abs(dy) >= reach) return undefined
  const distance = Math.floor(Math.sqrt(dx * dx + dy * dy))
  if (distance >= reach) return undefined
  const nx = distance === 0 ? (isFirst ? ONE : -ONE) : divide(dx * ONE, distance)
  const ny = distance === 0 ? 0 : divide(dy * ONE, distance)
  const overlap = reach - distance
  const parting = divide((body.vx - other.vx) * nx + (body.vy - other.vy) * ny, ONE)
  // Negative when they come nearer: only then does it bounce.
  const impulse = parting >= 0 ? 0 : divide(-parting * (RESTITUTION.of + RESTITUTION.back), RESTITUTION.of * share)
  return {
    x: divide(overlap * nx, ONE * share),
    y: divide(overlap * ny, ONE * share),
    vx: divide(impulse * nx, ONE),
    vy: divide(impulse * ny, ONE),
  }
}

/** Towards 0. Never -0, which would not equal 0 where floors are compared. */
export function divide(value: number, by: number): number {
  return Math.trunc(value / by) + 0
}
