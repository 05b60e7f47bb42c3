import { backoffMs, type Clock, Histogram, type Prng, sleep, type Timers } from '@terrane/core'
import {
  type AppendResult,
  type CommitLog,
  type LogAppend,
  TransientStoreError,
  UncertainStoreError,
} from '../ports/store.js'
import { StallWatch } from './stall-watch.js'

/** What the committer needs of a zone. */
export interface CommitSource {
  readonly id: string
  /** Closes the open batch and hands it over; undefined when there is nothing to commit. */
  seal(): LogAppend | undefined
  /** The sealed batch is in the log. */
  committed(seq: number): void
  /** Somebody else owns the zone: its position was taken. */
  fenced(): void
  /** The store refuses this batch for good. */
  refused(cause: unknown): void
  /** Appending has failed, or has had no answer, for a while; the zone should take no more. Also told of each failure since. */
  stalled(cause: unknown): void
}

export interface CommitCounters {
  batches: number
  bytes: number
  appends: number
  retries: number
  /** Time of one append, ms. */
  readonly appendMs: Histogram
}

/** Zones that wait: an append of so many takes about as long as bringing the ops of the last one. */
const CROWD = 16

/**
 * Group commit for all zones of a process, without a timer: while one append is in flight the next
 * batches gather; when it returns, they go. One append carries a batch of every zone that has one.
 */
export class Committer {
  readonly counters: CommitCounters = { batches: 0, bytes: 0, appends: 0, retries: 0, appendMs: new Histogram() }
  readonly #log: CommitLog
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #random: Prng
  readonly #stallAfterMs: number
  readonly #waiting = new Set<CommitSource>()
  /** Of the commit in flight, or of the last one. */
  #watch: StallWatch | undefined
  #running = false
  #stopped = false

  constructor(options: { log: CommitLog; clock: Clock; timers: Timers; random: Prng; stallAfterMs: number }) {
    this.#log = options.log
    this.#clock = options.clock
    this.#timers = options.timers
    this.#random = options.random
    this.#stallAfterMs = options.stallAfterMs
  }

  /** Commits wait for the database right now. */
  get busy(): boolean {
    return this.#running
  }

  /** The zone has something to commit. */
  request(source: CommitSource): void {
    if (this.#waiting.size === 0 && !this.#running) {
      this.#running = true
      // Input that has already arrived on other sockets joins this batch.
      this.#timers.soon(() => void this.#run())
    }
    this.#waiting.add(source)
  }

  /** Abandons what is in flight: used when the process dies. */
  stop(): void {
    this.#stopped = true
    this.#watch?.end()
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#stopped) {
      const sources: CommitSource[] = []
      const entries: LogAppend[] = []
      for (const source of this.#waiting) {
        const entry = source.seal()
        if (entry === undefined) continue
        sources.push(source)
        entries.push(entry)
      }
      this.#waiting.clear()
      if (entries.length === 0) continue
      await this.#commit(sources, entries)
      // What this commit has set free joins the next: ops to zones of this process, and what they make of them. When a
      // crowd waits already, the database should rather work while we bring them.
      if (!this.#stopped && this.#waiting.size < CROWD) await untilNext(this.#timers)
    }
    this.#running = false
  }

  async #commit(sources: readonly CommitSource[], entries: readonly LogAppend[]): Promise<void> {
    const startedAt = this.#clock.now()
    const watch = new StallWatch(this.#timers, this.#stallAfterMs, 'append', (cause) => {
      for (const source of sources) source.stalled(cause)
    })
    this.#watch = watch
    let results: readonly (AppendResult | { readonly refused: unknown })[]
    try {
      results = await this.#append(entries, watch)
    } catch (cause) {
      // Not transient: one of the batches is at fault. Each alone shows which.
      results = entries.length === 1 ? [{ refused: cause }] : await this.#appendEach(entries, watch)
    }
    watch.end()
    if (this.#stopped) return
    this.counters.appends++
    this.counters.appendMs.record(this.#clock.now() - startedAt)
    for (let i = 0; i < entries.length; i++) {
      const source = sources[i] as CommitSource
      const entry = entries[i] as LogAppend
      const result = results[i]
      if (result === 'committed') {
        this.counters.batches++
        this.counters.bytes += entry.payload.length
        source.committed(entry.seq)
      } else if (result === 'fenced') source.fenced()
      else source.refused(result?.refused)
    }
  }

  async #appendEach(entries: readonly LogAppend[], watch: StallWatch) {
    const results: (AppendResult | { readonly refused: unknown })[] = []
    for (const entry of entries) {
      try {
        const [result] = await this.#append([entry], watch)
        results.push(result as AppendResult)
      } catch (cause) {
        results.push({ refused: cause })
      }
    }
    return results
  }

  /**
   * Appends until the store has answered for every entry. Throws only what no repetition can mend.
   * When an answer was lost, the log is read before anything is appended again, and a position that
   * turns out to be taken by our own epoch holds our earlier attempt: an epoch has one writer.
   */
  async #append(entries: readonly LogAppend[], watch: StallWatch): Promise<readonly AppendResult[]> {
    const results = new Map<LogAppend, AppendResult>()
    let answerLost = false
    for (let attempt = 0; results.size < entries.length; attempt++) {
      try {
        if (answerLost) {
          for (const entry of entries) {
            if (!results.has(entry) && (await this.#landed(entry))) results.set(entry, 'committed')
          }
        }
        const open = entries.filter((entry) => !results.has(entry))
        if (open.length === 0) break
        const answers = await this.#log.append(open)
        for (let i = 0; i < open.length; i++) {
          const entry = open[i] as LogAppend
          const fencedByUs = answers[i] === 'fenced' && answerLost && (await this.#landed(entry))
          results.set(entry, fencedByUs ? 'committed' : (answers[i] as AppendResult))
        }
      } catch (cause) {
        if (!(cause instanceof TransientStoreError) || this.#stopped) throw cause
        if (cause instanceof UncertainStoreError) answerLost = true
        this.counters.retries++
        watch.failed(cause)
        await sleep(
          this.#timers,
          backoffMs(attempt, () => this.#random.float()),
        )
      }
    }
    return entries.map((entry) => results.get(entry) as AppendResult)
  }

  async #landed(entry: LogAppend): Promise<boolean> {
    const head = await this.#log.headOf(entry.zone)
    return head?.seq === entry.seq && head.epoch === entry.epoch
  }
}

/** Resolves when what was to come next before this has run. */
function untilNext(timers: Timers): Promise<void> {
  return new Promise((resolve) => timers.next(resolve))
}
