import { TerraneError } from '@terrane/core'
import { type ChannelMessage, ERRORS, type ErrorKind, type WireError, wireError } from '@terrane/protocol'
import type { z } from 'zod'
import type { Role } from './authenticate.js'
import type { SessionBuckets } from './rate-limit.js'

/** A topic that a session has joined, or is joining. */
export interface Channel {
  readonly topic: string
  readonly joinRef: string
  /** A message on this topic and of this join, other than join and leave; `frame` is what it was read from. */
  handle(message: ChannelMessage, frame: Uint8Array, isText: boolean): void
  /** Writes what has been collected, before the connection ends. */
  flush(now: number): void
  /** The socket takes bytes again after it was congested. */
  drained(): void
  /** Gives back everything that the channel holds, and says nothing. May be called twice. */
  release(): void
}

/** A channel that takes inputs: frames are recognised by their first bytes. */
export interface InputChannel extends Channel {
  /** Begin of a binary input frame of this channel: what follows is its payload. */
  readonly inputHead: Uint8Array
  /** The inputs at `bytes[at …]`. False when they were not taken. */
  takeInputs(bytes: Buffer, at: number, now: number): boolean
  /** Whether everything that was taken is durable. */
  readonly settled: boolean
}

/** What a channel may do with the session that it belongs to. */
export interface ChannelHost {
  readonly player: string
  readonly role: Role
  readonly buckets: SessionBuckets
  /** The connection's number among the direct writes; undefined when it has none. */
  readonly lane: number | undefined
  send(frame: Buffer): void
  replyOk(channel: Channel, ref: string | null, responseJson: string): void
  replyError(channel: Channel, ref: string | null, error: WireError): void
  /** An event on the channel's topic and join. */
  push(channel: Channel, event: string, payloadJson: string, ref?: string): void
  /** Whether the socket has so much unsent that state and acks must wait. */
  congested(): boolean
  /** Ends the connection. */
  end(error: WireError): void
  /** Looks for the zone in other processes, and takes the joining over if that can be done at all. */
  elsewhere(channel: UnansweredJoin, ref: string | null, payload: unknown, error: WireError): boolean
  /** Forgets a channel that could not be joined. */
  forget(channel: Channel): void
  /** Forgets a channel that its zone has ended, and ends the connection when that was its last zone. */
  zoneEnded(channel: Channel, error: WireError): void
}

/** A channel whose join is still to be answered. */
export interface UnansweredJoin extends Channel {
  refuse(ref: string | null, error: WireError): void
}

/** The close code for an error: its own, or "try again" for those that have none. */
export function closeCodeOf(error: WireError): number {
  const known = ERRORS[error.code as ErrorKind] as { closes?: number } | undefined
  return known?.closes ?? 1012
}

/** An expected failure as it travels; undefined for anything else, which is a bug of ours. */
export function expectedError(thrown: unknown): WireError | undefined {
  if (!(thrown instanceof TerraneError)) return undefined
  return { code: thrown.code, message: thrown.message, retry: thrown.retry }
}

/** `<code>: <message>`, cut to what fits in a close frame. */
export function closeReason(error: WireError): string {
  const text = `${error.code}: ${error.message}`
  const bytes = Buffer.from(text)
  if (bytes.length <= CLOSE_REASON_BYTES_MAX) return text
  let end = CLOSE_REASON_BYTES_MAX
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

/** RFC 6455: a control frame holds 125 bytes, of which the code takes two. */
const CLOSE_REASON_BYTES_MAX = 123

/** Names the field and what is wrong with it. */
export function schemaError(error: z.ZodError): WireError {
  const issue = error.issues[0]
  const path = issue?.path.join('.') ?? ''
  const text = issue?.message ?? 'not valid'
  return wireError('invalid_args', path === '' ? text : `${path}: ${text}`)
}
