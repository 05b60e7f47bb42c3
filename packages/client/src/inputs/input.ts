import type { TerraneError } from '@terrane/core'

/**
 * Where an input stands:
 *
 *   pending   not known to be executed
 *   applied   executed in memory
 *   durable   committed to the database
 *   rejected  refused by the world or the server; nothing of it happened
 *   unknown   executed and committed, but the connection broke before the answer arrived, so whether
 *             it was accepted is not known; the state tells
 *   failed    given up by the client (closed, or the server forgot the numbers)
 */
export type InputStatus = 'pending' | 'applied' | 'durable' | 'rejected' | 'unknown' | 'failed'

/** An input that was sent. */
export interface Input<R = unknown> {
  readonly name: string
  /** Its number in this client's stream. */
  readonly seq: number
  readonly status: InputStatus
  /**
   * What `apply` returned, when the server has executed it. Rejects with InputRejected when the world
   * refuses. Settles once: that a crashed server executes the input again shows in `durable` only.
   */
  readonly applied: Promise<R>
  /**
   * The same, when it is committed. Rejects with InputRejected also when the server crashed after
   * `applied` and, on the second execution, the world refuses.
   */
  readonly durable: Promise<R>
}

/** An input's name, its index on the wire and its fields' order, as the server last said them. */
export interface InputKind {
  readonly name: string
  readonly index: number
  readonly fields: readonly string[]
}

/** Promises are made when they are first read: most senders read one of the two, or none. */
export class PendingInput implements Input {
  readonly kind: InputKind
  readonly seq: number
  /** The packed arguments, `bytes[start … end)`: a copy, so later changes to the arguments do no harm. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  status: InputStatus = 'pending'
  #result: unknown
  #error: TerraneError | undefined
  /** `applied` was settled with `#first`, and stays so. */
  #appliedOnce = false
  #first: unknown
  #applied: Deferred | undefined
  #durable: Deferred | undefined

  constructor(kind: InputKind, seq: number, args: Pick<PendingInput, 'bytes' | 'start' | 'end'>) {
    this.kind = kind
    this.seq = seq
    this.bytes = args.bytes
    this.start = args.start
    this.end = args.end
  }

  get index(): number {
    return this.kind.index
  }

  get name(): string {
    return this.kind.name
  }

  get applied(): Promise<unknown> {
    if (this.#applied === undefined) {
      this.#applied = new Deferred()
      if (this.#appliedOnce) this.#applied.resolve(this.#first)
      else if (this.#error !== undefined) this.#applied.reject(this.#error)
    }
    return this.#applied.promise
  }

  get durable(): Promise<unknown> {
    if (this.#durable === undefined) {
      this.#durable = new Deferred()
      if (this.#error !== undefined) this.#durable.reject(this.#error)
      else if (this.status === 'durable' || this.status === 'unknown') this.#durable.resolve(this.#result)
    }
    return this.#durable.promise
  }

  /** The answer to this execution is final: it can only be committed or be lost with a crash. */
  get answered(): boolean {
    return this.status === 'applied' || this.status === 'rejected'
  }

  onApplied(result: unknown): void {
    this.status = 'applied'
    this.#result = result
    if (this.#appliedOnce) return
    this.#appliedOnce = true
    this.#first = result
    this.#applied?.resolve(result)
  }

  onRejected(error: TerraneError): void {
    this.status = 'rejected'
    this.#settleError(error)
  }

  onDurable(): void {
    this.status = 'durable'
    this.#durable?.resolve(this.#result)
  }

  /** Committed, and nobody will ever say how it ended. `error`: what to reject with instead of resolving. */
  onUnknown(error: TerraneError | undefined): void {
    this.status = 'unknown'
    if (error !== undefined) {
      this.#settleError(error)
      return
    }
    this.#result = undefined
    if (!this.#appliedOnce) {
      this.#appliedOnce = true
      this.#applied?.resolve(undefined)
    }
    this.#durable?.resolve(undefined)
  }

  onFailed(error: TerraneError): void {
    this.status = 'failed'
    this.#settleError(error)
  }

  /** The server lost this execution and will see the input again. */
  onForgotten(): void {
    this.status = 'pending'
  }

  #settleError(error: TerraneError): void {
    this.#error = error
    if (!this.#appliedOnce) this.#applied?.reject(error)
    this.#durable?.reject(error)
  }
}

class Deferred {
  readonly promise: Promise<unknown>
  resolve!: (value: unknown) => void
  reject!: (error: TerraneError) => void

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}
