import { computeKnown, digestOfKnown, type KnownResult, knownResults, wrongnessOf } from '@terrane/testing'
import { expect } from 'vitest'
import type { ChunkFailure, Claim, Job } from '../../job/job.js'
import type { JobSnapshot } from '../../job/snapshot.js'
import type { Access, Circle } from '../../nodes/eligibility.js'
import { JobRuntime } from '../job-runtime.js'
import type { JobEvent } from '../ports.js'
import { ModelJob, type ModelSave, mayHave } from './model-job.js'

/** What a node brings, or what comes instead. */
export type Delivery =
  | 'right'
  | 'other_result'
  | 'impossible'
  | 'outdated'
  | 'wrong_hash'
  | 'of_another_job'
  | 'by_another_node'

interface ModelNode {
  readonly id: string
  readonly owner: string
  capacity: number
  share: Access
  software: string
  isHere: boolean
  isOutdated: boolean
}

interface ModelClaim {
  readonly claim: Claim
  readonly node: ModelNode
  readonly claimedAt: number
  /** Claims of this runtime that were given before. */
  readonly sequence: number
  /** Of the runtime that gave it. */
  readonly run: number
  leaseUntil: number
  state: 'live' | 'accepted' | 'ended'
}

const ATTEMPTS_MAX = 2
const AVOID_MS = 50
const LEASE_MS = { min: 100, max: 400 }
const HOLD_MS_MAX = 900
const REMEMBERED = 12
const LIMITS = {
  attemptsMax: ATTEMPTS_MAX,
  avoidMs: AVOID_MS,
  leaseMsMin: LEASE_MS.min,
  leaseMsMax: LEASE_MS.max,
  holdMsMax: HOLD_MS_MAX,
  firstChunkUnits: 5,
  completionsRemembered: REMEMBERED,
}

const USERS = ['ada', 'bob', 'cyn'] as const
/** Ada and Bob are of one guild; Bob has Cyn for a friend. */
const GUILD: Readonly<Record<string, readonly string[]>> = { ada: ['bob'], bob: ['ada'] }
const FRIENDS: Readonly<Record<string, readonly string[]>> = { bob: ['cyn'] }
const NEARNESS: Readonly<Record<Access, number>> = { own: 4, guild: 3, friends: 2, public: 1 }

/**
 * A runtime beside its specification: every call is made on both, every answer is compared, and after each the two must
 * know the same. The specification says what may be given to whom, not which of it is given first.
 */
export class CheckedRuntime {
  #runtime: JobRuntime<KnownResult>
  #run = 0
  #now = 0
  #given = 0
  #added = 0
  readonly #jobs = new Map<string, ModelJob>()
  readonly #nodes: ModelNode[]
  readonly #claims: ModelClaim[] = []
  readonly #distrusted = new Set<string>()
  readonly #saved = new Map<string, { readonly snapshot: JobSnapshot<KnownResult>; readonly model: ModelSave }>()
  readonly #ends: string[] = []

