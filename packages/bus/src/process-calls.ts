// Calls from one process to another: arguments there, a result or an error back, both in pieces where the bus takes
// no more at once. A piece is a request of its own, so that none is sent before the one before it has arrived, and a
// process that is gone is noticed with the first.
import { type Clock, messageOf, TerraneError } from '@terrane/core'
import type { Bus, BusSubscription } from './bus.js'
import {
  type CallAnswer,
  type CallRequest,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
} from './call-frames.js'
import { token } from './subjects.js'

export interface ProcessCallsOptions {
  readonly bus: Bus
  /** This process, as its leases name it. */
  readonly owner: string
  /** Begin of all subjects: processes of one world and database have the same, others another one. */
  readonly prefix: string
  readonly clock: Clock
  /** Bytes in one message; default 512 KiB, as NATS takes 1 MiB. */
  readonly pieceBytes?: number
  /** Bytes of arguments, and of a result; default 8 MiB. */
  readonly bytesMax?: number
  /** Hears of requests that cannot be read, and of what fails without a code. */
  readonly onProblem?: (problem: string) => void
}

/** What a process does when another one calls it. What it rejects with reaches the caller, if it is a `TerraneError`. */
export type CallHandler = (args: Uint8Array) => Promise<Uint8Array>

const PIECE_BYTES = 512 * 1024
const BYTES_MAX = 8 * 1024 * 1024
/** Calls of others of which pieces are kept; beyond that they are refused. */
const OPEN_MAX = 16
/** Whoever has not sent or fetched the next piece for so long has gone, ms. */
const OPEN_MS_MAX = 15_000

/** The pieces of arguments that come, or of a result that is fetched. */
interface OpenCall {
  pieces: Uint8Array
  forgetAt: number
}

/** The calls of one process: those that it makes, and those that others make of it. */
export class ProcessCalls {
  readonly #options: ProcessCallsOptions
  readonly #handlers = new Map<string, CallHandler>()
  readonly #subscription: BusSubscription
  readonly #open = new Map<string, OpenCall>()
  readonly #pieceBytes: number
  readonly #bytesMax: number
  #next = 1

