import type { Clock, Prng, Timer, Timers } from '@terrane/core'
import {
  type AnyWorld,
  Engine,
  type EngineEvent,
  type EngineLimits,
  type OpEndpoint,
  type OpExchange,
  type Store,
} from '@terrane/engine'
import { type MemoryDisk, MemoryStore } from '@terrane/store-memory'
import type { SimulatedTime } from '../simulated-time.js'
import { DatabaseFaults, type FaultPlan } from './faults.js'

/** Limits that make everything happen often within a few simulated seconds. */
const LIMITS: Partial<EngineLimits> = {
  stallAfterMs: 700,
  checkpointRowsMax: 50,
  checkpointEveryMs: 300,
  retentionMs: Number.POSITIVE_INFINITY,
  leaseMs: 1_500,
  historyMax: 8,
}

/** One server process: it can die at any moment, or freeze and wake up later without having noticed. */
export class SimProcess {
  readonly name: string
  readonly engine: Engine
  readonly faults: DatabaseFaults
  readonly #time: SimulatedTime
  #frozenUntil = 0
  #waiting: (() => void)[] = []
  #dead = false

  constructor(options: {
    name: string
    world: AnyWorld
    disk: MemoryDisk
    time: SimulatedTime
    plan: FaultPlan
    random: Prng
    database: { downUntil: number }
    report: (event: EngineEvent) => void
    sabotage: ((store: Store) => Store) | undefined
    /** Carries ops between zones; `timers` are those of the process. */
    exchange?: (endpoint: OpEndpoint, timers: Timers) => OpExchange
    limits?: Partial<EngineLimits>
    /** Other processes have zones of the same world; those to begin with. */
    prefers?: readonly string[]
    /** By how much its clock is wrong, ms. */
    skewMs?: number
    /** Whether it keeps warm copies of zones that others own. */
    follows: boolean
    /** Real time, for measuring what the code costs, ms. */
    stopwatch?: () => number
  }) {
    const { name, world, disk, time, plan, random, database, report, sabotage } = options
    this.name = name
    this.#time = time
    this.faults = new DatabaseFaults({
      plan,
      random: random.fork('database'),
      time,
      database,
      whileRunning: () => this.whileRunning(),
    })
    const { exchange, prefers, skewMs = 0, stopwatch } = options
    const clock: Clock = { now: () => time.now() + skewMs }
    const store = new MemoryStore(disk, { clock: time, faults: this.faults, chunkSize: 40 })
    const timers = this.#timers()
    this.engine = new Engine({
      world,
      store: sabotage?.(store) ?? store,
      clock,
      timers,
      seed: `${random.u32()}`,
      owner: name,
      follows: options.follows,
      ...(prefers === undefined ? {} : { shared: { prefers } }),
      ...(stopwatch === undefined ? {} : { stopwatch }),
      limits: { ...LIMITS, ...options.limits },
      ...(exchange === undefined ? {} : { exchange: (endpoint) => exchange(endpoint, timers) }),
      report: (event) => {
        if (!this.#dead) report(event)
      },
    })
  }

  get dead(): boolean {
    return this.#dead
  }

  get frozen(): boolean {
    return this.#time.now() < this.#frozenUntil
  }

  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#time.now() + ms)
    this.#time.after(ms, () => this.#wake())
  }

  thaw(): void {
    this.#frozenUntil = 0
    this.#wake()
  }

  /** Dies at once. Statements that it has sent may still take effect. */
  kill(): void {
    this.#dead = true
    this.engine.stop()
  }

  /** Runs `work` when the process is running; never when it has died before. */
  run(work: () => void): void {
    if (this.#dead) return
    if (this.frozen) this.#waiting.push(work)
    else work()
  }

  /** Resolves when the process is running. A dead process never learns its answers. */
  whileRunning(): Promise<void> {
    return new Promise((resolve) => this.run(resolve))
  }

  /** What fell due while the process was frozen happens now, all at once. */
  #wake(): void {
    if (this.frozen) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const work of waiting) this.run(work)
  }

  #timers(): Timers {
    return {
      after: (delayMs, work): Timer => {
        let cancelled = false
        const timer = this.#time.after(delayMs, () =>
          this.run(() => {
            if (!cancelled) work()
          }),
        )
        return {
          cancel: () => {
            cancelled = true
            timer.cancel()
          },
        }
      },
      soon: (work) => {
        this.#time.soon(() => this.run(work))
      },
      next: (work) => {
        this.#time.next(() => this.run(work))
      },
    }
  }
}
