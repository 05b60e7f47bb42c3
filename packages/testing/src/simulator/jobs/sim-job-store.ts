import type { Prng } from '@terrane/core'
import type { JobOutcome, JobSnapshot } from '@terrane/jobs'
import type { SimulatedTime } from '../../simulated-time.js'
import type { JobsPlan, PlannedJob } from './job-plan.js'
import type { KnownResult } from './known-results.js'

export type End = JobOutcome<KnownResult>

/** A row of the table of jobs. */
export interface JobRow {
  readonly job: PlannedJob
  status: 'pending' | 'running' | 'ended'
  sentinel: string | undefined
  epoch: number
  leaseUntil: number
  checkpoint: JobSnapshot<KnownResult> | undefined
  /** How often a sentinel was told that it has ended the job. */
  readonly ends: End[]
}

export interface Hold {
  readonly id: string
  readonly sentinel: string
  readonly epoch: number
}

/** Calls fail, without effect or with it, and the caller cannot tell which. */
const UNANSWERED_MS = 500

/** The table of jobs as sentinels reach it: late, or not at all. What a call demands is demanded when it arrives. */
export class SimJobStore {
  readonly rows = new Map<string, JobRow>()
  readonly #time: SimulatedTime
  readonly #random: Prng
  readonly #plan: JobsPlan
  isCalm = false

  constructor(time: SimulatedTime, random: Prng, plan: JobsPlan) {
    this.#time = time
    this.#random = random
    this.#plan = plan
  }

  insert(job: PlannedJob): void {
    const open = { status: 'pending', sentinel: undefined, epoch: 0, leaseUntil: 0, checkpoint: undefined } as const
    this.rows.set(job.id, { job, ...open, ends: [] })
  }

  /** @param answer `undefined` when it is not known what became of the call */
  call<A>(effect: (now: number) => A, answer: (answer: A | undefined) => void): void {
    const { callMs, callLost, answerLost } = this.#plan
    const delay = () => callMs * this.#random.float()
    if (!this.isCalm && this.#random.chance(callLost)) {
      this.#time.after(UNANSWERED_MS, () => answer(undefined))
      return
    }
    this.#time.after(delay(), () => {
      const result = effect(this.#time.now())
      if (!this.isCalm && this.#random.chance(answerLost)) this.#time.after(UNANSWERED_MS, () => answer(undefined))
      else this.#time.after(delay(), () => answer(result))
    })
  }

  available(now: number): string[] {
    return [...this.rows.values()]
      .filter(({ status, leaseUntil }) => status === 'pending' || (status === 'running' && leaseUntil <= now))
      .map(({ job }) => job.id)
  }

  take(id: string, sentinel: string, leaseMs: number, now: number) {
    const row = this.rows.get(id)
    if (row === undefined || row.status === 'ended') return undefined
    if (row.status === 'running' && row.leaseUntil > now) return undefined
    const wasRunning = row.status === 'running'
    Object.assign(row, { status: 'running', sentinel, epoch: row.epoch + 1, leaseUntil: now + leaseMs })
    return { hold: { id, sentinel, epoch: row.epoch }, job: row.job, checkpoint: row.checkpoint, wasRunning }
  }

  /** @returns the jobs that are still the sentinel's */
  renew(holds: readonly Hold[], leaseMs: number, now: number): string[] {
    const held = holds.flatMap((hold) => this.#held(hold) ?? [])
    for (const row of held) row.leaseUntil = now + leaseMs
    return held.map(({ job }) => job.id)
  }

  saveCheckpoint(hold: Hold, checkpoint: JobSnapshot<KnownResult>): boolean {
    const row = this.#held(hold)
    if (row !== undefined) row.checkpoint = checkpoint
    return row !== undefined
  }

  /** Whether the job has ended by this hold, now or before. */
  finish(hold: Hold, end: End): boolean {
    const row = this.#held(hold)
    if (row === undefined) {
      const ended = this.rows.get(hold.id)
      return ended?.status === 'ended' && ended.epoch === hold.epoch
    }
    row.status = 'ended'
    row.ends.push(end)
    return true
  }

  #held({ id, sentinel, epoch }: Hold): JobRow | undefined {
    const row = this.rows.get(id)
    return row?.status === 'running' && row.sentinel === sentinel && row.epoch === epoch ? row : undefined
  }
}