  constructor(options: ProcessCallsOptions) {
    this.#options = options
    this.#pieceBytes = options.pieceBytes ?? PIECE_BYTES
    this.#bytesMax = options.bytesMax ?? BYTES_MAX
    this.#subscription = options.bus.respond(this.#subject(options.owner), async (bytes) => {
      const answer = await this.#answer(bytes)
      return answer && encodeAnswer(answer)
    })
  }

  /** Answers calls of other processes from now on. */
  handle(method: string, handler: CallHandler): void {
    this.#handlers.set(method, handler)
  }

  /**
   * Runs a method in the process `owner`. Rejects as the handler there does, or with `process_away` (it had no effect),
   * `process_silent` (whether it had is not known), `process_busy`, `bus_down`, `too_large_for_bus`, and
   * `result_too_large` when it is done.
   */
  async call(owner: string, method: string, args: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (args.length > this.#bytesMax) throw tooLarge(args.length, this.#bytesMax)
    const endsAt = this.#options.clock.now() + timeoutMs
    const ask = (request: CallRequest) => this.#ask(owner, request, endsAt, timeoutMs)
    const whose = { caller: this.#options.owner, call: this.#next++ }
    let before = 0
    for (; args.length - before > this.#pieceBytes; before += this.#pieceBytes) {
      await ask({ type: 'piece', ...whose, bytes: args.subarray(before, before + this.#pieceBytes) })
    }
    let answer = await ask({ type: 'run', ...whose, method, before, bytes: args.subarray(before) })
    if (answer.type !== 'result') throw silent(owner, timeoutMs)
    if (answer.total > this.#bytesMax) throw resultTooLarge(answer.total, this.#bytesMax)
    const result = new Uint8Array(answer.total)
    for (let length = 0; ; ) {
      result.set(answer.bytes, length)
      length += answer.bytes.length
      if (length >= result.length) return result
      answer = await ask({ type: 'more', ...whose, from: length }).catch((cause: unknown) => {
        // It has been run.
        throw isAway(cause) ? silent(owner, timeoutMs, cause) : cause
      })
      if (answer.type !== 'result' || answer.bytes.length === 0) throw silent(owner, timeoutMs)
    }
  }

  stop(): void {
    this.#subscription.cancel()
    this.#open.clear()
  }

  async #ask(owner: string, request: CallRequest, endsAt: number, timeoutMs: number): Promise<CallAnswer> {
    const { bus, clock } = this.#options
    const leftMs = endsAt - clock.now()
    if (leftMs <= 0) throw silent(owner, timeoutMs)
    let answer: CallAnswer | undefined
    try {
      answer = decodeAnswer(await bus.request(this.#subject(owner), encodeRequest(request), leftMs))
    } catch (cause) {
      const code = cause instanceof TerraneError ? cause.code : undefined
      if (code === 'bus_no_responder') throw away(owner, cause)
      if (code === 'bus_timeout' || cause instanceof RangeError) throw silent(owner, timeoutMs, cause)
      throw cause
    }
    if (answer === undefined) throw otherVersion(owner)
    if (answer.type === 'failed') throw answer.error
    return answer
  }

  async #answer(bytes: Uint8Array): Promise<CallAnswer | undefined> {
    let request: CallRequest | undefined
    try {
      request = decodeRequest(bytes)
    } catch (error) {
      this.#problem(`a call of another process is not usable: ${messageOf(error)}`)
    }
    if (request === undefined) return undefined
    try {
      return await this.#take(request)
    } catch (error) {
      if (error instanceof TerraneError) return { type: 'failed', error }
      this.#problem(`a call of another process failed: ${messageOf(error)}`)
      return {
        type: 'failed',
        error: new TerraneError('internal', 'the process that was asked failed', { hint: LOOK }),
      }
    }
  }

  async #take(request: CallRequest): Promise<CallAnswer> {
    const key = `${request.caller} ${request.call}`
    this.#forgetOld()
    if (request.type === 'more') return this.#piece(key, request.from)
    const before = this.#open.get(key)?.pieces ?? NOTHING
    this.#open.delete(key)
    if (before.length + request.bytes.length > this.#bytesMax) {
      throw tooLarge(before.length + request.bytes.length, this.#bytesMax)
    }
    if (request.type === 'piece') {
      this.#keep(key, joined(before, request.bytes))
      return { type: 'taken' }
    }
    if (before.length !== request.before) {
      throw new TerraneError('call_incomplete', 'a part of the request did not arrive', { retry: 'later' })
    }
    const handler = this.#handlers.get(request.method)
    if (handler === undefined) throw otherVersion(this.#options.owner)
    const result = await handler(joined(before, request.bytes))
    if (result.length > this.#bytesMax) throw resultTooLarge(result.length, this.#bytesMax)
    if (result.length <= this.#pieceBytes) return { type: 'result', total: result.length, bytes: result }
    this.#keep(key, result)
    return this.#piece(key, 0)
  }

  #piece(key: string, from: number): CallAnswer {
    const open = this.#open.get(key)
    if (open === undefined) {
      throw new TerraneError('call_incomplete', 'the result is not kept any more', { retry: 'later' })
    }
    const bytes = open.pieces.subarray(from, from + this.#pieceBytes)
    if (from + bytes.length >= open.pieces.length) this.#open.delete(key)
    return { type: 'result', total: open.pieces.length, bytes }
  }

  #keep(key: string, pieces: Uint8Array): void {
    if (this.#open.size >= OPEN_MAX) {
      throw new TerraneError('process_busy', 'the process that was asked has too many large requests at a time', {
        retry: 'later',
        hint: 'Look whether it took effect, and ask again in a moment.',
      })
    }
    this.#open.set(key, { pieces, forgetAt: this.#options.clock.now() + OPEN_MS_MAX })
  }

  #forgetOld(): void {
    const now = this.#options.clock.now()
    for (const [key, { forgetAt }] of this.#open) if (forgetAt < now) this.#open.delete(key)
  }

  #subject(owner: string): string {
    return `${this.#options.prefix}.calls.${token(owner)}`
  }

  #problem(problem: string): void {
    this.#options.onProblem?.(problem)
  }
}

const NOTHING = new Uint8Array()
const LOOK = 'Its log says what happened.'

function joined(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (before.length === 0) return bytes
  const all = new Uint8Array(before.length + bytes.length)
  all.set(before)
  all.set(bytes, before.length)
  return all
}

function tooLarge(bytes: number, bytesMax: number): TerraneError {
  const message = `the request has ${bytes} bytes; between processes it may have ${bytesMax}`
  return new TerraneError('too_large_for_bus', message, {
    hint: 'Send it to the process that has the zone; GET /api/zones tells which that is.',
  })
}

function resultTooLarge(bytes: number, bytesMax: number): TerraneError {
  const message = `the result has ${bytes} bytes; between processes it may have ${bytesMax}`
  return new TerraneError('result_too_large', message, {
    hint: 'What was asked for has been done. Ask for less, or the process that has the zone.',
  })
}

function away(owner: string, cause: unknown): TerraneError {
  return new TerraneError('process_away', `the process ${owner} does not answer on the bus`, {
    retry: 'later',
    hint: 'It may have ended: another process takes its zones over within one and a third lease.',
    cause,
  })
}

function isAway(thrown: unknown): boolean {
  return thrown instanceof TerraneError && thrown.code === 'process_away'
}

function silent(owner: string, timeoutMs: number, cause?: unknown): TerraneError {
  return new TerraneError('process_silent', `no answer of the process ${owner} within ${timeoutMs} ms`, {
    retry: 'later',
    hint: 'Look whether it took effect before you ask again.',
    cause,
  })
}

function otherVersion(owner: string): TerraneError {
  return new TerraneError('process_version', `the process ${owner} does not know this call`, {
    hint: 'Processes of one world must be of one version: restart the older ones.',
  })
}
