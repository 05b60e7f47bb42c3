import { Prng } from '@terrane/core'
import { SimulatedTime } from '../../simulated-time.js'
import { checkRow } from './job-check.js'
import { drawJobsPlan, type JobsPlan } from './job-plan.js'
import { SimJobStore } from './sim-job-store.js'
import { SimNode } from './sim-node.js'
import { SimSentinel } from './sim-sentinel.js'

export interface JobsSimulationOptions {
  readonly seed: number
  /** Simulated time under faults, ms. */
  readonly durationMs?: number
}

export interface JobsFigures {
  jobs: number
  completed: number
  failed: number
  kills: number
  freezes: number
  claims: number
  accepted: number
  idempotent: number
  conflict: number
  stale: number
  reclaimed: number
  /** Units that were taken out again because their node had lied. */
  discarded: number
  liars: number
}

const STEP_MS = 50
const REST_MS_MAX = 300_000

/** Friends and guilds of the run: whoever computes, computes for these two. */
const CIRCLES: Readonly<Record<string, { guild: ReadonlySet<string>; friends: ReadonlySet<string> }>> = {
  user0: { guild: new Set(['ada']), friends: new Set() },
  user1: { guild: new Set(), friends: new Set(['ben']) },
  user2: { guild: new Set(['ada', 'ben']), friends: new Set(['ada']) },
}
const NOBODY = { guild: new Set<string>(), friends: new Set<string>() }

/**
 * Jobs on nodes that crash, lie, repeat themselves and come late; messages that are lost, doubled and late; one or
 * two sentinels that die and freeze at any moment and take over each other's jobs through a store that fails. In
 * the end every job must have ended exactly once, with each unit in its result exactly once and true; on the way
 * every completion has the answer that it must have, no chunk is held beyond its lease, and nobody computes for
 * whom their owner does not want to.
 */
