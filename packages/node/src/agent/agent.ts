import { assert, backoffMs, type Clock, messageOf, sleep, TerraneError, type Timer, type Timers } from '@terrane/core'
import type { Assignment, Assignments, ClaimName, CompletionOutcome, NodeState } from '../wire/api.js'
import { COMPLETIONS_MAX } from '../wire/api.js'
import type { Completion } from '../wire/completion.js'
import { decodeContext } from '../work/work-context.js'
import type { PieceResult, PoolTask } from '../workers/worker-pool.js'
import type { NodeApi } from './node-api.js'

/** How long the server holds a claim when there is no work. */
const CLAIM_WAIT_MS = 20_000
/** Claims are extended when a third of their lease has passed. */
const HEARTBEATS_PER_LEASE = 3
const HEARTBEAT_MS_MIN = 250
const HEARTBEAT_MS_MAX = 30_000
const RETRY_MS = { base: 250, cap: 10_000 }
/** Failed deliveries of one completion before it is given up: its lease has run out by then. */
const DELIVERIES_MAX = 20
/** Work contexts and game data that are kept; each job has one context. */
const TEXTS_MAX = 16

const NONE: Assignments = { chunks: [] }

/** What computes pieces: a pool of threads or of Web Workers. */
export interface Workers {
  readonly size: number
  run(task: PoolTask): Promise<PieceResult>
}

export type AgentEvent =
  | { readonly type: 'claimed'; readonly chunks: number }
  | {
      readonly type: 'completed'
      readonly outcome: CompletionOutcome
      readonly units: number
      readonly elapsedMs: number
    }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'waiting'; readonly code: string; readonly message: string; readonly delayMs: number }

export interface AgentOptions {
  readonly api: NodeApi
  readonly workers: Workers
  readonly clock: Clock
  readonly timers: Timers
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly onEvent?: (event: AgentEvent) => void
}

interface Held {
  readonly assignment: Assignment
  /** The server no longer wants it. */
  isLost: boolean
}

interface Delivery {
  readonly completion: Completion
  readonly units: number
  attempts: number
}

/**
 * A node at work: `running` claims chunks as long as a worker is free, computes and delivers them; `draining` takes no
 * more and finishes what it has; `stopped`. Every claim ends with a completion, a failure that is reported at once, or
 * the server's word that it is no longer ours.
 */
export class NodeAgent {
  readonly #options: AgentOptions
  readonly #held = new Map<string, Held>()
  readonly #texts = new Map<string, Promise<string>>()
  readonly #deliveries: Delivery[] = []
  readonly #changed = new Signal()
  readonly #claiming = new AbortController()
  #state: 'running' | 'draining' | 'stopped' = 'running'
  #capacity = 0
  /** A claim has no answer, so the server may have given us chunks that we do not know of. */
  #isUnsure = false
  #heartbeat: Timer | undefined
  #delivering: Promise<void> | undefined

  constructor(options: AgentOptions) {
    this.#options = options
  }

  /** Chunks that are claimed and not yet answered for. */
  get inFlight(): number {
    return this.#held.size
  }

