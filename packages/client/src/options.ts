import { type Clock, systemClock, systemTimers, TerraneError, type Timers } from '@terrane/core'
import type { Focus } from '@terrane/protocol'
import type { ReconnectOptions } from './connection/connection.js'
import type { CredentialOptions } from './connection/credentials.js'
import type { Transport } from './connection/transport.js'
import { type ClientLimits, checkedLimits } from './limits.js'

export interface ConnectOptions extends CredentialOptions {
  /** Default `main`. */
  readonly zone?: string
  /**
   * Tells apart several clients of one player; each has its own input numbers. Two that connect under
   * the same name replace each other. Default `main`.
   */
  readonly client?: string
  /** Where to look at first; default `{ mode: 'follow' }`. */
  readonly focus?: Focus
  /** `durable` spares the acks of inputs that are applied and not yet durable. Default `both`. */
  readonly acks?: 'both' | 'durable'
  /** Whether to be listed, and to learn who else is there. Default true. */
  readonly presence?: boolean
  /** Only look at first: the player enters the world, whose `join` runs, with the first input. Default false. */
  readonly watch?: boolean
  /** How long `connect` tries before it rejects, ms; default 10,000. */
  readonly timeoutMs?: number
  /** How long one attempt may take, ms; default 10,000. */
  readonly attemptMs?: number
  /** Default 30,000; the server ends connections that are silent for 60,000. */
  readonly heartbeatMs?: number
  /** Pauses between attempts; `false`: stay closed after the first loss. Default 100 ms doubling to 5 s, without end. */
  readonly reconnect?: Partial<ReconnectOptions> | false
  /**
   * Told of each attempt that failed and will be made again: why, and after how many ms. So players can be told why
   * they have to wait also while `connect` has not resolved yet.
   */
  readonly onRetry?: (reason: TerraneError, inMs: number) => void
  /**
   * What becomes of an input that was committed while the connection broke, so that the answer is lost
   * and it may have been refused: its promises resolve with undefined (default; `status` is then
   * `unknown`), or reject with the code `outcome_unknown`.
   */
  readonly unknownOutcome?: 'resolve' | 'reject'
  readonly limits?: Partial<ClientLimits>
  /** Takes what subscribers and listeners throw. Default: thrown again from a turn of its own. */
  readonly onError?: (thrown: unknown) => void
  readonly transport?: Transport
  readonly clock?: Clock
  readonly timers?: Timers
  /** Uniform in [0, 1): spreads the attempts of many clients. */
  readonly random?: () => number
}

/** Everything decided. */
export interface Settings {
  /** `http://host[:port][/path]`, without a slash at its end. */
  readonly base: string
  readonly socketUrl: string
  readonly zone: string
  readonly client: string
  readonly focus: Focus
  readonly acks: 'both' | 'durable'
  readonly presence: boolean
  readonly watch: boolean
  readonly timeoutMs: number
  readonly attemptMs: number
  readonly heartbeatMs: number
  readonly reconnect: ReconnectOptions
  readonly onRetry: (reason: TerraneError, inMs: number) => void
  readonly unknownOutcome: 'resolve' | 'reject'
  readonly limits: ClientLimits
  readonly onError: (thrown: unknown) => void
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly credentials: CredentialOptions
}

const RECONNECT: ReconnectOptions = { baseMs: 100, capMs: 5_000, attemptsMax: Number.POSITIVE_INFINITY }

/** @throws TerraneError `invalid_options` */
export function settle(address: string, options: ConnectOptions, transport: Transport): Settings {
  const { base, socketUrl } = addresses(address)
  const timers = options.timers ?? systemTimers
  return {
    base,
    socketUrl,
    zone: options.zone ?? 'main',
    client: options.client ?? 'main',
    focus: options.focus ?? { mode: 'follow' },
    acks: options.acks ?? 'both',
    presence: options.presence ?? true,
    watch: options.watch ?? false,
    timeoutMs: options.timeoutMs ?? 10_000,
    attemptMs: options.attemptMs ?? 10_000,
    heartbeatMs: options.heartbeatMs ?? 30_000,
    reconnect: options.reconnect === false ? { ...RECONNECT, attemptsMax: 0 } : { ...RECONNECT, ...options.reconnect },
    onRetry: options.onRetry ?? (() => {}),
    unknownOutcome: options.unknownOutcome ?? 'resolve',
    limits: checkedLimits(options.limits),
    onError: options.onError ?? throwLater(timers),
    transport: options.transport ?? transport,
    clock: options.clock ?? systemClock,
    timers,
    random: options.random ?? Math.random,
    credentials: options,
  }
}

function addresses(address: string): { base: string; socketUrl: string } {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw new TerraneError('invalid_options', `"${address}" is not an address`, {
      hint: 'Give one like http://127.0.0.1:4000.',
    })
  }
  const secure = url.protocol === 'https:' || url.protocol === 'wss:'
  if (!secure && url.protocol !== 'http:' && url.protocol !== 'ws:') {
    throw new TerraneError('invalid_options', `"${address}" is neither http nor ws`)
  }
  const rest = `${url.host}${url.pathname.replace(/\/+$/, '')}`
  return {
    base: `${secure ? 'https' : 'http'}://${rest}`,
    socketUrl: `${secure ? 'wss' : 'ws'}://${rest}/socket/websocket?vsn=2.0.0`,
  }
}

function throwLater(timers: Timers): (thrown: unknown) => void {
  return (thrown) => {
    timers.after(0, () => {
      throw thrown
    })
  }
}