export class JobsSimulation {
  readonly #random: Prng
  readonly #plan: JobsPlan
  readonly #time = new SimulatedTime(0)
  readonly #store: SimJobStore
  readonly #violations: string[] = []
  readonly #nodes: readonly SimNode[]
  readonly #sentinels: (SimSentinel | undefined)[]
  readonly #startAt: number[]
  readonly #options: JobsSimulationOptions
  #lives = 0
  #isCalm = false
  readonly #figures: JobsFigures = {
    jobs: 0,
    completed: 0,
    failed: 0,
    kills: 0,
    freezes: 0,
    claims: 0,
    accepted: 0,
    idempotent: 0,
    conflict: 0,
    stale: 0,
    reclaimed: 0,
    discarded: 0,
    liars: 0,
  }

  constructor(options: JobsSimulationOptions) {
    this.#options = options
    this.#random = new Prng(`jobs simulation ${options.seed}`)
    this.#plan = drawJobsPlan(this.#random.fork('plan'), this.#durationMs)
    this.#store = new SimJobStore(this.#time, this.#random.fork('store'), this.#plan)
    this.#sentinels = Array.from({ length: this.#plan.sentinels }, () => undefined)
    this.#startAt = this.#sentinels.map(() => 0)
    const network = this.#random.fork('network')
    this.#nodes = this.#plan.nodes.map(
      (plan) =>
        new SimNode({
          plan,
          time: this.#time,
          random: this.#random.fork(plan.id),
          send: (deliver) => this.#send(network, deliver),
          sentinels: () => this.#sentinels.flatMap((sentinel) => sentinel ?? []),
          poisonOf: (jobId) => this.#store.rows.get(jobId)?.job.poison,
        }),
    )
  }

  get #durationMs(): number {
    return this.#options.durationMs ?? 8_000
  }

  async run(): Promise<{ seed: number; violations: readonly string[]; figures: JobsFigures }> {
    for (const job of this.#plan.jobs) this.#time.after(job.submitAt, () => this.#store.insert(job))
    try {
      while (this.#time.now() < this.#durationMs && this.#violations.length === 0) await this.#step()
      this.#beCalm()
      while (!this.#isDone() && this.#violations.length === 0) {
        if (this.#time.now() > this.#durationMs + REST_MS_MAX) this.#violations.push(this.#describeUnfinished())
        else await this.#step()
      }
    } catch (error) {
      this.#violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    for (const row of this.#store.rows.values()) {
      this.#violations.push(...checkRow(row, this.#plan))
      this.#figures.jobs++
      if (row.ends[0]?.status === 'completed') this.#figures.completed++
      else this.#figures.failed++
    }
    for (const sentinel of this.#sentinels) if (sentinel !== undefined) this.#end(sentinel)
    return { seed: this.#options.seed, violations: this.#violations, figures: this.#figures }
  }

  #send(random: Prng, deliver: () => void): void {
    const { messageLost, messageTwice, messageMs, messageLate, lateMs } = this.#plan
    if (!this.#isCalm && random.chance(messageLost)) return
    const times = !this.#isCalm && random.chance(messageTwice) ? 2 : 1
    for (let i = 0; i < times; i++) {
      const isLate = !this.#isCalm && random.chance(messageLate)
      this.#time.after((isLate ? lateMs : messageMs) * random.float(), deliver)
    }
  }

  async #step(): Promise<void> {
    for (const [index, sentinel] of this.#sentinels.entries()) {
      if (sentinel === undefined && this.#time.now() >= (this.#startAt[index] as number)) this.#start(index)
    }
    if (!this.#isCalm) this.#injectFaults()
    await this.#time.advance(STEP_MS)
  }

  #start(index: number): void {
    const name = `sentinel${index}.${this.#lives++}`
    this.#sentinels[index] = new SimSentinel({
      name,
      time: this.#time,
      store: this.#store,
      plan: this.#plan,
      random: this.#random.fork(name),
      users: (user) => CIRCLES[user] ?? NOBODY,
      violate: (what) => this.#violations.push(what),
    })
  }

  #end(sentinel: SimSentinel): void {
    sentinel.kill()
    for (const [name, value] of Object.entries(sentinel.figures)) this.#figures[name as keyof JobsFigures] += value
  }

  #injectFaults(): void {
    const happens = (perSecond: number) => this.#random.chance((perSecond * STEP_MS) / 1_000)
    const { sentinelDiesPerSecond, sentinelFreezesPerSecond, nodeDiesPerSecond, consentChangesPerSecond } = this.#plan
    for (const [index, sentinel] of this.#sentinels.entries()) {
      if (sentinel === undefined) continue
      if (happens(sentinelDiesPerSecond)) {
        this.#figures.kills++
        this.#end(sentinel)
        this.#sentinels[index] = undefined
        this.#startAt[index] = this.#time.now() + this.#random.below(1_000)
      } else if (happens(sentinelFreezesPerSecond)) {
        this.#figures.freezes++
        sentinel.freeze(this.#random.below(5_000))
      }
    }
    for (const node of this.#nodes) {
      if (happens(nodeDiesPerSecond)) this.#random.chance(0.7) ? node.crash() : node.leave()
      if (happens(consentChangesPerSecond)) node.share = this.#random.pick(['own', 'guild', 'friends', 'public'])
    }
  }

  #beCalm(): void {
    this.#isCalm = true
    this.#store.isCalm = true
    for (const sentinel of this.#sentinels) sentinel?.thaw()
    for (const node of this.#nodes) {
      node.isCalm = true
      node.share = 'public'
    }
  }

  #isDone(): boolean {
    return [...this.#store.rows.values()].every(({ status }) => status === 'ended')
  }

  #describeUnfinished(): string {
    const open = [...this.#store.rows.values()].filter(({ status }) => status !== 'ended').map(({ job }) => job.id)
    const progress = this.#sentinels.flatMap((sentinel) => open.map((id) => sentinel?.runtime.progress(id)))
    return `not at rest ${REST_MS_MAX} ms after the faults have ended: ${open.join(', ')} ${JSON.stringify(progress)}`
  }
}
