import { messageOf } from '@terrane/core'
import { CommandFailure } from '../process/failure.js'

/**
 * What a world that makes universes exports as `@terrane/world-<name>/galaxy`. The server knows no world: a
 * universe is the world's own JSON, of which the command reads what is named here.
 */
export interface Galaxy {
  /** What the regions of a universe are made from. Throws `TerraneError`. */
  regionRequests(request: UniverseRequest): readonly RegionRequest[]
  /** Depends on nothing but the request. Throws `TerraneError`. */
  generateRegion(request: RegionRequest, options: GenerationOptions): Region
  universeOf(request: UniverseRequest, regions: readonly Region[]): Universe
  /** The zone into which a region is imported: the world's commands importRegion, describeRegion, attachRegion do it. */
  zoneOf(region: Region): string
  /** Whether it is what the other regions are attached to. */
  isHub(region: Region): boolean
  /** Everything that is wrong with what a file held; nothing when it is a valid universe. */
  checkUniverse(value: unknown): readonly { readonly element: string; readonly message: string }[]
  /** As SVG. */
  drawUniverse(universe: Universe): string
}

/** The world's own: only passed on, so it must be plain data. */
export type RegionRequest = object

interface UniverseRequest {
  readonly seed: string
  readonly sectors: number
  readonly regions: number
  readonly nexus: boolean
}

interface GenerationOptions {
  readonly batchSize: number
  readonly now: () => number
  readonly onPhase: (region: string, phase: number, of: number, name: string) => void
}

export interface Universe {
  readonly regions: readonly Region[]
}

export interface Region {
  readonly name: string
  readonly sectors: readonly unknown[]
  readonly warps: readonly unknown[]
  readonly tunnels: readonly unknown[]
  readonly formations: readonly { readonly kind: string }[]
  readonly generation: { readonly checksum: string; readonly phases: readonly PhaseRecord[] }
}

interface PhaseRecord {
  readonly number: number
  readonly name: string
  readonly operations: number
  readonly checksum: string
  readonly milliseconds?: number
}

const MEMBERS = [
  'regionRequests',
  'generateRegion',
  'universeOf',
  'zoneOf',
  'isHub',
  'checkUniverse',
  'drawUniverse',
] as const satisfies readonly (keyof Galaxy)[]

/** The galaxy of a world, by the name of its workspace. Throws `CommandFailure`. */
export async function loadGalaxy(world: string): Promise<Galaxy> {
  try {
    if (!/^[a-z0-9-]+$/.test(world)) throw new Error('that is not the name of a world')
    const module: Partial<Galaxy> = await import(`@terrane/world-${world}/galaxy`)
    if (isGalaxy(module)) return module
    throw new Error(`its export "./galaxy" does not have ${MEMBERS.join(', ')}`)
  } catch (cause) {
    throw new CommandFailure('unknown_galaxy', {
      what: `the world "${world}" has no galaxy`,
      why: messageOf(cause),
      next: 'name a world that makes universes, such as frontier',
      cause,
    })
  }
}

function isGalaxy(module: Partial<Galaxy>): module is Galaxy {
  return MEMBERS.every((member) => typeof module[member] === 'function')
}
