import type { CommandFailure } from './failure.js'
import { failureOf } from './failure.js'
import type { Service } from './service.js'

/**
 *            run                 all have started            drain
 *   idle ──────────► starting ──────────────────► serving ──────────► draining ──► stopped
 *                       │  a service failed, or drain was asked for        ▲
 *                       └──────────────────────────────────────────────────┘
 */
export type Phase = 'idle' | 'starting' | 'serving' | 'draining' | 'stopped'

export interface LifecycleEvents {
  onStep(service: Service, phase: 'starting' | 'draining'): void
  /** Draining goes on when a service fails to: the others still have data to save. */
  onDrainFailure(failure: CommandFailure): void
}

/** Starts services in order, and drains and stops those that have started in the opposite order. */
export class Lifecycle {
  readonly #services: readonly Service[]
  readonly #events: LifecycleEvents
  readonly #begun: Service[] = []
  #phase: Phase = 'idle'
  #isDrainWanted = false
  #starting: Promise<boolean> | undefined
  #draining: Promise<boolean> | undefined

  constructor(services: readonly Service[], events: LifecycleEvents) {
    this.#services = services
    this.#events = events
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Resolves to false when `drain` came first. Rejects with a `CommandFailure`, everything stopped. */
  run(): Promise<boolean> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<boolean> {
    this.#phase = 'starting'
    for (const service of this.#services) {
      if (this.#isDrainWanted) return false
      this.#events.onStep(service, 'starting')
      this.#begun.push(service)
      try {
        await service.run()
      } catch (error) {
        const failure = failureOf(error, service.failing)
        this.#phase = 'draining'
        await this.#stopAll()
        throw failure
      }
    }
    if (this.#isDrainWanted) return false
    this.#phase = 'serving'
    return true
  }

  /** Ends everything in order; while it starts, as soon as the present step is done. True when all went well. */
  drain(): Promise<boolean> {
    this.#draining ??= this.#drain()
    return this.#draining
  }

  async #drain(): Promise<boolean> {
    this.#isDrainWanted = true
    try {
      await this.#starting
    } catch {
      // It has stopped everything itself, and its caller tells why.
      return false
    }
    this.#phase = 'draining'
    let isClean = true
    for (const service of this.#begun.toReversed()) {
      if (service.drain === undefined) continue
      this.#events.onStep(service, 'draining')
      isClean = (await this.#attempt(service, service.drain())) && isClean
    }
    return (await this.#stopAll()) && isClean
  }

  async #stopAll(): Promise<boolean> {
    let isClean = true
    for (const service of this.#begun.toReversed()) {
      isClean = (await this.#attempt(service, service.stop())) && isClean
      // Not before: while one hangs, `kill` must still reach it and those below it.
      this.#begun.pop()
    }
    this.#phase = 'stopped'
    return isClean
  }

  async #attempt(service: Service, work: Promise<void>): Promise<boolean> {
    try {
      await work
      return true
    } catch (error) {
      this.#events.onDrainFailure(failureOf(error, `the server did not end in order (${service.doing})`))
      return false
    }
  }

  /** Last resort before an exit. Never rejects. */
  async kill(): Promise<void> {
    await Promise.allSettled(this.#begun.toReversed().map(async (service) => service.kill?.()))
  }
}
