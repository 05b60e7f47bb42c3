import { defineWorld } from '@terrane/engine'
import { INTEREST_RADIUS, REGION_SIZE, SECTORS_PER_REGION } from './bounds.js'
import { arrive, lookoutOf } from './crew.js'
import { build } from './inputs/build.js'
import { craft } from './inputs/craft.js'
import { harvest } from './inputs/harvest.js'
import { interact } from './inputs/interact.js'
import { move } from './inputs/move.js'
import { warp } from './inputs/warp.js'
import { conservation } from './invariants/conservation.js'
import { ownership } from './invariants/ownership.js'
import { ranges } from './invariants/ranges.js'
import { stocks } from './invariants/stocks.js'
import { kinds } from './kinds.js'
import { active, census, createCensus, login, settle, sleep, staysLoaded, traverse } from './nexus/activity.js'
import { attach, attached, attachments, attachRegion } from './nexus/attachment.js'
import { createFigures } from './nexus/figures.js'
import { opSchemas } from './nexus/op-schemas.js'
import { DEFAULT_POLICY, type GalaxyPolicy } from './nexus/policy.js'
import { populate } from './populate.js'
import { generateRegion } from './region/generate-region.js'
import type { RegionGenerator } from './region/layout.js'
import { describeRegion, importRegion } from './regions/import-region.js'
import { isRegionZone, NEXUS_ZONE } from './regions/zone-names.js'
import { fly } from './ticks/fly.js'
import { moorings } from './ticks/moorings.js'
import { regrow } from './ticks/regrow.js'
import { storm } from './ticks/storm.js'

const START_ZONE = 'main'

export interface FrontierOptions {
  /** The same seed makes the same region. */
  readonly seed?: string
  readonly sectors?: number
  readonly generate?: RegionGenerator
  /** For how many regions the machines are sized, and when a region is put away. */
  readonly galaxy?: Partial<GalaxyPolicy>
}

/**
 * The reference universe: a region in which players fly, harvest, craft and settle, and a galaxy of further ones, each
 * in a zone of its own, that operators import and attach to the Nexus.
 */
export function createFrontier(options: FrontierOptions = {}) {
  const { seed = 'frontier', sectors = SECTORS_PER_REGION, generate = generateRegion } = options
  const policy = { ...DEFAULT_POLICY, ...options.galaxy }
  return defineWorld({
    name: 'frontier',
    kinds,
    zones: [START_ZONE, NEXUS_ZONE],
    opens: isRegionZone,
    founds: () => false,
    keeps: staysLoaded,
    inputs: { move, harvest, build, interact, craft, warp },
    ops: {
      attach: { args: opSchemas.attach, ...attach },
      attached: { args: opSchemas.attached, ...attached },
      login: { args: opSchemas.login, ...login },
      settle: { args: opSchemas.settle, ...settle },
      active: { args: opSchemas.active, ...active },
      traverse: { args: opSchemas.traverse, ...traverse },
      census: { args: opSchemas.census, ...census },
      sleep: { args: opSchemas.sleep, ...sleep },
    },
    commands: { importRegion, attachRegion, describeRegion },
    ticks: { fly, regrow, storm, moorings, attachments, census: createCensus(policy) },
    invariants: { conservation, stocks, ownership, ranges },
    interest: { hz: 10, radius: INTEREST_RADIUS, follow: lookoutOf, observers: true },
    figures: createFigures(policy),
    // The others are empty until a region is imported.
    init: (tx) =>
      void (
        tx.zone === START_ZONE && populate(tx, generate({ seed: `${seed}/${tx.zone}`, sectors, size: REGION_SIZE }))
      ),
    join: arrive,
  })
}

const frontier = createFrontier()
export type Frontier = typeof frontier
export default frontier
