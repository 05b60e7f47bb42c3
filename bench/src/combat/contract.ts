/** What a worker is asked to do: some iterations of a shipped profile. */
export interface Task {
  readonly spec: string
  readonly seed: string
  readonly first: number
  readonly count: number
}

export interface Result {
  /** The encoded job result. */
  readonly bytes: Uint8Array
  readonly milliseconds: number
  /** Of these, those in which the worker's thread ran. */
  readonly cpuMilliseconds: number
}
