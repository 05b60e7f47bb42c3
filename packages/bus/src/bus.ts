/**
 * Messages between the processes of one world, by subject. Nothing durable may rest on them.
 *
 * B1  A message reaches each subscription of its subject once or not at all, in every process, the sender's own
 *     included.
 * B2  What one process publishes on one subject arrives in the order of publishing, or not.
 * B3  `publish` returns before any handler runs.
 * B4  A request is answered by one of the responders, or rejects in time: `bus_no_responder`, `bus_timeout`, `bus_down`.
 * B5  What cannot be sent now is dropped and counted, never kept for later: buffers are bounded.
 * B6  After `close` no handler runs any more.
 */
export interface Bus {
  /** Sends to all that subscribe now. False: it was dropped (B5). */
  publish(subject: string, payload: Uint8Array): boolean
  /** `subject` is exact, tokens separated by dots. Takes effect at once in this process, and soon in the others. */
  subscribe(subject: string, handler: BusHandler): BusSubscription
  /** Resolves with the answer of one process that responds on `subject`. B4. */
  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array>
  /** Answers requests on `subject`. Of several processes that do, one gets each request. */
  respond(subject: string, responder: BusResponder): BusSubscription
  /** Whether messages can leave now. */
  readonly isConnected: boolean
  readonly statistics: BusStatistics
  close(): Promise<void>
}

export type BusHandler = (payload: Uint8Array) => void
/** An answer, or undefined to give none: the one who asks then waits in vain. */
export type BusResponder = (payload: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined>

export interface BusSubscription {
  /** No message is handled any more. */
  cancel(): void
}

export interface BusStatistics {
  published: number
  received: number
  /** Not sent, because there was no connection or too much was waiting for it. */
  dropped: number
  /** Connections that ended and were replaced. */
  reconnects: number
}

export function zeroBusStatistics(): BusStatistics {
  return { published: 0, received: 0, dropped: 0, reconnects: 0 }
}
