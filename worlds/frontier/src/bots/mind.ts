import type { Prng } from '@terrane/core'
import { HOLD_MASS_MAX } from '../bounds.js'
import { isWithin, type Point } from '../region/layout.js'
import { chooseErrand, type Memory } from './choices.js'
import { ACT_RANGE, type Errand, type Order, orderOf } from './errands.js'
import { massOf, type View } from './view.js'

/** Refusals in a row after which a bot thinks again about what it is doing. */
const PATIENCE = 3
/** Flights with this far to go are steered, in this share of decisions. */
const STEER_FROM = 1_600
const STEER_SHARE = 0.6

/**
 * Decides what one bot does, from what it sees: pure but for its own errand and its random stream.
 *
 *   no errand ──choose──► errand ──► on the way ──► at the place ──order──► done, given up or overdue
 */
export class Mind {
  readonly #prng: Prng
  readonly #memory: Memory = { wanted: [] }
  #errand: Errand | undefined
  #refusals = 0

  constructor(prng: Prng) {
    this.#prng = prng
  }

  get errand(): Errand | undefined {
    return this.#errand
  }

  /** The next input, or undefined to wait and look again. */
  next(view: View): Order | undefined {
    if (this.#errand === undefined || isOver(this.#errand, view)) {
      this.#errand = chooseErrand(view, this.#memory, this.#prng)
      this.#refusals = 0
    }
    const errand = this.#errand
    if (errand.kind !== 'rest' && !isWithin(view.ship, errand.stand, ACT_RANGE[errand.kind])) {
      if (!isBound(view, errand.stand)) return { input: 'move', args: errand.stand }
      return this.#steer(view, errand.stand)
    }
    if (errand.kind === 'gather' && view.now < view.player.readyAt) return undefined
    const { order, last } = orderOf(errand)
    if (last) this.#errand = undefined
    return order
  }

  /** Now and then a bend in a long flight, as people fly; the next decision turns back to the course. */
  #steer({ ship }: View, stand: Point): Order | undefined {
    if (isWithin(ship, stand, STEER_FROM) || !this.#prng.chance(STEER_SHARE)) return undefined
    const bend = () => this.#prng.between(-STEER_FROM / 2, STEER_FROM / 2)
    return {
      input: 'move',
      args: { x: Math.round((ship.x + stand.x) / 2) + bend(), y: Math.round((ship.y + stand.y) / 2) + bend() },
    }
  }

  /** The world refused the last order. */
  refused(code: string): void {
    if (code === 'cooling_down' || code === 'rate_limited') return
    this.#refusals++
    if (this.#refusals >= PATIENCE || FINAL.has(code)) this.#errand = undefined
  }
}

/** Refusals that will not change by trying again. */
const FINAL = new Set(['hold_full', 'node_empty', 'not_found', 'too_close', 'limit_reached'])

function isBound(view: View, stand: Point): boolean {
  return view.ship.moving && view.ship.targetX === stand.x && view.ship.targetY === stand.y
}

function isOver(errand: Errand, view: View): boolean {
  if (view.now >= errand.deadline) return true
  if (errand.kind !== 'gather') return false
  const node = view.nodes.find(({ id }) => id === errand.node)
  if (node !== undefined && node.remaining === 0) return true
  return view.hold[errand.resource] >= errand.until || massOf(view.hold) >= HOLD_MASS_MAX
}
