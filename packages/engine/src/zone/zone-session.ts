import type { Focus, WireError } from '@terrane/protocol'

/** What a zone offers to the gateway: inputs with their numbers, and state by interest. */
export interface ZoneSessions {
  readonly id: string
  /** The ownership under which the zone runs; cell versions compare only within one. */
  readonly epoch: number
  /** Publications of state per second. */
  readonly hz: number
  /**
   * Opens the input stream of one client of one player, with the numbers where it stands, and runs
   * the world's `join` for a player's first session; with `watches` not until its first input. A second open of the same stream takes it over:
   * the first holder's `onClosed` is called with `replaced`.
   */
  open(player: string, client: string, holder: StreamHolder, watches?: boolean): InputStream
  /** Gives the stream back. Its numbers are kept. */
  close(stream: InputStream): void
  /**
   * Applies one input, synchronously. `args` are the decoded arguments: an object, or an array in
   * the order of the schema's fields.
   */
  submit(stream: InputStream, seq: number, input: number, args: unknown): SubmitOutcome
  subscribe(sink: StateSink, player: string, focus: Focus, resume?: ResumeFrom): Subscription
}

/** One client's numbered inputs. The zone moves `applied` and `durable`; the gateway only reads them. */
export interface InputStream {
  readonly player: string
  readonly client: string
  /** Number of the last input that was executed, applied or rejected. 0 before the first. */
  readonly applied: number
  /** Number of the last input whose effects are in the database. Never above `applied`. */
  readonly durable: number
}

export interface StreamHolder {
  /** `durable` has moved. Called once per stream and commit, in the order of commits. */
  onDurable(stream: InputStream): void
  /** The zone ends this stream: moved, draining, replaced. Nothing may be submitted afterwards. */
  onClosed(error: WireError): void
}

/**
 * `undefined`: applied, nothing to tell beyond the number.
 * `past`: this number was executed before; nothing happened now.
 * `gap`: a number was left out; nothing happened.
 */
export type SubmitOutcome = undefined | 'past' | 'gap' | { readonly result: unknown } | { readonly rejected: WireError }

export interface ResumeFrom {
  readonly epoch: number
  /** [cell, version] pairs, flattened. */
  readonly cells: readonly number[]
}

/** Where a subscription's frames go. */
export interface StateSink {
  /**
   * Whether another frame can be taken now. While it cannot, the zone sends nothing, and afterwards
   * the gap, or snapshots when the gap is gone.
   */
  ready(): boolean
  deliver(frame: StateFrame): void
  /** Its place among those that can be reached together; undefined when it is reached by `deliver` only. */
  readonly lane?: StateLane | undefined
}

export interface StateLane {
  readonly cast: StateCast
  readonly number: number
}

/** Reaches many sinks of one zone at once: cheaper than one after the other when thousands get the same frame. */
export interface StateCast {
  /**
   * Delivers the frame to all these lanes. Returns the places in `lanes` of those that cannot take it like this now,
   * which have got nothing.
   */
  cast(frame: StateFrame, lanes: readonly number[]): readonly number[]
}

/** Bytes kept free in front of a state payload, so that the gateway can put its headers there. */
export const STATE_HEADROOM = 112

/**
 * One publication for one or many clients: the payload is `bytes[STATE_HEADROOM …]`, state blocks one
 * after another. The same object is delivered to all clients that get the same bytes, so what the
 * gateway makes of it can be kept in `encoded` and used for each.
 */
export interface StateFrame {
  readonly bytes: Uint8Array
  /** The gateway's own rendering, by format; starts empty. */
  readonly encoded: Map<string, unknown>
}

export interface Subscription {
  /** Changes where the client looks; what comes into sight follows with the next publication. */
  focus(focus: Focus): void
  /** Sends snapshots of these cells with the next publication. */
  resync(cells: readonly number[]): void
  close(): void
}