  /**
   * Works until it is drained. Rejects with the server's refusal when that is for good: the key is revoked or was never
   * registered, or this node has to be updated (`node_outdated`). @param state as the server answered the registration
   */
  async run(state: NodeState): Promise<void> {
    this.#capacity = Math.min(state.capacity, this.#options.workers.size)
    try {
      await this.#resume()
      while (this.#state === 'running') {
        const free = this.#capacity - this.#held.size
        if (free <= 0) await this.#changed.next()
        else await this.#claim(free)
      }
      while (this.#held.size > 0 && (this.#state as string) !== 'stopped') await this.#changed.next()
    } catch (error) {
      this.#state = 'stopped'
      // Others can have what it holds at once.
      await this.#options.api.leave().catch(() => {})
      throw error
    } finally {
      this.#state = 'stopped'
      this.#heartbeat?.cancel()
    }
  }

  /** Finishes what is under way, for `graceMs` at most; the rest goes back to the server. */
  async drain(graceMs: number): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    this.#claiming.abort()
    this.#changed.raise()
    const { clock, timers, api } = this.#options
    const deadline = clock.now() + graceMs
    const timer = timers.after(graceMs, () => this.#changed.raise())
    while (this.#held.size > 0 && clock.now() < deadline) await this.#changed.next()
    timer.cancel()
    const rest = [...this.#held.values()].filter(({ isLost }) => !isLost)
    this.#state = 'stopped'
    this.#changed.raise()
    const leave = { kind: 'leaving', code: 'node_leaving', message: 'the node was stopped' } as const
    await Promise.allSettled(rest.map(({ assignment }) => api.fail({ ...nameOf(assignment), ...leave })))
    await api.leave().catch(() => {})
  }

  /** What the server holds for ours from before: a crash of this node has lost it, so it is computed anew. */
  async #resume(): Promise<void> {
    const { api } = this.#options
    const chunks = await this.#patiently(async () => (await api.work()).chunks)
    for (const chunk of chunks ?? []) this.#take(chunk)
  }

  async #claim(max: number): Promise<void> {
    const { api, onEvent } = this.#options
    const chunks = await this.#patiently(async () => {
      // An answer was lost, and with it what it gave: the server holds it for ours.
      if (this.#isUnsure) for (const chunk of (await api.work()).chunks) this.#take(chunk)
      const free = Math.min(max, this.#capacity - this.#held.size)
      this.#isUnsure = free > 0
      const { chunks } = free > 0 ? await api.claim({ max: free, waitMs: CLAIM_WAIT_MS }, this.#claiming.signal) : NONE
      this.#isUnsure = false
      return chunks
    })
    if (chunks === undefined || chunks.length === 0) return
    onEvent?.({ type: 'claimed', chunks: chunks.length })
    for (const chunk of chunks) this.#take(chunk)
  }

  /** Tries until it succeeds; undefined when the node is to stop. Throws a refusal that will not change. */
  async #patiently<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { timers, random, onEvent } = this.#options
    for (let attempt = 0; this.#state === 'running'; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (this.#state !== 'running') return undefined
        if (!(error instanceof TerraneError) || error.retry === 'never') throw error
        const delayMs = backoffMs(attempt, random, RETRY_MS.base, RETRY_MS.cap)
        onEvent?.({ type: 'waiting', code: error.code, message: error.message, delayMs })
        await Promise.race([sleep(timers, delayMs), this.#changed.next()])
      }
    }
    return undefined
  }

  #take(assignment: Assignment): void {
    const key = keyOf(assignment)
    if (this.#held.has(key)) return
    const held: Held = { assignment, isLost: false }
    this.#held.set(key, held)
    this.#beatSoon()
    void this.#compute(held)
  }

  async #compute(held: Held): Promise<void> {
    const { assignment } = held
    const { jobId, claimToken, workHash, variant, first, count } = assignment
    try {
      const text = await this.#text(workHash, () => this.#options.api.context(jobId, workHash, claimToken))
      const { gameData } = await decodeContext(text, workHash)
      const data = await this.#text(gameData, () => this.#options.api.gameData(gameData))
      if (held.isLost) return this.#drop(held)
      const { result, elapsedMs } = await this.#options.workers.run({
        work: { hash: workHash, text },
        gameData: { hash: gameData, text: data },
        piece: { variant, first, count },
      })
      if (held.isLost || this.#state === 'stopped') return this.#drop(held)
      this.#deliver({ jobId, claimToken, workHash: bytesOfHex(workHash), result, elapsedMs }, count)
    } catch (error) {
      await this.#report(held, error)
    }
  }

