import { defineWorld } from '@terrane/engine'
import { INTEREST_RADIUS, REGION_SIZE, SECTORS_PER_REGION } from './bounds.js'
import { arrive, lookoutOf } from './crew.js'
import { build } from './inputs/build.js'
import { craft } from './inputs/craft.js'
import { harvest } from './inputs/harvest.js'
import { interact } from './inputs/interact.js'
import { move } from './inputs/move.js'
import { conservation } from './invariants/conservation.js'
import { ownership } from './invariants/ownership.js'
import { ranges } from './invariants/ranges.js'
import { stocks } from './invariants/stocks.js'
import { kinds } from './kinds.js'
import { populate } from './populate.js'
import { generateRegion } from './region/generate-region.js'
import type { RegionGenerator } from './region/layout.js'
import { fly } from './ticks/fly.js'
import { moorings } from './ticks/moorings.js'
import { regrow } from './ticks/regrow.js'
import { storm } from './ticks/storm.js'

export interface FrontierOptions {
  /** The same seed makes the same region. */
  readonly seed?: string
  readonly sectors?: number
  readonly generate?: RegionGenerator
}

/** The reference universe: one region in which players fly, harvest, craft and settle. */
export function createFrontier(options: FrontierOptions = {}) {
  const { seed = 'frontier', sectors = SECTORS_PER_REGION, generate = generateRegion } = options
  return defineWorld({
    name: 'frontier',
    kinds,
    zones: ['main'],
    inputs: { move, harvest, build, interact, craft },
    ticks: { fly, regrow, storm, moorings },
    invariants: { conservation, stocks, ownership, ranges },
    interest: { hz: 10, radius: INTEREST_RADIUS, follow: lookoutOf, observers: true },
    init: (tx) => populate(tx, generate({ seed: `${seed}/${tx.zone}`, sectors, size: REGION_SIZE })),
    join: arrive,
  })
}

const frontier = createFrontier()
export type Frontier = typeof frontier
export default frontier
