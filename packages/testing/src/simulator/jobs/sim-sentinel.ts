import type { Prng } from '@terrane/core'
import {
  type Access,
  type Claim,
  type ClaimName,
  type Completion,
  type CompletionOutcome,
  type JobEvent,
  type JobLimits,
  JobRuntime,
  type JobSnapshot,
  type NodeSpec,
} from '@terrane/jobs'
import type { SimulatedTime } from '../../simulated-time.js'
import type { JobsPlan } from './job-plan.js'
import { type KnownResult, knownResults } from './known-results.js'
import type { Hold, SimJobStore } from './sim-job-store.js'

const SIM_LIMITS: Partial<JobLimits> = {
  attemptsMax: 12,
  chunkMs: 200,
  firstChunkUnits: 40,
  leaseMsMin: 1_000,
  leaseMsMax: 5_000,
  holdMsMax: 8_000,
  avoidMs: 100,
}
const HOLD_MS_MAX = 8_000
const JOB_LEASE_MS = 2_000
const SWEEP_MS = 100
/** A node that is silent for so long is gone. */
const SILENCE_MS = 4_000

export type Users = (user: string) => { guild: ReadonlySet<string>; friends: ReadonlySet<string> }

interface Held {
  readonly hold: Hold
  /** What was saved when it was taken. */
  readonly saved: JobSnapshot<KnownResult> | undefined
  isSaving: boolean
  isFinishing: boolean
  isUnsaved: boolean
}

/** One life of a sentinel: a real runtime, its jobs from the simulated store, and a check of each thing it does. */
export class SimSentinel {
  readonly name: string
  readonly runtime: JobRuntime<KnownResult>
  readonly #store: SimJobStore
  readonly #time: SimulatedTime
  readonly #plan: JobsPlan
  readonly #violate: (what: string) => void
  readonly #held = new Map<string, Held>()
  readonly #nodes = new Map<string, { spec: NodeSpec; heardAt: number }>()
  readonly #claimedAt = new Map<string, number>()
  /** By token: the digest that was accepted. */
  readonly #accepted = new Map<string, string>()
  readonly #ended = new Set<string>()
  readonly #discarded = new Set<string>()
  readonly #distrusted = new Set<string>()
  readonly #users: Users
  #renewAt = 0
  #frozenUntil = 0
  isDead = false
  readonly figures = {
    claims: 0,
    accepted: 0,
    idempotent: 0,
    conflict: 0,
    stale: 0,
    reclaimed: 0,
    discarded: 0,
    liars: 0,
  }

  constructor(options: {
    name: string
    time: SimulatedTime
    store: SimJobStore
    plan: JobsPlan
    random: Prng
    users: Users
    violate: (what: string) => void
  }) {
    this.name = options.name
    this.#time = options.time
    this.#store = options.store
    this.#plan = options.plan
    this.#users = options.users
    this.#violate = (what) => options.violate(`${options.name}: ${what}`)
    this.runtime = new JobRuntime<KnownResult>({
      results: knownResults,
      circleOf: options.users,
      random: () => options.random.float(),
      trust: options.plan.trust,
      limits: { ...SIM_LIMITS, reviewsMax: options.plan.reviewsMax },
      onEvent: (event) => this.#heard(event),
    })
    this.#tick()
  }

  kill(): void {
    this.isDead = true
  }

  freeze(ms: number): void {
    this.#frozenUntil = this.#time.now() + ms
  }

  get isFrozen(): boolean {
    return this.#time.now() < this.#frozenUntil
  }

  thaw(): void {
    this.#frozenUntil = 0
  }

  // ── what nodes ask ──────────────────────────────────────────────────────────────────────────────

  claim(spec: NodeSpec, max: number): Claim[] {
    this.#meet(spec)
    const now = this.#time.now()
    const claims = this.runtime.claimBatch(spec.id, max, now)
    for (const claim of claims) this.#checkClaim(claim, spec, now)
    const has = this.runtime.claimsOf(spec.id).length
    if (has > Math.min(spec.maxParallel, spec.totalCores) && claims.length > 0)
      this.#violate(`${spec.id} has ${has} chunks`)
    return claims
  }

  claimsOf(spec: NodeSpec): Claim[] {
    this.#meet(spec)
    return this.runtime.claimsOf(spec.id)
  }

