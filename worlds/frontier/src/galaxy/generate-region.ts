import { assert } from '@terrane/core'
import { anchorsOf, capitalOf } from './anchors.js'
import { bandOf, NEXUS_BAND, type SizeBand } from './budgets.js'
import { checksumOf } from './canonical.js'
import { NEXUS_SECTORS, PLAZA_FIRST, PLAZA_LAST } from './nexus.js'
import { regionPhase } from './phases/00-region.js'
import { zonesPhase } from './phases/01-zones.js'
import { clustersPhase } from './phases/02-clusters.js'
import { sectorsPhase } from './phases/03-sectors.js'
import { sectorTypesPhase } from './phases/04-sector-types.js'
import { proximityWarpsPhase } from './phases/05-proximity-warps.js'
import { oneWayWarpsPhase } from './phases/06-one-way-warps.js'
import { latentWarpsPhase } from './phases/07-latent-warps.js'
import { lostFormationsPhase } from './phases/08-lost-formations.js'
import { formationsPhase } from './phases/09-formations.js'
import { longDistanceTunnelsPhase } from './phases/10-long-distance-tunnels.js'
import { stationsAndPlanetsPhase } from './phases/11-stations-and-planets.js'
import { capitalAndAnchorsPhase } from './phases/12-capital-and-anchors.js'
import { validationPhase } from './phases/13-validation.js'
import type { Phase } from './phases/phase.js'
import { type DraftParameters, RegionDraft } from './region-draft.js'
import type { PhaseRecord, Region } from './universe.js'

export interface RegionRequest {
  /** Unique within the universe. */
  readonly name: string
  readonly seed: string
  /** 100 to 1,500, or `nexus`: the Central Nexus with its 5,000. */
  readonly sectors: number | 'nexus'
  /** Instead of what the table says for the size. */
  readonly band?: SizeBand
}

export interface GenerationOptions {
  /** Formations and tunnels that are stamped between two checks of the whole region; default 4. */
  readonly batchSize?: number
  /** Now, milliseconds from any origin. Without it phases have no times. */
  readonly now?: () => number
  /** Called before every phase. */
  readonly onPhase?: (region: string, phase: number, of: number, name: string) => void
}

/** Half the work of a check after every stamp; larger batches spare little more, because bisections get longer. */
const BATCH_SIZE = 4

/** In the order of their numbers. */
const PHASES: readonly Phase[] = [
  regionPhase,
  zonesPhase,
  clustersPhase,
  sectorsPhase,
  sectorTypesPhase,
  proximityWarpsPhase,
  oneWayWarpsPhase,
  latentWarpsPhase,
  lostFormationsPhase,
  formationsPhase,
  longDistanceTunnelsPhase,
  stationsAndPlanetsPhase,
  capitalAndAnchorsPhase,
  validationPhase,
]

/**
 * A region from its type, size and seed, and from nothing else: the same request gives the same region,
 * whatever else is generated. Throws `TerraneError` (`galaxy_region_size`) for a size that there is not, and
 * `InvalidRegionError` with every reason when no valid region comes of the seed.
 */
export function generateRegion(request: RegionRequest, options: GenerationOptions = {}): Region {
  const { now, onPhase, batchSize = BATCH_SIZE } = options
  assert(Number.isInteger(batchSize) && batchSize >= 1, `a batch of ${batchSize} stamps`)
  const draft = new RegionDraft(parametersOf(request, batchSize))
  const records: PhaseRecord[] = []
  for (const phase of PHASES) {
    const { number, name } = phase
    onPhase?.(request.name, number, PHASES.length, name)
    const startMs = now?.()
    const operationsBefore = draft.graph.operations
    const made = phase.run(draft)
    const milliseconds = startMs === undefined || now === undefined ? {} : { milliseconds: now() - startMs }
    const operations = draft.graph.operations - operationsBefore
    records.push({ number, name, operations, checksum: checksumOf(made), ...milliseconds })
  }
  const region = regionOf(draft)
  return { ...region, generation: { checksum: checksumOf(region), phases: records } }
}

function parametersOf({ name, seed, sectors: size, band }: RegionRequest, batchSize: number): DraftParameters {
  const type = size === 'nexus' ? 'central_nexus' : 'player_owned'
  const sectors = size === 'nexus' ? NEXUS_SECTORS : size
  const anchors = anchorsOf(type, sectors)
  const plaza = size === 'nexus' ? numbersFrom(PLAZA_FIRST, PLAZA_LAST) : []
  return {
    name,
    type,
    seed,
    sectors,
    band: size === 'nexus' ? (band ?? NEXUS_BAND) : (band ?? bandOf(size)),
    batchSize,
    capital: capitalOf(type),
    anchors,
    reserved: new Set([...plaza, ...anchors.map(({ sector }) => sector)]),
    protected: new Set(plaza),
  }
}

function regionOf(draft: RegionDraft): Omit<Region, 'generation'> {
  const { name, type, seed, capital, anchors, protected: guarded } = draft.parameters
  return {
    name,
    type,
    seed,
    zones: draft.zones,
    clusters: draft.clusters,
    sectors: [...draft.numbers()].map((number) => ({
      number,
      position: draft.position(number),
      hilbert: draft.hilbert[number] as number,
      type: draft.types[number] as Region['sectors'][number]['type'],
      protected: guarded.has(number),
    })),
    warps: draft.warps(),
    tunnels: draft.tunnelWarps(),
    stations: draft.stations,
    planets: draft.planets,
    capital,
    anchors,
    formations: draft.formations,
  }
}

function numbersFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
