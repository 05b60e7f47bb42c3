import { TerraneError } from '@terrane/core'
import { ClaimTable } from '../claims/claim-table.js'
import { CompletionMemory } from '../claims/completion-memory.js'
import { type ClaimToken, formatToken, parseToken } from '../claims/token.js'
import {
  type ChunkFailure,
  type Claim,
  type ClaimName,
  type Completion,
  type CompletionOutcome,
  type Job,
  type JobOutcome,
  type JobProgress,
  validateJob,
} from '../job/job.js'
import { RunningJob } from '../job/running-job.js'
import type { JobSnapshot } from '../job/snapshot.js'
import type { Chunk } from '../job/work-pool.js'
import type { Circle } from '../nodes/eligibility.js'
import { capacityOf, Node, type NodeSpec, type NodeStatus } from '../nodes/node.js'
import { Schedule } from '../schedule/schedule.js'
import type { Moments } from '../statistics/moments.js'
import { mustVerify, TRUST_EVERYBODY, type TrustPolicy, validatePolicy } from '../trust/policy.js'
import type { Review } from '../trust/reviews.js'
import {
  type CircleOf,
  type ClaimFailure,
  JOB_LIMITS,
  type JobEvent,
  type JobLimits,
  type Objection,
  type ResultPort,
} from './ports.js'

export interface JobRuntimeOptions<R> {
  readonly results: ResultPort<R>
  readonly circleOf: CircleOf
  /** Uniform in [0, 1): decides which chunks are verified, so nodes must not be able to guess it. */
  readonly random: () => number
  /** Default: everybody is believed. */
  readonly trust?: TrustPolicy
  readonly limits?: Partial<JobLimits>
  readonly onEvent?: (event: JobEvent) => void
}

/** Nothing is wrong with the chunk, so these do not count against it. */
const NODES_FAULTS: ReadonlySet<ClaimFailure> = new Set(['leaving', 'distrusted', 'outdated'])

/**
 * All jobs that one sentinel runs, in memory: which work there is, which node has what, and what came
 * of it. No call waits or does I/O; times are ms since the epoch, of one clock that does not go back.
 *
 * What is in memory only is lost with the process. `snapshot` and `restore` save what was accepted.
 */
export class JobRuntime<R> {
  readonly #options: JobRuntimeOptions<R>
  readonly #policy: TrustPolicy
  readonly #limits: JobLimits
  readonly #jobs = new Map<string, RunningJob<R>>()
  readonly #nodes = new Map<string, Node>()
  readonly #schedule = new Schedule<RunningJob<R>>()
  readonly #claims = new ClaimTable<RunningJob<R>, Node>()
  /** Claims whose chunk is being verified already, by slot. */
  readonly #reviews = new Map<number, Review<R>>()
  readonly #memory: CompletionMemory
  /** Nodes that have been found to lie, whether they are here or not. */
  readonly #distrusted = new Set<string>()
  #sequence = 0
  /** Chunks that all nodes together can have. */
  #capacity = 0