  /** @param nodes of each user */
  constructor(nodes: number) {
    this.#runtime = this.#newRuntime()
    this.#nodes = USERS.flatMap((owner) =>
      Array.from({ length: nodes }, (_, number) => ({
        id: `${owner}-${number}`,
        owner,
        capacity: 0,
        share: 'public' as const,
        software: '1',
        isHere: false,
        isOutdated: false,
      })),
    )
  }

  submit(owner: number, job: Omit<Job, 'id' | 'owner' | 'epoch' | 'workHash'>): void {
    const id = `job-${this.#added++}`
    const whole: Job = { id, owner: USERS[owner % USERS.length] as string, epoch: 1, workHash: `of ${id}`, ...job }
    this.#jobs.set(id, new ModelJob(whole, ATTEMPTS_MAX))
    this.#runtime.add(whole)
  }

  register(index: number, capacity: number, share: Access, software: string): void {
    const node = this.#nodeAt(index)
    const isOutdated = node.isOutdated && node.software === software
    Object.assign(node, { capacity, share, software, isOutdated, isHere: true })
    this.#registerReal(node)
  }

  leave(index: number, reason: 'leaving' | 'lost'): void {
    const node = this.#nodeAt(index)
    this.#runtime.removeNode(node.id, this.#now, reason)
    for (const held of this.#liveOf(node)) this.#endClaim(held, reason === 'lost')
    node.capacity = 0
    // What is known against it is kept.
    node.isHere = node.isHere && node.isOutdated
  }

  claim(index: number, max: number): void {
    const node = this.#nodeAt(index)
    if (!node.isHere) {
      expect(() => this.#runtime.claimBatch(node.id, max, this.#now)).toThrow(/not registered/)
      return
    }
    const room = Math.min(max, node.capacity - this.#liveOf(node).length)
    const claims = this.#runtime.claimBatch(node.id, max, this.#now)
    expect(claims.length).toBeLessThanOrEqual(Math.max(0, room))
    for (const claim of claims) this.#checkGiven(node, claim)
    const isWorkLeft = !this.#isBarred(node) && this.#bestFor(node) !== undefined
    if (claims.length < room) expect(isWorkLeft, 'work that was not given').toBe(false)
  }

  complete(pick: number, delivery: Delivery): void {
    const held = this.#pick(pick)
    if (held !== undefined) this.#complete(held, delivery)
  }

  #complete(held: ModelClaim, delivery: Delivery): void {
    const { jobId, token, workHash } = held.claim
    const right = computeKnown(held.claim)
    const result = {
      ...right,
      ...(delivery === 'other_result' ? { sum: right.sum + 1 } : {}),
      ...(delivery === 'impossible' ? { sum: Number.NaN } : {}),
      ...(delivery === 'outdated' ? { sum: right.sum + 2, isOutdated: true } : {}),
    }
    // What cannot be told from a right one is told only from what was accepted.
    if (delivery === 'other_result' && held.state === 'live') return
    const stranger = this.#nodes.find(({ id }) => id !== held.node.id)?.id ?? 'nobody'
    const answer = this.#runtime.complete(
      {
        jobId: delivery === 'of_another_job' ? `${jobId}x` : jobId,
        token,
        workHash: delivery === 'wrong_hash' ? 'of nothing' : workHash,
        node: delivery === 'by_another_node' ? stranger : held.node.id,
        digest: digestOfKnown(result),
        result,
      },
      this.#now,
    )
    const expected = this.#completed(held, delivery)
    if (expected !== undefined) expect(answer.kind).toBe(expected)
    else expect(['stale', 'idempotent', 'conflict']).toContain(answer.kind)
    if (answer.kind === 'accepted') expect(answer.jobEnded).toBe(this.#jobs.get(jobId)?.outcome !== undefined)
  }

  fail(pick: number, kind: ChunkFailure['kind']): void {
    const held = this.#pick(pick)
    if (held === undefined) return
    const { jobId, token } = held.claim
    const failure = { jobId, token, node: held.node.id, kind, code: 'boom', message: 'it burst' }
    expect(this.#runtime.fail(failure, this.#now)).toBe(held.state === 'live')
    if (held.state === 'live') this.#endClaim(held, kind === 'failed')
  }

  /** One node speaks for some claims, of which not all need be its own. */
  heartbeat(index: number, picks: readonly number[]): void {
    const node = this.#nodeAt(index)
    const named = picks.flatMap((pick) => this.#pick(pick) ?? [])
    const lost = this.#runtime.heartbeat(
      node.id,
      named.map(({ claim }) => claim),
      this.#now,
    )
    const isHeld = (held: ModelClaim) => held.state === 'live' && held.node === node
    expect(lost).toEqual(named.filter((held) => !isHeld(held)).map(({ claim }) => claim))
    const leases = new Map(this.#runtime.claimsOf(node.id).map(({ token, leaseUntil }) => [token, leaseUntil]))
    for (const held of named.filter(isHeld)) {
      const leaseUntil = leases.get(held.claim.token) ?? 0
      const latest = held.claimedAt + HOLD_MS_MAX
      const until = (ms: number) => Math.max(held.leaseUntil, Math.min(this.#now + ms, latest))
      expect(leaseUntil).toBeGreaterThanOrEqual(until(LEASE_MS.min))
      expect(leaseUntil).toBeLessThanOrEqual(until(LEASE_MS.max))
      held.leaseUntil = leaseUntil
    }
  }

  pass(ms: number): void {
    this.#now += ms
  }

  reclaim(): void {
    this.#runtime.reclaimStale(this.#now)
    for (const held of this.#live()) {
      if (held.state === 'live' && held.leaseUntil <= this.#now) this.#endClaim(held, true)
    }
  }

  /** A job is cancelled; or it has ended, and that is written down. */
  remove(pick: number): void {
    const id = [...this.#jobs.keys()][pick % Math.max(1, this.#jobs.size)]
    if (id === undefined) return
    this.#runtime.remove(id)
    this.#jobs.delete(id)
    this.#saved.delete(id)
    for (const held of this.#live()) if (held.claim.jobId === id) held.state = 'ended'
  }

  save(): void {
    for (const [id, model] of this.#jobs) {
      const snapshot = this.#runtime.snapshot(id)
      // It goes through a database, so it must not live on with the job.
      if (snapshot !== undefined) this.#saved.set(id, { snapshot: structuredClone(snapshot), model: model.save() })
    }
  }

  /** Everything in memory is gone; jobs go on from what was saved of them, nodes come back. */
  crash(): void {
    this.#runtime = this.#newRuntime()
    this.#run++
    this.#given = 0
    for (const held of this.#live()) held.state = 'ended'
    for (const node of this.#nodes) node.isOutdated = false
    for (const id of this.#distrusted) this.#runtime.distrust(id, 'found before', this.#now)
    for (const [id, before] of this.#jobs) {
      const saved = this.#saved.get(id)
      const model = new ModelJob({ ...before.job, epoch: before.job.epoch + 1 }, ATTEMPTS_MAX)
      this.#jobs.set(id, model)
      this.#runtime.add(model.job, saved?.snapshot)
      if (saved !== undefined) model.restore(saved.model, this.#distrusted)
    }
    for (const node of this.#nodes) if (node.isHere) this.#registerReal(node)
  }

  /** Honest nodes, one for each user, bring every job to its end. */
  finish(): void {
    for (const owner of USERS) {
      const node = { id: `${owner}-last`, owner, capacity: 50, share: 'public', software: '1' } as const
      this.#nodes.push({ ...node, isHere: false, isOutdated: false })
      this.register(this.#nodes.length - 1, 50, 'public', '1')
    }
    for (const index of this.#nodes.keys()) if (index < this.#nodes.length - USERS.length) this.leave(index, 'leaving')
    const last = this.#nodes.slice(-USERS.length)
    while ([...this.#jobs.values()].some(({ outcome }) => outcome === undefined)) {
      this.pass(AVOID_MS)
      const before = this.#claims.length
      for (const node of last) this.claim(this.#nodes.indexOf(node), 50)
      expect(this.#claims.length, 'a job that has not ended has work').toBeGreaterThan(before)
      for (const held of this.#claims.slice(before)) this.#complete(held, 'right')
      this.check()
    }
  }

  /** That runtime and specification know the same. */
  check(): void {
    const real = this.#runtime
    expect([...real.jobs()].sort()).toEqual([...this.#jobs.keys()].sort())
    expect(real.inFlight).toBe(this.#live().length)
    for (const node of this.#nodes) this.#checkNode(node)
    for (const model of this.#jobs.values()) this.#checkJob(model)
    const isChanged = ({ isChanged, outcome }: ModelJob) => isChanged && outcome === undefined
    expect(real.changedJobs()).toEqual([...this.#jobs.values()].filter(isChanged).map(({ job }) => job.id))
    expect(new Set(this.#ends).size, 'jobs that end twice').toBe(this.#ends.length)
  }

  #checkNode(node: ModelNode): void {
    const tokens = this.#liveOf(node).map(({ claim, leaseUntil }) => ({ ...claim, leaseUntil }))
    const byToken = (left: Claim, right: Claim) => left.token.localeCompare(right.token)
    expect(this.#runtime.claimsOf(node.id).sort(byToken)).toEqual(tokens.sort(byToken))
    const status = this.#runtime.nodeStatus(node.id)
    if (status?.unitsPerSecond !== undefined) expect(status.unitsPerSecond).toBeGreaterThan(0)
    expect(status && { ...status, unitsPerSecond: 0 }).toEqual(
      node.isHere
        ? {
            unitsPerSecond: 0,
            id: node.id,
            capacity: node.capacity,
            inFlight: tokens.length,
            confirmations: 0,
            isDistrusted: this.#distrusted.has(node.id),
            outdated: node.isOutdated ? 'the result is by other rules' : undefined,
          }
        : undefined,
    )
  }

  #checkJob(model: ModelJob): void {
    const { job, outcome } = model
    const real = this.#runtime.outcome(job.id)
    expect(real?.status).toBe(outcome?.status)
    expect(this.#ends.includes(this.#endOf(job.id))).toBe(outcome !== undefined)
    if (outcome === undefined) {
      const inFlight = this.#live().filter(({ claim }) => claim.jobId === job.id).length
      const { index, variants } = model.phase
      expect(this.#runtime.progress(job.id)).toMatchObject({
        ...{ phase: index, variants: variants.length, unitsDone: model.unitsDone },
        ...{ inFlight, inReview: 0, isEnded: false },
      })
    } else if (outcome.status === 'failed') expect(real).toMatchObject(outcome)
    else if (real?.status === 'completed') {
      const { units, unitsLost, ranking, phases, results } = real
      const { ranking: expected } = outcome
      expect({ units, unitsLost, ranking, phases }).toEqual({
        ...{ units: model.count('done'), unitsLost: model.count('lost') },
        ...{ ranking: expected, phases: outcome.phases },
      })
      const variants = [...model.units.keys()].filter((variant) => model.doneRanges(variant).length > 0)
      expect(results.map(({ variant }) => variant)).toEqual(variants)
      for (const { variant, result } of results) {
        expect(wrongnessOf(result, model.doneRanges(variant))).toBeUndefined()
      }
    }
  }

  #checkGiven(node: ModelNode, claim: Claim): void {
    const { jobId, variant, from, to, attempt, leaseUntil, workHash } = claim
    const model = this.#jobs.get(jobId)
    if (model === undefined) throw new Error(`work of the job ${jobId}, which is not there`)
    expect(this.#isBarred(node)).toBe(false)
    const rank = this.#rankOf(node, model)
    expect(rank, 'whose job it may serve').toBeDefined()
    expect(rank, 'whose turn it is').toEqual(this.#bestFor(node))
    expect(workHash).toBe(model.job.workHash)
    expect(from).toBeLessThan(to)
    for (let number = from; number < to; number++) {
      const unit = model.unit(variant, number)
      const isRight = model.isFree(variant, number) && mayHave(unit, node.id, this.#now) && unit.attempt === attempt
      if (!isRight)
        throw new Error(`unit ${number} of ${jobId} is ${JSON.stringify(unit)}, and was given to ${node.id}`)
    }
    expect(leaseUntil - this.#now).toBeGreaterThanOrEqual(LEASE_MS.min)
    expect(leaseUntil - this.#now).toBeLessThanOrEqual(LEASE_MS.max)
    model.set(variant, claim, { state: 'claimed', avoid: undefined })
    const place = { sequence: this.#given++, run: this.#run, claimedAt: this.#now }
    expect(this.#claims.some((other) => other.claim.jobId === jobId && other.claim.token === claim.token)).toBe(false)
    this.#claims.push({ claim, node, ...place, leaseUntil, state: 'live' })
  }

  /** What the answer must be; undefined when it depends on how much is remembered. */
  #completed(held: ModelClaim, delivery: Delivery): string | undefined {
    if (delivery === 'of_another_job' || delivery === 'by_another_node' || held.state === 'ended') return 'stale'
    if (held.state === 'accepted') {
      if (held.run !== this.#run) return 'stale'
      if (this.#given - held.sequence > REMEMBERED) return undefined
      return ['other_result', 'impossible', 'outdated'].includes(delivery) ? 'conflict' : 'idempotent'
    }
    if (delivery === 'wrong_hash') {
      this.#endClaim(held, true)
      return 'conflict'
    }
    if (delivery === 'impossible') {
      this.#distrust(held.node)
      return 'conflict'
    }
    if (delivery === 'outdated') {
      held.node.isOutdated = true
      for (const other of this.#liveOf(held.node)) this.#endClaim(other, false)
      return 'conflict'
    }
    held.state = 'accepted'
    const { jobId, variant } = held.claim
    const model = this.#model(jobId)
    model.accept(variant, held.claim, held.node.id)
    if (model.settled.has(variant)) {
      model.reopen(variant)
      const isMoot = ({ claim }: ModelClaim) => claim.jobId === jobId && claim.variant === variant
      for (const other of this.#live().filter(isMoot)) other.state = 'ended'
    }
    this.#advance(model)
    return 'accepted'
  }

  #distrust(node: ModelNode): void {
    this.#distrusted.add(node.id)
    for (const model of this.#jobs.values()) model.discard(node.id)
    for (const held of this.#liveOf(node)) this.#endClaim(held, false)
    for (const model of this.#jobs.values()) this.#advance(model)
  }

  /** A claim that came to nothing. */
  #endClaim(held: ModelClaim, isChunksFault: boolean): void {
    if (held.state !== 'live') return
    held.state = 'ended'
    const { jobId, variant } = held.claim
    const model = this.#model(jobId)
    if (isChunksFault) model.fail(variant, held.claim, held.node.id, this.#now + AVOID_MS)
    else model.set(variant, held.claim, { state: 'open' })
    this.#advance(model)
  }

  #advance(model: ModelJob): void {
    model.advance()
    if (model.outcome === undefined) return
    for (const held of this.#live()) if (held.claim.jobId === model.job.id) held.state = 'ended'
  }

  /** How near and how urgent the work is that a node should have first; undefined when there is none for it. */
  #bestFor(node: ModelNode): readonly number[] | undefined {
    const ranks = [...this.#jobs.values()].flatMap((model) => {
      const rank = this.#rankOf(node, model)
      return rank !== undefined && model.hasWorkFor(node.id, this.#now) ? [rank] : []
    })
    return ranks.sort(([left0, left1], [right0, right1]) => right0 - left0 || right1 - left1)[0]
  }

  /** Undefined when the node may not serve the job. */
  #rankOf({ owner, share }: ModelNode, { job }: ModelJob): readonly [number, number] | undefined {
    const relation =
      owner === job.owner
        ? 'own'
        : GUILD[owner]?.includes(job.owner)
          ? 'guild'
          : FRIENDS[owner]?.includes(job.owner)
            ? 'friends'
            : 'public'
    const nearness = NEARNESS[relation]
    const isConsented = relation === 'own' || nearness >= NEARNESS[share]
    return isConsented && nearness >= NEARNESS[job.access ?? 'public'] ? [nearness, job.priority ?? 0] : undefined
  }

  #isBarred({ id, isOutdated }: ModelNode): boolean {
    return isOutdated || this.#distrusted.has(id)
  }

  #newRuntime(): JobRuntime<KnownResult> {
    return new JobRuntime<KnownResult>({
      results: knownResults,
      circleOf: (user): Circle => ({ guild: new Set(GUILD[user]), friends: new Set(FRIENDS[user]) }),
      random: () => 0,
      limits: LIMITS,
      onEvent: (event) => this.#onEvent(event),
    })
  }

  #onEvent(event: JobEvent): void {
    if (event.type === 'job_ended') this.#ends.push(this.#endOf(event.jobId))
  }

  #endOf(jobId: string): string {
    return `${jobId} in run ${this.#run}`
  }

  #registerReal({ id, owner, capacity, share, software }: ModelNode): void {
    this.#runtime.registerNode({ id, owner, totalCores: capacity, maxParallel: capacity + 1, share, software })
  }

  #nodeAt(index: number): ModelNode {
    return this.#nodes[index % this.#nodes.length] as ModelNode
  }

  #model(jobId: string): ModelJob {
    const model = this.#jobs.get(jobId)
    if (model === undefined) throw new Error(`a claim of the job ${jobId}, which is not there`)
    return model
  }

  /** A claim: three times out of four one that is live, when there is any. */
  #pick(pick: number): ModelClaim | undefined {
    const live = pick % 4 === 0 ? [] : this.#live()
    const claims = live.length > 0 ? live : this.#claims
    return claims[Math.floor(pick / 4) % Math.max(1, claims.length)]
  }

  #live(): ModelClaim[] {
    return this.#claims.filter(({ state }) => state === 'live')
  }

  #liveOf(node: ModelNode): ModelClaim[] {
    return this.#live().filter((held) => held.node === node)
  }
}
