import { backoffMs, type Clock, TerraneError, type Timer, type Timers } from '@terrane/core'
import type { JoinParams, JoinReply } from '@terrane/protocol'
import { clientError, fromCloseCode, fromWire, isWireError } from '../errors.js'
import { Channel, type ChannelHandlers, type ChannelOptions } from './channel.js'
import type { Credentials } from './credentials.js'
import { type Happening, nextPhase, type Phase, type Status, statusOf } from './phases.js'
import { CLOSED_NORMALLY, type Socket, type Transport } from './transport.js'

export interface ReconnectOptions {
  /** Longest first pause, ms; it doubles with each failure. Pauses are random between 0 and their ceiling. */
  readonly baseMs: number
  /** Ceiling of pauses, ms. */
  readonly capMs: number
  /** Failed attempts in a row after which to give up; 0 gives up at the first loss. */
  readonly attemptsMax: number
}

export interface ConnectionOptions {
  /** Address of the socket. */
  readonly url: string
  readonly transport: Transport
  readonly credentials: Credentials
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly reconnect: ReconnectOptions
  /** From the start of an attempt to being online, ms. */
  readonly attemptMs: number
  readonly channel: Omit<ChannelOptions, 'joinRef'>
}

export interface ConnectionHandlers extends Omit<ChannelHandlers, 'onFailed'> {
  /** Asked at each join, so that it carries what is held by then. */
  joinParams(): JoinParams
  /** @throws TerraneError to refuse what the server says; the connection is then closed for good. */
  onJoined(reply: JoinReply, channel: Channel, joinRef: string): void
  onStatus(status: Status, reason: TerraneError | undefined): void
  /** Behind `onStatus`, when an attempt, or what came of it, failed and another one follows. */
  onRetry(reason: TerraneError, inMs: number): void
}

/** Online for this long counts as success, and the next loss begins again with a short pause. */
const STABLE_MS = 1_000

