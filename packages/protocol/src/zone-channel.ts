import type { WireType } from './state-blocks.js'

/**
 * The `zone:<id>` channel.
 *
 * Client → server
 *   phx_join   text    JoinParams → ok JoinReply
 *   i          binary  [firstSeq, input, args, input, args, …]: inputs numbered from firstSeq on.
 *                      `input` is an index into JoinReply.inputs, args an array in the order of its
 *                      fields; SKIP stands for a number that was rejected before (sent on resume).
 *   input      text    TextInput → reply ok {seq, result} when durable, or error WireError
 *   focus      text    Focus → ok; where to look from now on
 *   resync     text    {cells} → ok; snapshots of these cells follow
 *
 * Server → client
 *   a          binary  [applied, durable, outcomes]: cumulative numbers; outcomes is a flat list of
 *                      (seq, 0, result) and (seq, 1, WireError) for inputs that have either
 *   s          binary  concatenated state blocks, see state-blocks
 *   ack, state text    the same for clients that joined with `format: "json"`
 *   closing    text    WireError, before the server ends the connection
 *   presence_state, presence_diff  as Phoenix Presence
 */
export const EVENT_INPUTS = 'i'
export const EVENT_ACK = 'a'
export const EVENT_STATE = 's'

/** Stands for an input that the server already rejected, when a client repeats what is not durable yet. */
export const SKIP = -1

export const OUTCOME_RESULT = 0
export const OUTCOME_REJECTED = 1

/** Cells that a client may name in one message. */
export const CELLS_MAX = 4096

/** A kind as clients know it: its columns in order, with their types, and which one is the key. */
export interface WireKind {
  readonly name: string
  readonly columns: readonly string[]
  readonly types: readonly WireType[]
  readonly key: number
}

export interface JoinReply {
  /** PROTOCOL_VERSION of the server. */
  readonly protocol: number
  readonly zone: string
  /** Changes whenever the zone is loaded anew; cell versions are comparable only within one epoch. */
  readonly epoch: number
  readonly player: string
  /** Numbers of this client's last applied and last durable input. */
  readonly applied: number
  readonly durable: number
  readonly world: string
  readonly inputs: readonly { readonly name: string; readonly fields: readonly string[] }[]
  readonly kinds: readonly WireKind[]
  /** Server time, ms since the epoch. */
  readonly now: number
  /** Publications of state per second. */
  readonly hz: number
}
