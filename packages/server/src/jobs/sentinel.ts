import { createHash } from 'node:crypto'
import { decodeJobResult, ENGINE_VERSION, type JobResult } from '@terrane/combat'
import { type Clock, messageOf, sleep, TerraneError, type Timer, type Timers } from '@terrane/core'
import {
  JOB_LIMITS,
  type JobEvent,
  type JobLimits,
  JobRuntime,
  type JobSnapshot,
  relativeErrorOf,
  type TrustPolicy,
} from '@terrane/jobs'
import type {
  Assignments,
  ChunkFailure,
  ClaimName,
  ClaimRequest,
  Completion,
  CompletionAnswer,
  HeartbeatAnswer,
} from '@terrane/node'
import type { ChunkEvent, JobEnd, NodeRecord, PostgresJobs, TakenJob } from '@terrane/store-postgres'
import type { Logger } from '../process/log.js'
import { version } from '../process/version.js'
import { Checkpointer, notKept } from './checkpointer.js'
import { Coalesced } from './coalesced.js'
import { combatResults, finishedJob } from './combat-results.js'
import { isWanted, shareOf } from './consent.js'
import type { GameDataSource } from './game-data-source.js'
import { decodeCheckpoint } from './job-checkpoint.js'
import type { KnownNodes } from './known-nodes.js'
import { RunningJob } from './running-job.js'
import type { JobProgress, NodeActivity, SentinelPort } from './sentinel-port.js'
import type { Standing } from './standing.js'
import { Throttled } from './throttled.js'
import { WaitingNodes } from './waiting-nodes.js'

/**
 * `checkpointed`: what was accepted is kept in the database before it is answered, and who takes a job over goes on from
 * there. `volatile`: nothing is kept, and a job whose sentinel ends has failed.
 */
export type Volatility = 'checkpointed' | 'volatile'

const LEASE_MS_DEFAULT = 30_000
const RENEWALS_PER_LEASE = 3
/** Notices are hints: this finds what they missed. */
const SWEEP_MS = 30_000
/** Nodes that ask in vain set off a sweep, but no more often than this. */
const SWEEP_APART_MS = 1_000
const RECLAIM_MS = 1_000
const RECONCILE_MS = 30_000
/** Jobs that one sentinel has at a time. */
const JOBS_MAX = 1_000
const TAKES_PER_SWEEP = 100
const RETRY_MS = 250
/** How long a node waits for the database to keep what it brought before it is told to bring it again. */
const KEEP_MS_MAX = 20_000

export interface SentinelOptions {
  /** Unique among all processes that ever were. */
  readonly name: string
  readonly volatility: Volatility
  readonly jobs: PostgresJobs
  readonly known: KnownNodes
  readonly standing: Standing
  readonly gameData: GameDataSource
  readonly trust: TrustPolicy
  readonly limits?: Partial<JobLimits>
  /** A sentinel that is silent for so long loses its jobs to another. */
  readonly leaseMs?: number
  /** Whether a sentinel of that name is known to be gone. */
  readonly isDead: (name: string) => boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly log: Logger
  /** Something about a job has changed that whoever watches it wants to know. */
  readonly onProgress?: (jobId: string) => void
  /** Nodes may have come or gone. */
  readonly onPresence?: () => void
}

interface Entry {
  readonly running: RunningJob
  /** Set once the job is known not to be ours any more. */
  isLost: boolean
  finishing: Promise<void> | undefined
}

/**
 * The sentinel of this process: takes jobs that nobody has, gives their chunks to nodes, keeps what comes back, and
 * ends them. Several sentinels share the jobs of a database: each job is one's at a time, and what a sentinel writes
 * demands that it still is. All decisions about chunks are `JobRuntime`'s.
 */
