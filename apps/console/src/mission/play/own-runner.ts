import { CARS, type CarZone, TICK_MS, WALK_SPEED } from '@terrane/world-maglev'
import { FLOOR, PLAYER_RADIUS } from '@terrane/world-maglev/physics'

/** How fast the page's own idea of where one is gives way to the server's, ms. */
const YIELD_MS = 140
/** Beyond this the server's place is taken at once, µm. */
const LEAP = 1_500_000
/** A frame is not extrapolated for longer, ms. */
const AHEAD_MS_MAX = 120

interface Point {
  readonly x: number
  readonly y: number
}

/** What the server last said of the player's runner. */
export interface Authoritative extends Point {
  readonly zone: CarZone
  /** µm per tick. */
  readonly vx: number
  readonly vy: number
  /** How long ago, ms. */
  readonly ageMs: number
}

/**
 * Where the player's own runner is drawn: it follows the stick at once, and what the server says softly, so that neither
 * the way to the server nor the frames of others delay one's own steps.
 */
export class OwnRunner {
  zone: CarZone | undefined
  x = 0
  y = 0

  /** @param stick each of x and y from -1 to 1; zero when the runner cannot move */
  step(dtMs: number, stick: Point, said: Authoritative): void {
    if (this.zone !== said.zone) {
      this.zone = said.zone
      this.x = said.x
      this.y = said.y
      return
    }
    const length = Math.max(1, Math.hypot(stick.x, stick.y))
    const walked = (WALK_SPEED * dtMs) / TICK_MS / length
    this.#moveTo(this.x + stick.x * walked, this.y + stick.y * walked)
    const aheadTicks = Math.min(said.ageMs, AHEAD_MS_MAX) / TICK_MS
    const dx = said.x + said.vx * aheadTicks - this.x
    const dy = said.y + said.vy * aheadTicks - this.y
    const share = Math.hypot(dx, dy) > LEAP ? 1 : 1 - Math.exp(-dtMs / YIELD_MS)
    this.#moveTo(this.x + dx * share, this.y + dy * share)
  }

  #moveTo(x: number, y: number): void {
    const { from, to } = CARS[this.zone as CarZone]
    this.x = Math.min(to - PLAYER_RADIUS, Math.max(from + PLAYER_RADIUS, x))
    this.y = Math.min(FLOOR.y - PLAYER_RADIUS, Math.max(PLAYER_RADIUS, y))
  }
}
