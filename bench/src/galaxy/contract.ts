import type { PhaseRecord, RegionRequest } from '@terrane/world-frontier/galaxy'

/** What a worker is asked to do with a region. */
export interface Task {
  /** `check`: hold it against the independent checker as well. */
  readonly kind: 'generate' | 'check'
  readonly request: RegionRequest
}

export interface Result {
  readonly sectors: number
  readonly milliseconds: number
  /** Of these, those in which the worker's thread ran. */
  readonly cpuMilliseconds: number
  /** Empty when no valid region came of the seed. */
  readonly phases: readonly PhaseRecord[]
  /** Why no valid region came of it: what the generator itself says. */
  readonly refused: readonly string[]
  /** What the checker says of a region that was delivered. */
  readonly problems: readonly string[]
  /** Number of formations by kind. */
  readonly stamped: Readonly<Record<string, number>>
}
