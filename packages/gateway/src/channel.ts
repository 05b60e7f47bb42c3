import { TerraneError } from '@terrane/core'
import { type ChannelMessage, ERRORS, type ErrorKind, type WireError, wireError } from '@terrane/protocol'
import type { z } from 'zod'
import type { Role } from './authenticate.js'
import type { SessionBuckets } from './rate-limit.js'

/** A topic that a session has joined, or is joining. */
export interface Channel {
  readonly topic: string
  readonly joinRef: string
  /** A message on this topic and of this join, other than join and leave. */
  handle(message: ChannelMessage): void
  /** Writes what has been collected, before the connection ends. */
  flush(now: number): void
  /** The socket takes bytes again after it was congested. */
  drained(): void
  /** Gives back everything that the channel holds, and says nothing. May be called twice. */
  release(): void
}

/** What a channel may do with the session that it belongs to. */
export interface ChannelHost {
  readonly player: string
  readonly role: Role
  readonly buckets: SessionBuckets
  /** The connection's number among the direct writes. */
  readonly lane: number
  send(frame: Buffer): void
  replyOk(channel: Channel, ref: string | null, responseJson: string): void
  replyError(channel: Channel, ref: string | null, error: WireError): void
  /** An event on the channel's topic and join. */
  push(channel: Channel, event: string, payloadJson: string, ref?: string): void
  /** Whether the socket has so much unsent that state and acks must wait. */
  congested(): boolean
  /** Ends the connection. */
  end(error: WireError): void
  /** Forgets a channel that could not be joined. */
  forget(channel: Channel): void
  /** Forgets a channel that its zone has ended, and ends the connection when that was its last zone. */
  zoneEnded(channel: Channel, error: WireError): void
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
