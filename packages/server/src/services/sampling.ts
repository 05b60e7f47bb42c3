import { systemClock, systemTimers } from '@terrane/core'
import type { Service } from '../process/service.js'
import { Sampler, type SampleSources } from '../stats/sampler.js'

type Sources = Pick<SampleSources, 'engine' | 'gateway' | 'database' | 'cluster'>

/** The figures of the server, once a second. */
export class Sampling implements Service {
  readonly doing = 'starting the statistics'
  readonly failing = 'the statistics did not start'
  readonly #sources: () => Sources
  #sampler: Sampler | undefined

  constructor(sources: () => Sources) {
    this.#sources = sources
  }

  /** Undefined until it has started. */
  get sampler(): Sampler | undefined {
    return this.#sampler
  }

  async run(): Promise<void> {
    this.#sampler = new Sampler({ ...this.#sources(), clock: systemClock, timers: systemTimers })
  }

  async stop(): Promise<void> {
    this.#sampler?.stop()
  }
}
