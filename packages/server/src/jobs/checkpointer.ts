import type { JobResult } from '@terrane/combat'
import { messageOf, sleep, TerraneError, type Timers } from '@terrane/core'
import type { JobSnapshot } from '@terrane/jobs'
import type { JobHold, PostgresJobs } from '@terrane/store-postgres'
import type { Logger } from '../process/log.js'
import { Coalesced } from './coalesced.js'
import { encodeCheckpoint } from './job-checkpoint.js'

const RETRY_MS = 250
/** A statement should not run long: what others wait for waits behind it. */
const STATEMENT_BYTES = 4 * 1024 * 1024
const STATEMENT_JOBS_MAX = 100

export interface CheckpointerOptions {
  readonly jobs: Pick<PostgresJobs, 'saveCheckpoints'>
  /** Undefined when nothing is to be saved of the job: it is not here any more, or has ended. */
  readonly snapshotOf: (jobId: string) => JobSnapshot<JobResult> | undefined
  /** Whoever goes on from the checkpoints must know this first. */
  readonly before: () => Promise<void>
  /** A job turned out to have ended, or to be another's. */
  readonly onLost: (jobId: string) => void
  readonly timers: Timers
  readonly log: Logger
}

/**
 * Keeps what was accepted of jobs. Group commit without a timer: while one statement is under way, the next gathers all
 * jobs that anybody wants saved; so a commit is shared by all jobs and all requests that came meanwhile.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions
  readonly #writing = new Coalesced(() => this.#write())
  #wanted = new Map<string, JobHold>()
  #isStopping = false

  constructor(options: CheckpointerOptions) {
    this.#options = options
  }

  /**
   * Resolves when all that was accepted of the job before this call is kept, or the job is lost. Keeps trying while the
   * database does not answer; rejects with `not_kept` when it is stopped meanwhile.
   */
  save(hold: JobHold): Promise<void> {
    this.#wanted.set(hold.id, hold)
    return this.#writing.run()
  }

  /** Tries no more than once from now on. */
  stop(): void {
    this.#isStopping = true
  }

  async #write(): Promise<void> {
    const wanted = this.#wanted
    this.#wanted = new Map()
    while (wanted.size > 0) {
      try {
        await this.#options.before()
        await this.#writeSome(wanted)
      } catch (error) {
        this.#options.log.warn({ jobs: wanted.size, why: messageOf(error) }, 'jobs could not be kept yet')
        if (this.#isStopping) throw notKept(error)
        await sleep(this.#options.timers, RETRY_MS)
      }
    }
  }

  /** One statement; what it has dealt with is taken out of `wanted`. */
  async #writeSome(wanted: Map<string, JobHold>): Promise<void> {
    const batch: { readonly hold: JobHold; readonly checkpoint: Uint8Array }[] = []
    let bytes = 0
    for (const hold of wanted.values()) {
      const snapshot = this.#options.snapshotOf(hold.id)
      if (snapshot === undefined) {
        wanted.delete(hold.id)
        continue
      }
      const checkpoint = encodeCheckpoint(snapshot)
      batch.push({ hold, checkpoint })
      bytes += checkpoint.length
      if (bytes >= STATEMENT_BYTES || batch.length >= STATEMENT_JOBS_MAX) break
    }
    if (batch.length === 0) return
    const kept = await this.#options.jobs.saveCheckpoints(batch)
    for (const { hold } of batch) {
      wanted.delete(hold.id)
      if (!kept.has(hold.id)) this.#options.onLost(hold.id)
    }
  }
}

export function notKept(cause?: unknown): TerraneError {
  return new TerraneError('not_kept', 'the database does not answer, so the results are not kept yet', {
    retry: 'later',
    hint: 'Send them again.',
    cause,
  })
}