  /** Tells the server at once, so that the chunk need not wait for its lease to run out. */
  async #report(held: Held, thrown: unknown): Promise<void> {
    const { api, onEvent } = this.#options
    const code = thrown instanceof TerraneError ? thrown.code : 'node_bug'
    const message = messageOf(thrown)
    onEvent?.({ type: 'failed', code, message })
    if (!held.isLost) {
      await api.fail({ ...nameOf(held.assignment), kind: 'failed', code, message }).catch(() => {})
    }
    this.#drop(held)
  }

  #drop(held: Held): void {
    this.#held.delete(keyOf(held.assignment))
    this.#changed.raise()
  }

  /** Completions gather while others are on their way. */
  #deliver(completion: Completion, units: number): void {
    this.#deliveries.push({ completion, units, attempts: 0 })
    this.#delivering ??= this.#deliverAll().finally(() => {
      this.#delivering = undefined
    })
  }

  async #deliverAll(): Promise<void> {
    const { api, timers, random, onEvent } = this.#options
    // So that chunks that end together go together.
    await new Promise<void>((resolve) => timers.soon(resolve))
    for (let failures = 0; this.#deliveries.length > 0; ) {
      const batch = this.#deliveries.slice(0, COMPLETIONS_MAX)
      try {
        const { outcomes } = await api.complete(batch.map(({ completion }) => completion))
        failures = 0
        this.#deliveries.splice(0, batch.length)
        for (const { completion, units } of batch) {
          const answer = outcomes.find((each) => keyOf(each) === keyOf(completion))
          if (answer === undefined) throw new TerraneError('bad_answer', 'the server left a completion unanswered')
          onEvent?.({ type: 'completed', outcome: answer.outcome, units, elapsedMs: completion.elapsedMs })
          this.#forget(completion)
        }
      } catch (error) {
        const isLasting = error instanceof TerraneError && error.retry === 'never'
        for (const delivery of batch) {
          if (!isLasting && ++delivery.attempts < DELIVERIES_MAX) continue
          this.#deliveries.splice(this.#deliveries.indexOf(delivery), 1)
          const held = this.#held.get(keyOf(delivery.completion))
          if (held !== undefined) await this.#report(held, error)
        }
        const delayMs = backoffMs(failures++, random, RETRY_MS.base, RETRY_MS.cap)
        if (this.#deliveries.length > 0) await sleep(timers, delayMs)
      }
    }
  }

  #forget(name: ClaimName): void {
    this.#held.delete(keyOf(name))
    this.#changed.raise()
  }

  #text(hash: string, fetch: () => Promise<string>): Promise<string> {
    const known = this.#texts.get(hash)
    if (known !== undefined) return known
    const text = fetch()
    if (this.#texts.size >= TEXTS_MAX) this.#texts.delete(this.#texts.keys().next().value ?? '')
    this.#texts.set(hash, text)
    // The next chunk asks again.
    text.catch(() => this.#texts.delete(hash))
    return text
  }

  #beatSoon(): void {
    if (this.#heartbeat !== undefined || this.#held.size === 0 || this.#state === 'stopped') return
    const shortest = Math.min(...[...this.#held.values()].map(({ assignment }) => assignment.leaseMs))
    const delay = Math.min(HEARTBEAT_MS_MAX, Math.max(HEARTBEAT_MS_MIN, shortest / HEARTBEATS_PER_LEASE))
    this.#heartbeat = this.#options.timers.after(delay, () => void this.#beat())
  }

  async #beat(): Promise<void> {
    try {
      const claims = [...this.#held.values()].map(({ assignment }) => nameOf(assignment))
      const { lost } = claims.length === 0 ? { lost: [] } : await this.#options.api.heartbeat({ claims })
      for (const name of lost) {
        const held = this.#held.get(keyOf(name))
        if (held !== undefined) held.isLost = true
      }
    } catch {
      // The next one tries again; a claim that runs out meanwhile is answered with "stale".
    }
    this.#heartbeat = undefined
    this.#beatSoon()
  }
}

/** Wakes all who wait for something to have changed. */
class Signal {
  #waiting: (() => void)[] = []

  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  raise(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

function nameOf({ jobId, claimToken }: ClaimName): ClaimName {
  return { jobId, claimToken }
}

function keyOf({ jobId, claimToken }: ClaimName): string {
  return `${jobId} ${claimToken}`
}

function bytesOfHex(text: string): Uint8Array {
  assert(text.length % 2 === 0, 'a hash has whole bytes')
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}