  constructor(options: JobRuntimeOptions<R>) {
    this.#options = options
    this.#policy = options.trust ?? TRUST_EVERYBODY
    validatePolicy(this.#policy)
    this.#limits = { ...JOB_LIMITS, ...options.limits }
    this.#memory = new CompletionMemory(this.#limits.completionsRemembered)
  }

  // ── jobs ────────────────────────────────────────────────────────────────────────────────────────

  /**
   * @param saved what an earlier sentinel had accepted of it
   * @throws TerraneError `invalid_job`; `job_known` when it is here already
   */
  add(job: Job, saved?: JobSnapshot<R>): void {
    validateJob(job)
    if (this.#jobs.has(job.id)) {
      throw new TerraneError('job_known', `job ${job.id} is here already`, { hint: 'Add each job once.' })
    }
    const running = new RunningJob(job, { results: this.#options.results, policy: this.#policy, limits: this.#limits })
    this.#jobs.set(job.id, running)
    this.#claims.jobs.add(running)
    if (saved !== undefined) running.restore(saved, (node) => !this.#distrusted.has(node))
    this.#settle(running)
  }

  /** Forgets a job, whatever state it is in: cancelled, taken over by another sentinel, or ended and written down. */
  remove(jobId: string): void {
    const job = this.#jobs.get(jobId)
    if (job === undefined) return
    this.#jobs.delete(jobId)
    this.#schedule.remove(job)
    for (const slot of this.#claims.lists.ofJob.slotsOf(job.claims)) this.#end(slot)
    this.#claims.jobs.remove(job)
  }

  /** Undefined while it runs. */
  outcome(jobId: string): JobOutcome<R> | undefined {
    return this.#jobs.get(jobId)?.outcome
  }

  progress(jobId: string): JobProgress | undefined {
    return this.#jobs.get(jobId)?.progress()
  }

  /** Of the variants of the present phase, the best mean first. */
  ranking(jobId: string): readonly { readonly variant: number; readonly moments: Moments }[] {
    return this.#jobs.get(jobId)?.ranking() ?? []
  }

  /** What is known of the best variant so far, merged. */
  leading(jobId: string): R | undefined {
    return this.#jobs.get(jobId)?.leading()
  }

  jobs(): readonly string[] {
    return [...this.#jobs.keys()]
  }

  /** What to save of a job; undefined when it is not here. Results are shared, not copied: the port never changes them. */
  snapshot(jobId: string): JobSnapshot<R> | undefined {
    return this.#jobs.get(jobId)?.snapshot()
  }

  /** Running jobs of which something was accepted since their last snapshot. */
  changedJobs(): string[] {
    return [...this.#jobs.values()].filter((job) => job.isChanged && job.outcome === undefined).map(({ id }) => id)
  }

  // ── nodes ───────────────────────────────────────────────────────────────────────────────────────

  /** A node that is there, or has changed. Throws `invalid_node`. */
  registerNode(spec: NodeSpec): void {
    const capacity = capacityOf(spec)
    let node = this.#nodes.get(spec.id)
    if (node === undefined) {
      node = new Node(spec)
      this.#nodes.set(spec.id, node)
      this.#claims.nodes.add(node)
    }
    this.#capacity += capacity - node.capacity
    node.capacity = capacity
    node.share = spec.share
    if (spec.software !== node.software) node.outdated = undefined
    node.software = spec.software
    // Another sentinel may have seen more of it.
    node.confirmations = Math.max(node.confirmations, spec.confirmations ?? 0)
    if (spec.isDistrusted === true && !this.#distrusted.has(spec.id)) {
      this.#distrusted.add(spec.id)
      this.#discard([spec.id])
    }
  }

  /**
   * A node that goes. Its claims end; those of one that is `lost` count as failed attempts, or a chunk that kills
   * nodes would kill them all.
   */
  removeNode(nodeId: string, now: number, reason: 'leaving' | 'lost' = 'lost'): void {
    const node = this.#nodes.get(nodeId)
    if (node === undefined) return
    this.#failAll(node, reason, 'the node is gone', now)
    this.#capacity -= node.capacity
    node.capacity = 0
    // A name that it has made is not forgotten, good or bad.
    if (node.confirmations > 0 || node.outdated !== undefined) return
    this.#nodes.delete(nodeId)
    this.#claims.nodes.remove(node)
  }

  nodeStatus(nodeId: string): NodeStatus | undefined {
    const node = this.#nodes.get(nodeId)
    if (node === undefined) return undefined
    const { id, capacity, confirmations, claims, outdated, unitsPerSecond } = node
    const isDistrusted = this.#distrusted.has(id)
    return { id, capacity, inFlight: claims.length, confirmations, isDistrusted, outdated, unitsPerSecond }
  }

  /** No more work for this node, and what is believed of it is discarded. */
  distrust(nodeId: string, reason: string, now: number): void {
    this.#distrustAll([nodeId], reason, now)
  }

  // ── claims ──────────────────────────────────────────────────────────────────────────────────────

  /**
   * Work for a node: at most `max` chunks, and no more than it has room for.
   * @throws TerraneError `unknown_node`
   */
  claimBatch(nodeId: string, max: number, now: number): Claim[] {
    const node = this.#node(nodeId)
    const claims: Claim[] = []
    if (this.#distrusted.has(nodeId) || node.outdated !== undefined) return claims
    const circle = this.#options.circleOf(node.owner)
    for (let room = Math.min(max, node.capacity - node.claims.length); room > 0; room--) {
      const claim = this.#claimNext(node, circle, now)
      if (claim === undefined) break
      claims.push(claim)
    }
    return claims
  }

  /** What a node has: for one that comes back and does not know. */
  claimsOf(nodeId: string): Claim[] {
    const node = this.#nodes.get(nodeId)
    return node === undefined ? [] : this.#claims.lists.ofNode.slotsOf(node.claims).map((slot) => this.#claimAt(slot))
  }

  /** A claim that a node has; undefined when it does not. */
  claimOf(nodeId: string, name: ClaimName): Claim | undefined {
    const slot = this.#liveSlot(nodeId, name, parseToken(name.token))
    return slot === undefined ? undefined : this.#claimAt(slot)
  }

  complete(completion: Completion<R>, now: number): CompletionOutcome {
    const token = parseToken(completion.token)
    const slot = this.#liveSlot(completion.node, completion, token)
    if (token === undefined || slot === undefined) return this.#answerToPast(completion, token)
    const job = this.#claims.jobOf(slot)
    if (completion.workHash !== job.job.workHash) {
      const message = `the claim is of the work context ${job.job.workHash}, the result of ${completion.workHash}`
      this.#fail(slot, 'wrong_hash', message, now)
      return { kind: 'conflict', message }
    }
    const objection = this.#objection(slot, completion.result)
    if (objection !== undefined) {
      const { kind, message } = objection
      if (kind === 'outdated') this.#holdBack(this.#claims.nodeOf(slot), message, now)
      else this.#distrustAll([completion.node], message, now)
      return { kind: 'conflict', message }
    }
    this.#memory.remember(token.sequence, completion, completion.digest)
    this.#take(slot, completion, now)
    return { kind: 'accepted', jobEnded: job.outcome !== undefined }
  }

  /** @returns whether the node had that claim */
  fail(failure: ChunkFailure, now: number): boolean {
    const slot = this.#liveSlot(failure.node, failure, parseToken(failure.token))
    if (slot === undefined) return false
    this.#fail(slot, failure.kind, `${failure.code}: ${failure.message}`, now)
    return true
  }

  /** Extends leases. @returns the claims that are not the node's any more */
  heartbeat(nodeId: string, names: readonly ClaimName[], now: number): ClaimName[] {
    return names.filter((name) => {
      const slot = this.#liveSlot(nodeId, name, parseToken(name.token))
      if (slot === undefined) return true
      const table = this.#claims
      const leaseMs = table.jobOf(slot).pace.leaseMs(nodeId, table.toOf(slot) - table.fromOf(slot))
      const until = Math.min(now + leaseMs, table.claimedAtOf(slot) + this.#limits.holdMsMax)
      table.extend(slot, Math.max(until, table.leaseUntilOf(slot)))
      return false
    })
  }

  /** Ends the claims whose leases are over, and jobs that wait for agreement in vain. @returns how many claims */
  reclaimStale(now: number): number {
    let count = 0
    for (const slot of this.#claims.expired(now)) {
      // One before it may have ended the job, and with it this claim.
      if (this.#claims.leaseUntilOf(slot) > now) continue
      this.#fail(slot, 'expired', 'the lease was over', now)
      count++
    }
    for (const job of this.#jobs.values()) if (job.endIfDeserted(now)) this.#settle(job)
    return count
  }

  get inFlight(): number {
    return this.#claims.size
  }

  // ── inside ──────────────────────────────────────────────────────────────────────────────────────

  #claimNext(node: Node, circle: Circle, now: number): Claim | undefined {
    const found = this.#schedule.find(node, circle, (job) => {
      const taken = job.take(node, this.#capacity, now)
      return taken && { job, ...taken }
    })
    if (found === undefined) return undefined
    const { job, chunk, review } = found
    if (job.hasWork) this.#schedule.push(job)
    else this.#schedule.remove(job)
    return this.#give(job, node, chunk, review, now)
  }

  #give(job: RunningJob<R>, node: Node, chunk: Chunk, review: Review<R> | undefined, now: number): Claim {
    const { variant, from, to, attempt } = chunk
    const leaseUntil = now + job.pace.leaseMs(node.id, to - from)
    const fields = { job, node, variant, from, to, attempt, claimedAt: now, leaseUntil }
    const slot = this.#claims.insert(this.#sequence++, fields)
    this.#claims.lists.ofJob.add(job.claims, slot)
    this.#claims.lists.ofNode.add(node.claims, slot)
    if (review !== undefined) this.#reviews.set(slot, review)
    return this.#claimAt(slot)
  }

  #claimAt(slot: number): Claim {
    const table = this.#claims
    const { id, epoch, workHash } = table.jobOf(slot).job
    return {
      jobId: id,
      token: formatToken(epoch, table.sequenceOf(slot), slot),
      workHash,
      variant: table.variantOf(slot),
      from: table.fromOf(slot),
      to: table.toOf(slot),
      attempt: table.attemptOf(slot),
      leaseUntil: table.leaseUntilOf(slot),
    }
  }

  #liveSlot(nodeId: string, { jobId }: ClaimName, token: ClaimToken | undefined): number | undefined {
    if (token === undefined || !this.#claims.holds(token.slot, token.sequence)) return undefined
    const { id, epoch } = this.#claims.jobOf(token.slot).job
    const isSame = id === jobId && epoch === token.epoch && this.#claims.nodeOf(token.slot).id === nodeId
    return isSame ? token.slot : undefined
  }

  #answerToPast(completion: Completion<R>, token: ClaimToken | undefined): CompletionOutcome {
    const digest = token && this.#memory.digestOf(token.sequence, completion)
    if (digest === undefined) {
      return {
        kind: 'stale',
        message: 'there is no such claim any more: it was given to another node, or is not needed',
      }
    }
    if (digest === completion.digest) return { kind: 'idempotent' }
    return { kind: 'conflict', message: 'this claim was completed before, with another result' }
  }

  #objection(slot: number, result: R): Objection | undefined {
    const [from, to] = [this.#claims.fromOf(slot), this.#claims.toOf(slot)]
    const work = { jobId: this.#claims.jobOf(slot).id, variant: this.#claims.variantOf(slot), from, to }
    const objection = this.#options.results.objection(result, work)
    if (objection !== undefined) return objection
    const impossible = (message: string): Objection => ({ kind: 'impossible', message })
    const { count, mean, m2 } = this.#options.results.momentsOf(result)
    if (count !== to - from) return impossible(`the result is of ${count} units, the claim of ${to - from}`)
    if (Number.isFinite(mean) && Number.isFinite(m2) && m2 >= 0) return undefined
    return impossible(`the mean is ${mean}, the squares are ${m2}`)
  }

  /** A result that answers a live claim. */
  #take(slot: number, { digest, result }: Completion<R>, now: number): void {
    const job = this.#claims.jobOf(slot)
    const node = this.#claims.nodeOf(slot)
    const chunk = this.#chunkAt(slot)
    const elapsedMs = now - this.#claims.claimedAtOf(slot)
    job.pace.measured(node.id, chunk.to - chunk.from, elapsedMs)
    node.measured(chunk.to - chunk.from, elapsedMs)
    const review = this.#reviews.get(slot) ?? this.#verify(job, node, chunk)
    this.#end(slot)
    if (review === undefined) this.#accept(job, node.id, chunk, result)
    else {
      review.asked.delete(node.owner)
      this.#vote(job, review, { node: node.id, owner: node.owner, digest, result }, now)
    }
    this.#settle(job)
  }

  #verify(job: RunningJob<R>, node: Node, chunk: Chunk): Review<R> | undefined {
    const { agreement, sample } = this.#policy
    if (agreement <= 1 || node.owner === job.owner) return undefined
    if (!mustVerify(this.#policy, node, job.owner) && this.#options.random() >= sample) return undefined
    return job.reviews.open(chunk.variant, chunk.from, chunk.to, chunk.attempt)
  }

  #vote(job: RunningJob<R>, review: Review<R>, vote: Parameters<typeof job.reviews.vote>[1], now: number): void {
    job.isChanged = true
    const verdict = job.reviews.vote(review, vote)
    if (verdict.kind === 'open') return
    job.reviews.close(review)
    if (verdict.kind === 'hopeless') {
      this.#endClaimsOf(review)
      job.fail(review, '', 'no two nodes agree on its result', now)
      return
    }
    this.#accept(job, undefined, review, verdict.result)
    for (const id of verdict.right) this.#confirm(id)
    this.#distrustAll(verdict.wrong, 'enough other nodes agree on another result', now)
  }

  #accept(job: RunningJob<R>, node: string | undefined, work: Omit<Chunk, 'attempt'>, result: R): void {
    const isSettled = job.accept(node, work, result)
    if (!isSettled) return
    for (const slot of this.#claims.lists.ofJob.slotsOf(job.claims)) {
      if (this.#claims.variantOf(slot) !== work.variant) continue
      const isInReview = this.#reviews.has(slot)
      const chunk = this.#chunkAt(slot)
      this.#end(slot)
      // Reviews of the variant were closed, their units with them.
      if (!isInReview) job.giveBack({ ...chunk, attempt: 0 })
    }
  }

  #confirm(nodeId: string): void {
    const node = this.#nodes.get(nodeId)
    if (node === undefined) return
    node.confirmations++
    this.#tell({ type: 'node_confirmed', node: nodeId, confirmations: node.confirmations })
  }

  #distrustAll(nodeIds: readonly string[], reason: string, now: number): void {
    const found = nodeIds.filter((id) => !this.#distrusted.has(id))
    for (const id of found) this.#distrusted.add(id)
    // Before anything else is done: what was believed of any of them must not bring a job to its end.
    this.#discard(found)
    for (const id of found) {
      const node = this.#nodes.get(id)
      if (node !== undefined) this.#failAll(node, 'distrusted', reason, now)
      this.#tell({ type: 'node_distrusted', node: id, reason })
    }
  }

  /** A node that computes by other rules: what it has goes to others, and what was accepted of it was right. */
  #holdBack(node: Node, reason: string, now: number): void {
    node.outdated = reason
    this.#failAll(node, 'outdated', reason, now)
    this.#tell({ type: 'node_outdated', node: node.id, reason })
  }

  #discard(nodeIds: readonly string[]): void {
    const changed: RunningJob<R>[] = []
    for (const job of nodeIds.length === 0 ? [] : this.#jobs.values()) {
      if (job.outcome !== undefined) continue
      for (const node of nodeIds) {
        const units = job.discard(node)
        if (units > 0) this.#tell({ type: 'results_discarded', jobId: job.id, node, units })
      }
      changed.push(job)
    }
    for (const job of changed) this.#settle(job)
  }

  #failAll(node: Node, reason: ClaimFailure, message: string, now: number): void {
    for (const slot of this.#claims.lists.ofNode.slotsOf(node.claims)) {
      // One before it may have ended the job, and with it this claim.
      if (this.#claims.nodeOf(slot) === node) this.#fail(slot, reason, message, now)
    }
  }

  /** A claim that came to nothing. */
  #fail(slot: number, reason: ClaimFailure, message: string, now: number): void {
    const job = this.#claims.jobOf(slot)
    const node = this.#claims.nodeOf(slot)
    const { token } = this.#claimAt(slot)
    const chunk = this.#chunkAt(slot)
    const review = this.#reviews.get(slot)
    const isChunksFault = !NODES_FAULTS.has(reason)
    this.#end(slot)
    if (review !== undefined) this.#failReview(job, review, node, isChunksFault ? message : undefined, now)
    else if (isChunksFault) job.fail(chunk, node.id, message, now)
    else job.giveBack(chunk)
    this.#tell({ type: 'claim_failed', jobId: job.id, node: node.id, token, reason, message })
    this.#settle(job)
  }

  #failReview(job: RunningJob<R>, review: Review<R>, node: Node, fault: string | undefined, now: number): void {
    review.asked.delete(node.owner)
    if (fault !== undefined) review.attempt++
    if (review.attempt >= this.#limits.attemptsMax) {
      job.reviews.close(review)
      this.#endClaimsOf(review)
      job.fail({ ...review, attempt: review.attempt - 1 }, node.id, fault ?? '', now)
    } else if (review.votes.length === 0 && review.asked.size === 0) job.closeReview(review)
  }

  /** Nobody needs to look at it any more. */
  #endClaimsOf(review: Review<R>): void {
    for (const [slot, other] of this.#reviews) if (other === review) this.#end(slot)
  }

  #chunkAt(slot: number): Chunk {
    const table = this.#claims
    return {
      variant: table.variantOf(slot),
      from: table.fromOf(slot),
      to: table.toOf(slot),
      attempt: table.attemptOf(slot),
    }
  }

  #end(slot: number): void {
    this.#claims.lists.ofJob.remove(this.#claims.jobOf(slot).claims, slot)
    this.#claims.lists.ofNode.remove(this.#claims.nodeOf(slot).claims, slot)
    this.#reviews.delete(slot)
    this.#claims.delete(slot)
  }

  /** Draws the consequences of a change: the next phase, the end, or a place in the schedule. */
  #settle(job: RunningJob<R>): void {
    job.advance()
    if (job.outcome !== undefined) {
      if (job.isEndTold) return
      job.isEndTold = true
      this.#schedule.remove(job)
      for (const slot of this.#claims.lists.ofJob.slotsOf(job.claims)) this.#end(slot)
      this.#tell({ type: 'job_ended', jobId: job.id })
    } else if (!job.seats.isQueued && job.hasWork) {
      this.#schedule.push(job)
      this.#tell({ type: 'work_available', jobId: job.id })
    }
  }

  #node(id: string): Node {
    const node = this.#nodes.get(id)
    if (node !== undefined) return node
    throw new TerraneError('unknown_node', `node ${id} is not registered`, { hint: 'Register it before it claims.' })
  }

  #tell(event: JobEvent): void {
    this.#options.onEvent?.(event)
  }
}