export class Sentinel implements SentinelPort {
  readonly #options: SentinelOptions
  readonly #runtime: JobRuntime<JobResult>
  readonly #entries = new Map<string, Entry>()
  readonly #leaseMs: number
  readonly #sweeping = new Coalesced(() => this.#sweep())
  readonly #savingStanding: Coalesced
  readonly #checkpointer: Checkpointer
  readonly #waiting: WaitingNodes
  /** Jobs that waited for a node such as this one need not wait for the next sweep; but nodes come in crowds. */
  readonly #sweepForNode: Throttled
  readonly #timers = new Set<Timer>()
  #circle = { friends: new Set<string>() as ReadonlySet<string>, guild: new Set<string>() as ReadonlySet<string> }
  /** When a chunk that has failed may be had again by the node at which it failed. */
  #retryAt = Number.POSITIVE_INFINITY
  #isStopping = false

  constructor(options: SentinelOptions) {
    this.#options = options
    this.#leaseMs = options.leaseMs ?? LEASE_MS_DEFAULT
    this.#savingStanding = new Coalesced(() => options.standing.save())
    this.#waiting = new WaitingNodes(options.timers)
    this.#sweepForNode = new Throttled(options.timers, SWEEP_APART_MS, () => this.wake())
    this.#checkpointer = new Checkpointer({
      jobs: options.jobs,
      snapshotOf: (jobId) => (this.#entries.get(jobId)?.finishing ? undefined : this.#runtime.snapshot(jobId)),
      before: () => this.#savingStanding.run(),
      onLost: (jobId) => this.dropped(jobId),
      timers: options.timers,
      log: options.log,
    })
    this.#runtime = new JobRuntime<JobResult>({
      results: combatResults((jobId, variant) => this.#entry(jobId).running.expectedOf(variant)),
      // Asked while a node claims; whose circle it is was looked up just before.
      circleOf: () => this.#circle,
      trust: options.trust,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      random: options.random,
      onEvent: (event) => this.#onEvent(event),
    })
  }

  start(): void {
    this.#every(Math.min(SWEEP_MS, this.#leaseMs), () => this.#sweeping.run())
    this.#every(this.#leaseMs / RENEWALS_PER_LEASE, () => this.#renew())
    this.#every(RECLAIM_MS, async () => {
      this.#reclaim()
      this.#options.onPresence?.()
      await this.#savingStanding.run()
    })
    this.#every(RECONCILE_MS, () => this.#reconcile())
    this.wake()
  }

  /** There may be new jobs. */
  wake(): void {
    this.#quietly('looking for jobs', this.#sweeping.run())
  }

  #wakeForNode(): void {
    if (!this.#isStopping && this.#entries.size < JOBS_MAX) this.#sweepForNode.run()
  }

  /** A node's owner has changed it: there may be work now for which it could not be had, or could have none. */
  async nodeChanged(publicKey: string): Promise<void> {
    await this.#options.known.changed(publicKey)
    this.#waiting.wake()
    this.#wakeForNode()
  }

  /** Does nothing more, and lets nothing go: as if the process had ended. */
  kill(): void {
    this.#isStopping = true
    this.#checkpointer.stop()
    this.#sweepForNode.stop()
    for (const timer of this.#timers) timer.cancel()
    this.#waiting.wake()
  }

  /** Takes no more; keeps what was accepted, and lets other sentinels have the jobs. */
  async stop(): Promise<void> {
    this.kill()
    await Promise.allSettled(
      [...this.#entries.values()].map(async (entry) => {
        if (entry.finishing !== undefined) await entry.finishing
        else if (this.#options.volatility === 'checkpointed') {
          await this.#checkpointer.save(entry.running.hold)
          await this.#options.jobs.release(entry.running.hold)
        }
      }),
    )
    await this.#savingStanding.run()
  }

  get statistics() {
    return { jobs: this.#entries.size, inFlight: this.#runtime.inFlight, nodesWaiting: this.#waiting.count }
  }

  async claim(node: NodeRecord, { max, waitMs, software }: ClaimRequest, signal: AbortSignal): Promise<Assignments> {
    const { clock, known } = this.#options
    if (software?.engine !== ENGINE_VERSION) {
      throw outdated(
        `it computes by version ${software?.engine ?? 'unknown'} of the engine, the server by ${ENGINE_VERSION}`,
      )
    }
    await known.runs(node, software.version)
    const until = clock.now() + waitMs
    let current = node
    for (let isFirst = true; ; isFirst = false) {
      // The owner may have changed their mind while the node waited.
      if (!isFirst) current = await known.require(node.publicKey)
      const chunks = await this.#assign({ ...current, version: software.version }, max)
      const left = until - clock.now()
      if (chunks.length > 0 || left <= 0 || signal.aborted || this.#isStopping) {
        if (!signal.aborted) return { chunks }
        this.#giveBack(node.publicKey, chunks)
        return { chunks: [] }
      }
      if (isFirst) this.#wakeForNode()
      await this.#waiting.wait(left, signal)
    }
  }

  async #assign(node: NodeRecord, max: number): Promise<Assignments['chunks']> {
    const owners = [...new Set([...this.#entries.values()].map(({ running }) => running.job.owner))]
    const circle = await this.#options.known.circleOf(node, owners)
    this.#circle = circle
    this.#runtime.registerNode({
      id: node.publicKey,
      owner: node.userId,
      totalCores: node.totalCores,
      maxParallel: node.maxParallel,
      share: shareOf(node),
      confirmations: node.confirmations,
      isDistrusted: node.distrust !== undefined,
      software: node.version,
    })
    const reason = this.#runtime.nodeStatus(node.publicKey)?.outdated
    if (reason !== undefined) throw outdated(reason)
    if (node.pausedBy !== undefined) return []
    const now = this.#options.clock.now()
    return this.#runtime.claimBatch(node.publicKey, max, now).map((claim) => this.#assignment(claim, now))
  }

  #assignment(
    claim: {
      jobId: string
      token: string
      workHash: string
      variant: number
      from: number
      to: number
      leaseUntil: number
    },
    now: number,
  ): Assignments['chunks'][number] {
    const { jobId, token, workHash, variant, from, to, leaseUntil } = claim
    return { jobId, claimToken: token, workHash, variant, first: from, count: to - from, leaseMs: leaseUntil - now }
  }

  #giveBack(node: string, chunks: Assignments['chunks']): void {
    const failure = { node, kind: 'leaving', code: 'hung_up', message: 'the node hung up' } as const
    const now = this.#options.clock.now()
    for (const { jobId, claimToken: token } of chunks) this.#runtime.fail({ jobId, token, ...failure }, now)
  }

  workOf(publicKey: string): Assignments {
    const now = this.#options.clock.now()
    return { chunks: this.#runtime.claimsOf(publicKey).map((claim) => this.#assignment(claim, now)) }
  }

  statusOf(publicKey: string): NodeActivity | undefined {
    const status = this.#runtime.nodeStatus(publicKey)
    if (status === undefined) return undefined
    const chunks: Record<string, number> = {}
    for (const { jobId } of this.#runtime.claimsOf(publicKey)) chunks[jobId] = (chunks[jobId] ?? 0) + 1
    return {
      chunks: Object.entries(chunks).map(([jobId, count]) => ({ jobId, count })),
      unitsPerSecond: status.unitsPerSecond,
      outdated: status.outdated,
    }
  }

  heartbeat(publicKey: string, claims: readonly ClaimName[]): HeartbeatAnswer {
    const now = this.#options.clock.now()
    const names = claims.map(({ jobId, claimToken }) => ({ jobId, token: claimToken }))
    const lost = this.#runtime.heartbeat(publicKey, names, now)
    return { lost: lost.map(({ jobId, token }) => ({ jobId, claimToken: token })) }
  }

  async complete(publicKey: string, completions: readonly Completion[]): Promise<CompletionAnswer> {
    const outcomes = completions.map((completion) => this.#completeOne(publicKey, completion))
    const touched = new Set(
      outcomes.flatMap(({ jobId, outcome }) => (outcome === 'accepted' || outcome === 'idempotent' ? [jobId] : [])),
    )
    const lost = await this.#keep(touched)
    return {
      outcomes: outcomes.map((answer) =>
        lost.has(answer.jobId) && touched.has(answer.jobId)
          ? { ...answer, outcome: 'stale', message: 'the job has ended, or another server has it' }
          : answer,
      ),
    }
  }

  #completeOne(node: string, { jobId, claimToken, ...completion }: Completion): CompletionAnswer['outcomes'][number] {
    const now = this.#options.clock.now()
    const name = { jobId, claimToken }
    let result: JobResult
    try {
      result = decodeJobResult(completion.result)
    } catch (error) {
      const failure = { node, kind: 'failed', code: 'bad_encoding', message: messageOf(error) } as const
      this.#runtime.fail({ jobId, token: claimToken, ...failure }, now)
      return { ...name, outcome: 'conflict', message: messageOf(error) }
    }
    const outcome = this.#runtime.complete(
      {
        jobId,
        token: claimToken,
        node,
        workHash: Buffer.from(completion.workHash).toString('hex'),
        digest: createHash('sha256').update(completion.result).digest('base64'),
        result,
      },
      now,
    )
    return { ...name, outcome: outcome.kind, message: 'message' in outcome ? outcome.message : '' }
  }

  /** Resolves when all that was accepted of these jobs is kept; with those of them that are not ours any more. */
  async #keep(jobIds: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const lost = new Set<string>()
    const keepOne = async (jobId: string) => {
      const entry = this.#entries.get(jobId)
      if (entry === undefined) return
      if (entry.finishing !== undefined) await entry.finishing
      else if (this.#options.volatility === 'checkpointed') await this.#checkpointer.save(entry.running.hold)
      // It may have come to its end meanwhile, which is then what keeps the results.
      await entry.finishing
      if (entry.isLost) lost.add(jobId)
    }
    await new Promise<void>((resolve, reject) => {
      const timer = this.#options.timers.after(KEEP_MS_MAX, () => reject(notKept()))
      Promise.all([...jobIds].map(keepOne))
        .then(() => resolve(), reject)
        .finally(() => timer.cancel())
    })
    return lost
  }

  async fail(publicKey: string, { jobId, claimToken, kind, code, message }: ChunkFailure): Promise<void> {
    const failure = { jobId, token: claimToken, node: publicKey, kind, code, message }
    this.#runtime.fail(failure, this.#options.clock.now())
  }

  left(publicKey: string): void {
    this.#runtime.removeNode(publicKey, this.#options.clock.now(), 'leaving')
  }

  contextOf(publicKey: string, { jobId, claimToken }: ClaimName, hash: string): string {
    const isHeld = this.#runtime.claimOf(publicKey, { jobId, token: claimToken }) !== undefined
    const running = this.#entries.get(jobId)?.running
    if (!isHeld || running === undefined) {
      throw new TerraneError('stale', 'this node has not claimed a chunk of this job, or not any more', {
        hint: 'Drop the chunk, and claim another.',
      })
    }
    if (running.job.workHash === hash) return running.context
    throw new TerraneError('not_found', 'the job has another work context', { hint: 'Ask for the hash in the claim.' })
  }

  progressOf(jobId: string): JobProgress | undefined {
    const progress = this.#runtime.progress(jobId)
    const entry = this.#entries.get(jobId)
    if (progress === undefined || entry === undefined) return undefined
    const [leading] = this.#runtime.ranking(jobId)
    const error = leading === undefined ? Number.POSITIVE_INFINITY : relativeErrorOf(leading.moments)
    return {
      unitsDone: progress.unitsDone,
      unitsTotal: progress.unitsTotal,
      chunksInFlight: progress.inFlight,
      phase: progress.phase,
      phaseCount: progress.phases,
      variantsActive: progress.variants,
      mean: leading && (leading.moments.mean * 1_000) / entry.running.expectedOf(leading.variant).durationMs,
      relativeError: Number.isFinite(error) ? error : undefined,
    }
  }

  dropped(jobId: string): void {
    const entry = this.#entries.get(jobId)
    if (entry === undefined) return
    entry.isLost = true
    this.#entries.delete(jobId)
    this.#runtime.remove(jobId)
    this.#options.onProgress?.(jobId)
  }

  #entry(jobId: string): Entry {
    const entry = this.#entries.get(jobId)
    if (entry === undefined) throw new Error(`the sentinel has no job ${jobId}`)
    return entry
  }

  #onEvent(event: JobEvent): void {
    const { log, standing, known } = this.#options
    switch (event.type) {
      case 'job_ended': {
        const entry = this.#entries.get(event.jobId)
        if (entry !== undefined) entry.finishing ??= this.#finish(entry)
        break
      }
      case 'work_available':
        this.#waiting.wake()
        break
      case 'claim_failed':
        this.#retryAt = Math.min(this.#retryAt, this.#options.clock.now() + JOB_LIMITS.avoidMs)
        this.#logEvent({
          jobId: event.jobId,
          nodePublicKey: event.node,
          claimToken: event.token,
          eventType: event.reason,
          error: event.message,
        })
        break
      case 'node_distrusted':
        log.warn({ node: event.node, why: event.reason }, 'a node gives wrong results; it gets no more work')
        standing.distrusted(event.node, event.reason)
        this.#quietly('writing down who has lied', this.#savingStanding.run())
        known.forget(event.node)
        break
      case 'node_outdated':
        log.info({ node: event.node, why: event.reason }, 'a node computes by other rules; it has to be updated')
        break
      case 'results_discarded':
        this.#logEvent({
          jobId: event.jobId,
          nodePublicKey: event.node,
          eventType: event.type,
          error: `${event.units} iterations are computed again`,
        })
        break
      case 'node_confirmed':
        standing.confirmed(event.node)
        break
    }
  }

  #logEvent(event: ChunkEvent): void {
    this.#quietly('writing down an event', this.#options.jobs.logEvent(event))
  }

  /** Takes jobs that nobody has and somebody can compute. */
  async #sweep(): Promise<void> {
    const { jobs, isDead, name } = this.#options
    if (this.#isStopping) return
    const { present } = this.#options.known
    if (present.length === 0) return
    const dead = (await jobs.sentinels()).filter((other) => other !== name && isDead(other))
    for (const job of await jobs.available(TAKES_PER_SWEEP, dead)) {
      if (this.#isStopping || this.#entries.size >= JOBS_MAX) return
      if (this.#entries.has(job.id) || !(await isWanted(job, present, this.#options.known))) continue
      const taken = await jobs.take(job.id, name, this.#leaseMs, dead)
      if (taken !== undefined) await this.#begin(taken)
    }
  }

  async #begin(taken: TakenJob): Promise<void> {
    const { jobs, gameData, volatility, log } = this.#options
    const fail = async (code: string, message: string) => {
      log.warn({ job: taken.id, code, why: message }, 'a job has failed')
      await jobs.logEvent({ jobId: taken.id, eventType: code, error: message })
      await jobs.finish(taken.hold, { status: 'failed', error: `${code}: ${message}` })
      this.#options.onProgress?.(taken.id)
    }
    if (volatility === 'volatile' && taken.wasRunning) {
      await fail('restart_dropped', 'the server that computed it has ended; submit it again')
      return
    }
    try {
      const running = await RunningJob.open(taken, gameData)
      const entry: Entry = { running, isLost: false, finishing: undefined }
      const saved = await this.#restored(taken, running)
      this.#entries.set(taken.id, entry)
      this.#runtime.add(running.job, saved)
    } catch (error) {
      this.#entries.delete(taken.id)
      if (!(error instanceof TerraneError)) throw error
      await fail(error.code, error.message)
      return
    }
    this.#options.onProgress?.(taken.id)
  }

  /** What was accepted, but for what was said by nodes that are known to lie. */
  async #restored({ id, checkpoint }: TakenJob, running: RunningJob): Promise<JobSnapshot<JobResult> | undefined> {
    if (checkpoint === undefined) return undefined
    const { known, clock, log } = this.#options
    let saved: JobSnapshot<JobResult>
    try {
      saved = decodeCheckpoint(checkpoint, (variant) => running.expectedOf(variant).fingerprint)
    } catch (error) {
      log.error({ job: id, err: error }, 'a checkpoint cannot be read; the job is computed anew')
      return undefined
    }
    const speakers = [...saved.parts, ...saved.reviews.flatMap(({ votes }) => votes)].flatMap(({ node }) => node ?? [])
    const liars = await known.distrusted([...new Set(speakers)])
    for (const [node, reason] of liars) this.#runtime.distrust(node, reason, clock.now())
    return saved
  }

  async #finish(entry: Entry): Promise<void> {
    const { running } = entry
    const { jobs, log } = this.#options
    const outcome = this.#runtime.outcome(running.hold.id)
    if (outcome === undefined) return
    let end: JobEnd
    try {
      if (outcome.status === 'failed') end = { status: 'failed', error: `${outcome.code}: ${outcome.message}` }
      else {
        const { resultPb, meta, representative } = finishedJob(running.config, outcome)
        const timelinePb = running.timeline(representative.variant, representative.iteration)
        end = { status: 'completed', meta: { ...running.meta, ...meta }, resultPb, timelinePb }
      }
    } catch (error) {
      log.error({ job: running.hold.id, err: error }, 'a job could not be brought to its end')
      end = { status: 'failed', error: `unexpected: ${messageOf(error)}` }
    }
    const isOurs = await this.#persistently(entry, () => jobs.finish(running.hold, end))
    entry.isLost ||= isOurs !== true
    this.#entries.delete(running.hold.id)
    this.#runtime.remove(running.hold.id)
    this.#options.onProgress?.(running.hold.id)
    this.#wakeForNode()
  }

  /** Asks the database until it answers; undefined when the job turns out to be lost meanwhile. */
  async #persistently(entry: Entry, write: () => Promise<boolean>): Promise<boolean | undefined> {
    while (!entry.isLost) {
      try {
        return await write()
      } catch (error) {
        this.#options.log.warn({ job: entry.running.hold.id, why: messageOf(error) }, 'a job could not be kept yet')
        if (this.#isStopping) return undefined
        await sleep(this.#options.timers, RETRY_MS)
      }
    }
    return undefined
  }

  async #renew(): Promise<void> {
    const ids = [...this.#entries.keys()]
    if (ids.length === 0) return
    const ours = new Set(await this.#options.jobs.renew(this.#options.name, ids, this.#leaseMs))
    // Cancelled, or taken over: but what is just being finished is gone from `running` by our own hand.
    for (const id of ids) if (!ours.has(id) && this.#entries.get(id)?.finishing === undefined) this.dropped(id)
  }

  #reclaim(): void {
    const now = this.#options.clock.now()
    const count = this.#runtime.reclaimStale(now)
    if (count === 0 && now < this.#retryAt) return
    this.#retryAt = Number.POSITIVE_INFINITY
    this.#waiting.wake()
  }

  async #reconcile(): Promise<void> {
    const gone = await this.#options.known.reconcile()
    for (const key of gone) this.#runtime.removeNode(key, this.#options.clock.now())
  }

  #every(ms: number, work: () => Promise<void>): void {
    const again = () => {
      if (this.#isStopping) return
      const timer = this.#options.timers.after(ms, () => {
        this.#timers.delete(timer)
        this.#quietly('a regular task', work().finally(again))
      })
      this.#timers.add(timer)
    }
    again()
  }

  #quietly(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#isStopping) this.#options.log.warn({ why: messageOf(error) }, `${what} failed; it is tried again`)
    })
  }
}

function outdated(why: string): TerraneError {
  return new TerraneError('node_outdated', `this node has to be updated: ${why}`, {
    hint:
      `Install Terrane ${version()}, which the server runs, on this machine and start the node again; ` +
      'in a browser load the page anew. It keeps its key.',
  })
}