/**
 * Keeps one channel alive over one socket after another. All that happens goes through `#move`, which
 * follows the table in phases.ts; whatever a socket says after it was given up is dropped, because
 * each attempt has a number of its own.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #handlers: ConnectionHandlers
  #phase: Phase = 'waiting'
  #status: Status = 'connecting'
  #attempt = 0
  #failures = 0
  #wasOnline = false
  #onlineAt = 0
  #refreshed = false
  #socket: Socket | undefined
  #channel: Channel | undefined
  #timer: Timer | undefined
  /** What the server said before it closed: more exact than the close code. */
  #parting: TerraneError | undefined
  #reason: TerraneError | undefined

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options
    this.#handlers = handlers
  }

  get phase(): Phase {
    return this.#phase
  }

  get status(): Status {
    return this.#status
  }

  /** Why it is not online; the last failure. */
  get reason(): TerraneError | undefined {
    return this.#reason
  }

  start(): void {
    this.#begin()
  }

  /** Gives up the present socket, as if it had been lost for this reason. */
  fail(reason: TerraneError): void {
    if (this.#phase === 'online') this.#fail(reason)
  }

  close(reason: TerraneError): void {
    if (this.#phase === 'closed') return
    if (this.#phase === 'online') this.#channel?.leave()
    this.#drop(reason)
    this.#move('close', reason)
  }

  #begin(): void {
    const attempt = ++this.#attempt
    this.#parting = undefined
    this.#move('due', this.#reason)
    this.#timer = this.#options.timers.after(this.#options.attemptMs, () => this.#fail(clientError('attempt_timeout')))
    this.#options.credentials.token().then(
      (token) => {
        if (attempt === this.#attempt) this.#open(attempt, token)
      },
      (thrown: unknown) => {
        if (attempt === this.#attempt) this.#fail(asFailure(thrown))
      },
    )
  }

  #open(attempt: number, token: string | undefined): void {
    this.#move('authorized', this.#reason)
    const current = () => attempt === this.#attempt
    try {
      this.#socket = this.#options.transport.open(this.#options.url, protocolsFor(token), {
        onOpen: () => {
          if (current()) this.#join(attempt)
        },
        onText: (text) => {
          if (current()) this.#channel?.receiveText(text)
        },
        onBinary: (bytes) => {
          if (current()) this.#channel?.receiveBinary(bytes)
        },
        onClose: (code, reason, status) => {
          if (!current()) return
          this.#socket = undefined
          this.#fail(this.#parting ?? (status === undefined ? fromCloseCode(code, reason) : fromHttpStatus(status)))
        },
      })
    } catch (thrown) {
      this.#fail(asFailure(thrown))
    }
  }

  #join(attempt: number): void {
    this.#move('opened', this.#reason)
    const joinRef = String(attempt)
    const channel = new Channel(this.#socket as Socket, this.#channelHandlers(), this.#options.timers, {
      ...this.#options.channel,
      joinRef,
    })
    this.#channel = channel
    channel.join(this.#handlers.joinParams(), (reply) => {
      if (reply instanceof TerraneError) return this.#fail(reply)
      this.#timer?.cancel()
      this.#wasOnline = true
      this.#refreshed = false
      this.#onlineAt = this.#options.clock.now()
      try {
        this.#handlers.onJoined(reply, channel, joinRef)
      } catch (thrown) {
        return this.#fail(asFailure(thrown))
      }
      this.#move('joined', undefined)
    })
  }

  #channelHandlers(): ChannelHandlers {
    return {
      onAck: (bytes, at) => this.#guarded(() => this.#handlers.onAck(bytes, at)),
      onState: (payload) => this.#guarded(() => this.#handlers.onState(payload)),
      onEvent: (event, payload) => {
        if (event === 'closing' && isWireError(payload)) this.#parting = fromWire(payload)
        else this.#guarded(() => this.#handlers.onEvent(event, payload))
      },
      onFailed: (error) => this.#fail(this.#parting ?? error),
    }
  }

  /** What cannot be decoded is the server's fault: begin anew. */
  #guarded(handle: () => void): void {
    try {
      handle()
    } catch (thrown) {
      this.#fail(thrown instanceof TerraneError ? thrown : clientError('bad_frame', String(thrown), thrown))
    }
  }

  #fail(error: TerraneError): void {
    if (this.#phase === 'online' && this.#options.clock.now() - this.#onlineAt >= STABLE_MS) this.#failures = 0
    this.#drop(error)
    const verdict = this.#verdict(error)
    if (verdict !== undefined) {
      this.#move('refused', verdict)
      return
    }
    const { baseMs, capMs } = this.#options.reconnect
    const delayMs = backoffMs(this.#failures++, this.#options.random, baseMs, capMs)
    this.#timer = this.#options.timers.after(delayMs, () => this.#begin())
    this.#move('lost', error)
    // Who was told of the status may have closed it.
    if (this.#phase === 'waiting') this.#handlers.onRetry(error, delayMs)
  }

  /** Why not to try again; undefined when to. */
  #verdict(error: TerraneError): TerraneError | undefined {
    if (error.code === 'unauthorized' && !this.#refreshed && this.#options.credentials.refused(this.#wasOnline)) {
      this.#refreshed = true
      return undefined
    }
    if (error.retry === 'never') return error
    if (this.#failures < this.#options.reconnect.attemptsMax) return undefined
    return clientError('too_many_attempts', error.message, error)
  }

  /** Forgets the socket, and everything that it may still say. */
  #drop(error: TerraneError): void {
    this.#attempt++
    this.#timer?.cancel()
    this.#channel?.dispose(error)
    this.#channel = undefined
    this.#socket?.close(CLOSED_NORMALLY)
    this.#socket = undefined
  }

  #move(happening: Happening, reason: TerraneError | undefined): void {
    this.#phase = nextPhase(this.#phase, happening)
    this.#reason = reason
    const status = statusOf(this.#phase, this.#wasOnline)
    if (status === this.#status) return
    this.#status = status
    this.#handlers.onStatus(status, reason)
  }
}

/** Phoenix ≥ 1.8 carries its token so: addresses end up in access logs, sub-protocols do not. */
function protocolsFor(token: string | undefined): string[] {
  return token === undefined ? ['phoenix'] : ['phoenix', `base64url.bearer.phx.${base64url(token)}`]
}

function base64url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function asFailure(thrown: unknown): TerraneError {
  return thrown instanceof TerraneError ? thrown : clientError('connection_lost', String(thrown), thrown)
}

/** The answer to an upgrade that was refused; only Node gets to see it. */
function fromHttpStatus(status: number): TerraneError {
  if (status === 401) return new TerraneError('unauthorized', 'the server refused the token')
  const retry = status >= 500 || status === 429 ? 'later' : 'never'
  return new TerraneError('connection_refused', `the server answered the upgrade with HTTP ${status}`, { retry })
}