  heartbeat(spec: NodeSpec, names: readonly ClaimName[]): ClaimName[] {
    this.#meet(spec)
    return this.runtime.heartbeat(spec.id, names, this.#time.now())
  }

  fail(node: string, name: ClaimName, kind: 'failed' | 'leaving'): void {
    this.runtime.fail({ ...name, node, kind, code: 'simulated', message: 'it failed' }, this.#time.now())
  }

  complete(completion: Completion<KnownResult>): CompletionOutcome {
    const { jobId, token, node, digest, workHash } = completion
    const claim = this.runtime.claimOf(node, { jobId, token })
    const before = this.#accepted.get(`${jobId} ${token} ${node}`)
    const outcome = this.runtime.complete(completion, this.#time.now())
    this.figures[outcome.kind]++
    const isRight = claim !== undefined && workHash === claim.workHash
    const past = before === undefined ? 'stale' : before === digest ? 'idempotent' : 'conflict'
    const expected = claim === undefined ? past : isRight ? 'accepted' : 'conflict'
    if (outcome.kind !== expected)
      this.#violate(`a completion of ${jobId} ${token} was ${outcome.kind}, not ${expected}`)
    if (outcome.kind === 'accepted') {
      if (before !== undefined) this.#violate(`claim ${token} of ${jobId} was accepted twice`)
      this.#accepted.set(`${jobId} ${token} ${node}`, digest)
    }
    return outcome
  }

  leave(node: string): void {
    this.#nodes.delete(node)
    this.runtime.removeNode(node, this.#time.now(), 'leaving')
  }

  #meet(spec: NodeSpec): void {
    this.#nodes.set(spec.id, { spec, heardAt: this.#time.now() })
    this.runtime.registerNode(spec)
  }

  // ── what it does by itself ──────────────────────────────────────────────────────────────────────

  #tick(): void {
    if (this.isDead) return
    this.#time.after(SWEEP_MS, () => this.#tick())
    const now = this.#time.now()
    if (now < this.#frozenUntil) return
    this.figures.reclaimed += this.runtime.reclaimStale(now)
    for (const [id, { heardAt }] of this.#nodes) {
      if (now - heardAt < SILENCE_MS) continue
      this.#nodes.delete(id)
      this.runtime.removeNode(id, now)
    }
    this.#checkLeases(now)
    this.#lookForJobs()
    for (const [id, held] of this.#held) this.#keep(id, held)
    if (now >= this.#renewAt) {
      this.#renewAt = now + JOB_LEASE_MS / 4
      this.#renew()
    }
  }

  #lookForJobs(): void {
    this.#call(
      (now) => this.#store.available(now),
      (ids = []) => {
        for (const id of ids) if (!this.#held.has(id)) this.#take(id)
      },
    )
  }

  #take(id: string): void {
    this.#call(
      (now) => this.#store.take(id, this.name, JOB_LEASE_MS, now),
      (taken) => {
        if (taken === undefined || this.#held.has(id)) return
        const { hold, checkpoint, wasRunning } = taken
        const { submitAt, poison, ...job } = taken.job
        const held: Held = { hold, saved: checkpoint, isSaving: false, isFinishing: false, isUnsaved: false }
        this.#held.set(id, held)
        if (this.#plan.mode === 'volatile' && wasRunning) {
          held.isFinishing = true
          this.#finish(held, { status: 'failed', code: 'restart_dropped', message: '' })
          return
        }
        this.#ended.delete(id)
        this.#discarded.delete(id)
        this.runtime.add({ ...job, epoch: hold.epoch, workHash: workHashOf(id) }, checkpoint)
      },
    )
  }

  /** Saves what is new, or writes down the end. */
  #keep(id: string, held: Held): void {
    const end = this.runtime.outcome(id)
    if (end !== undefined) {
      if (held.isFinishing) return
      held.isFinishing = true
      this.#checkEnd(id)
      this.#finish(held, end)
      return
    }
    if (this.#plan.mode === 'volatile' || held.isSaving || held.isFinishing) return
    if (!held.isUnsaved && !this.runtime.changedJobs().includes(id)) return
    const snapshot = this.runtime.snapshot(id)
    if (snapshot === undefined) return
    const copy = structuredClone(snapshot)
    held.isSaving = true
    this.#call(
      () => this.#store.saveCheckpoint(held.hold, copy),
      (isOurs) => {
        held.isSaving = false
        held.isUnsaved = isOurs === undefined
        if (isOurs === false) this.#drop(id, held)
      },
    )
  }

  #finish(held: Held, end: Parameters<SimJobStore['finish']>[1]): void {
    this.#call(
      () => this.#store.finish(held.hold, end),
      (isOurs) => {
        if (isOurs === undefined) this.#finish(held, end)
        else this.#drop(held.hold.id, held)
      },
    )
  }

  #renew(): void {
    const asked = [...this.#held.values()].filter(({ isFinishing }) => !isFinishing)
    this.#call(
      (now) =>
        this.#store.renew(
          asked.map(({ hold }) => hold),
          JOB_LEASE_MS,
          now,
        ),
      (ours) => {
        if (ours === undefined) return
        for (const held of asked) if (!ours.includes(held.hold.id) && !held.isFinishing) this.#drop(held.hold.id, held)
      },
    )
  }

  #drop(id: string, held: Held): void {
    if (this.#held.get(id) !== held) return
    this.#held.delete(id)
    this.runtime.remove(id)
  }

  /** The answer comes when the process runs, and not at all to one that has died. */
  #call<A>(effect: (now: number) => A, then: (answer: A | undefined) => void): void {
    this.#store.call(effect, (answer) => this.#whenAwake(() => then(answer)))
  }

  #whenAwake(work: () => void): void {
    if (this.isDead) return
    const now = this.#time.now()
    if (now >= this.#frozenUntil) work()
    else this.#time.after(this.#frozenUntil - now, () => this.#whenAwake(work))
  }

  // ── checks ──────────────────────────────────────────────────────────────────────────────────────

  #heard(event: JobEvent): void {
    if (event.type === 'job_ended') {
      if (this.#ended.has(event.jobId)) this.#violate(`${event.jobId} has ended twice`)
      this.#ended.add(event.jobId)
    } else if (event.type === 'results_discarded') {
      this.#discarded.add(event.jobId)
      this.figures.discarded += event.units
    } else if (event.type === 'node_distrusted') {
      this.figures.liars++
      this.#distrusted.add(event.node)
      if (!event.node.startsWith('liar'))
        this.#violate(`${event.node} is distrusted, and has never lied: ${event.reason}`)
    }
  }

  #checkClaim(claim: Claim, { id, owner, share }: NodeSpec, now: number): void {
    this.figures.claims++
    this.#claimedAt.set(claim.token, now)
    const held = this.#held.get(claim.jobId)
    if (held === undefined) this.#violate(`${claim.jobId} is given out, and is not here`)
    if (this.#distrusted.has(id)) this.#violate(`${id} gets work, and has lied`)
    const jobOwner = this.#store.rows.get(claim.jobId)?.job.owner ?? ''
    if (!consents(owner, share, jobOwner, this.#users))
      this.#violate(`${id} computes for ${jobOwner}, sharing with ${share}`)
    // What was discarded since is computed again, and rightly.
    if (this.#discarded.has(claim.jobId)) return
    for (const { node, variant, ranges } of held?.saved?.parts ?? []) {
      if (variant !== claim.variant || (node !== undefined && this.#distrusted.has(node))) continue
      if (ranges.some(({ from, to }) => from < claim.to && claim.from < to)) {
        this.#violate(`${claim.jobId} computes units ${claim.from} of ${variant} again, and they were saved`)
      }
    }
  }

  #checkLeases(now: number): void {
    for (const id of this.#nodes.keys()) {
      for (const { token, jobId, leaseUntil } of this.runtime.claimsOf(id)) {
        if (leaseUntil <= now) this.#violate(`a chunk of ${jobId} is stuck at ${id} after its lease`)
        const age = now - (this.#claimedAt.get(token) ?? now)
        if (age > HOLD_MS_MAX) this.#violate(`a chunk of ${jobId} is held by ${id} for ${age} ms`)
      }
    }
  }

  #checkEnd(id: string): void {
    const end = this.runtime.outcome(id)
    if (!this.#ended.has(id)) this.#violate(`${id} has ended, and nobody was told`)
    if (end?.status !== 'completed') return
    for (const { variant, result } of end.results) {
      const liar = result.liars.find((node) => this.#distrusted.has(node))
      if (liar !== undefined) this.#violate(`${id}: variant ${variant} has results of ${liar}, which has lied`)
    }
  }
}

function workHashOf(jobId: string): string {
  return `hash of ${jobId}`
}

/** Whether a node's owner lets it compute for a user; said here once more, in other words than the runtime's. */
function consents(owner: string, share: Access, user: string, users: Users): boolean {
  const { guild, friends } = users(owner)
  if (share === 'public' || owner === user) return true
  if (share === 'own') return false
  return guild.has(user) || (share === 'friends' && friends.has(user))
}
