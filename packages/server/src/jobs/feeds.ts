import { messageOf, type Timer, type Timers } from '@terrane/core'
import type { FeedSubscriber, FeedSubscription, Feeds } from '@terrane/gateway'
import type { PostgresJobs } from '@terrane/store-postgres'
import type { Logger } from '../process/log.js'
import { notFound } from './refusals.js'
import type { SentinelPort } from './sentinel-port.js'

/** Who watches a job hears of it at most this often. */
const PUSH_MS = 250
/** A job that another server has changes without our hearing of it: it is looked at this often. */
const LOOK_MS = 2_000

const ROSTER = 'nodes:online'

export interface JobFeedOptions {
  jobs(): PostgresJobs
  sentinel(): SentinelPort
  readonly timers: Timers
  readonly log: Logger
}

/** `jobs:<id>`: where a job stands and how far it is, for its owner. `nodes:online`: the roster of nodes. */
export class JobFeeds implements Feeds {
  readonly #options: JobFeedOptions
  readonly #watched = new Map<string, Set<FeedSubscriber>>()
  readonly #due = new Map<string, Timer>()

  constructor(options: JobFeedOptions) {
    this.#options = options
  }

  async open(topic: string, subscriber: FeedSubscriber): Promise<FeedSubscription> {
    if (topic === ROSTER) return { hasRoster: true, close: () => {} }
    const jobId = /^jobs:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(topic)?.[1]
    const job = jobId === undefined ? undefined : await this.#options.jobs().find(jobId)
    // Does not tell a stranger whether a job that is not theirs exists.
    if (job === undefined || job.userId !== subscriber.player) throw notFound('job')
    const watchers = this.#watched.get(job.id) ?? new Set()
    this.#watched.set(job.id, watchers)
    watchers.add(subscriber)
    this.changed(job.id)
    return {
      hasRoster: false,
      close: () => {
        watchers.delete(subscriber)
        if (watchers.size === 0 && this.#watched.get(job.id) === watchers) this.#forget(job.id)
      },
    }
  }

  /** Something about a job has changed: who watches it hears of it soon. */
  changed(jobId: string): void {
    if (!this.#watched.has(jobId)) return
    this.#due.get(jobId)?.cancel()
    this.#tellIn(jobId, PUSH_MS)
  }

  stop(): void {
    for (const jobId of [...this.#watched.keys()]) this.#forget(jobId)
  }

  #tellIn(jobId: string, ms: number): void {
    this.#due.set(
      jobId,
      this.#options.timers.after(ms, () => {
        this.#tell(jobId).catch((error: unknown) => {
          this.#options.log.debug({ why: messageOf(error) }, 'the progress of a job could not be told')
          if (this.#watched.has(jobId)) this.#tellIn(jobId, LOOK_MS)
        })
      }),
    )
  }

  async #tell(jobId: string): Promise<void> {
    const job = await this.#options.jobs().find(jobId)
    const watchers = this.#watched.get(jobId)
    if (job === undefined || watchers === undefined) return
    const { status, meta, error } = job
    const progress = this.#options.sentinel().progressOf(jobId)
    for (const watcher of watchers) watcher.push('updated', { status, meta, error, progress })
    if (status === 'pending' || status === 'running') {
      this.#tellIn(jobId, progress === undefined ? LOOK_MS : PUSH_MS)
    }
  }

  #forget(jobId: string): void {
    this.#watched.delete(jobId)
    this.#due.get(jobId)?.cancel()
    this.#due.delete(jobId)
  }
}

/** Keeps the roster of nodes as it should be: those that speak to this server. */
export class NodeRoster {
  readonly #list: (topic: string, player: string, client: string) => () => void
  readonly #listed = new Map<string, () => void>()

  constructor(list: (topic: string, player: string, client: string) => () => void) {
    this.#list = list
  }

  set(present: Iterable<string>): void {
    const wanted = new Set(present)
    for (const [key, leave] of this.#listed) {
      if (wanted.has(key)) continue
      leave()
      this.#listed.delete(key)
    }
    for (const key of wanted) if (!this.#listed.has(key)) this.#listed.set(key, this.#list(ROSTER, key, 'node'))
  }
}
