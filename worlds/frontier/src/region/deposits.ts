import type { Prng } from '@terrane/core'
import { RESOURCES, type Resource } from '../goods.js'
import { type Band, type DepositPlan, distance, type Point, type SectorPlan, type SectorType } from './layout.js'

/** How likely each resource is in a sector of a type; in the order of `RESOURCES`. */
const WEIGHTS: Readonly<Record<SectorType, readonly [ore: number, ice: number, gas: number, fiber: number]>> = {
  standard: [3, 2, 2, 2],
  nebula: [1, 1, 6, 1],
  asteroid_field: [7, 2, 0, 1],
  star_cluster: [3, 0, 5, 1],
  agricultural: [1, 2, 1, 6],
  void: [2, 4, 1, 1],
  anomaly: [2, 2, 2, 2],
}

/** The further from the capital, the more there is to find. */
const CAPACITY: Readonly<Record<Band, number>> = { federation: 300, border: 600, frontier: 1_200 }
const VOID_DEPOSITS = 2
const DEPOSITS_MIN = 3
const DEPOSITS_MAX = 6
/** From a sector's position, world units. */
const RING_MIN = 250
const RING_MAX = 1_100
const SPACING = 180
const TRIES_MAX = 30

/** Resource deposits around a sector; fewer when they would touch. */
export function depositsOf(prng: Prng, sector: SectorPlan, size: number): DepositPlan[] {
  const count = sector.type === 'void' ? VOID_DEPOSITS : prng.between(DEPOSITS_MIN, DEPOSITS_MAX)
  const bonus = sector.type === 'anomaly' ? 2 : 1
  const deposits: DepositPlan[] = []
  for (let tries = 0; tries < TRIES_MAX && deposits.length < count; tries++) {
    const place = inRing(prng, sector)
    const free = deposits.every((other) => distance(other, place) >= SPACING)
    if (!free || place.x < 0 || place.y < 0 || place.x > size || place.y > size) continue
    deposits.push({
      ...place,
      sector: sector.id,
      resource: drawResource(prng, sector.type),
      capacity: bonus * prng.between(CAPACITY[sector.band] / 2, CAPACITY[sector.band]),
    })
  }
  return deposits
}

/** By rejection, without sine and cosine: their last digits differ between machines. */
function inRing(prng: Prng, centre: Point): Point {
  for (;;) {
    const dx = prng.between(-RING_MAX, RING_MAX)
    const dy = prng.between(-RING_MAX, RING_MAX)
    const squared = dx * dx + dy * dy
    if (squared >= RING_MIN * RING_MIN && squared <= RING_MAX * RING_MAX) return { x: centre.x + dx, y: centre.y + dy }
  }
}

function drawResource(prng: Prng, type: SectorType): Resource {
  const weights = WEIGHTS[type]
  const [ore, ice, gas, fiber] = weights
  let left = prng.below(ore + ice + gas + fiber)
  for (let index = 0; index < RESOURCES.length; index++) {
    left -= weights[index] as number
    if (left < 0) return RESOURCES[index] as Resource
  }
  return 'ore'
}
