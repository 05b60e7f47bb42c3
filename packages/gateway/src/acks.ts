import type { InputStream } from '@terrane/engine'
import { broadcastHeader, EVENT_ACK, OUTCOME_REJECTED, OUTCOME_RESULT, type WireError } from '@terrane/protocol'
import { ackFrame, ackFrameWith, eventFrame, jsonOf } from './frames-out.js'

export type AckMode = 'both' | 'durable'
export type Format = 'binary' | 'json'

/**
 * What one channel has still to tell about its inputs. The numbers are cumulative and need no queue;
 * results and rejections do. Each of these is told once.
 */
export class Acks {
  readonly #stream: InputStream
  readonly #topic: string
  readonly #joinRef: string
  readonly #mode: AckMode
  readonly #format: Format
  readonly #head: Uint8Array
  #toldApplied: number
  #toldDurable: number
  /** A number of the past was sent: the client wants to hear the present ones, moved or not. */
  #asked = false
  /** Flat (seq, OUTCOME_…, value): to be told with the next ack. */
  #outcomes: unknown[] = []
  /** Flat (seq, result): to be told when their number is durable. Ascending; only in mode `durable`. */
  #held: unknown[] = []

  constructor(stream: InputStream, topic: string, joinRef: string, mode: AckMode, format: Format) {
    this.#stream = stream
    this.#topic = topic
    this.#joinRef = joinRef
    this.#mode = mode
    this.#format = format
    this.#head = broadcastHeader(topic, EVENT_ACK)
    this.#toldApplied = stream.applied
    this.#toldDurable = stream.durable
  }

  /** Number of outcomes that wait. */
  get waiting(): number {
    return this.#outcomes.length / 3 + this.#held.length / 2
  }

  ask(): void {
    this.#asked = true
  }

  result(seq: number, result: unknown): void {
    if (this.#mode === 'durable') this.#held.push(seq, result)
    else this.#outcomes.push(seq, OUTCOME_RESULT, result)
  }

  rejection(seq: number, error: WireError): void {
    this.#outcomes.push(seq, OUTCOME_REJECTED, error)
  }

  /** Whether `take` would yield a frame now. */
  get due(): boolean {
    return (
      this.#asked ||
      this.#outcomes.length > 0 ||
      this.#stream.durable > this.#toldDurable ||
      (this.#mode === 'both' && this.#stream.applied > this.#toldApplied)
    )
  }

  /** The frame that tells all that is due; what it tells counts as told. */
  take(): Buffer | undefined {
    this.#releaseHeld()
    if (!this.due) return undefined
    const applied = this.#stream.applied
    const durable = this.#stream.durable
    const outcomes = this.#outcomes
    this.#asked = false
    this.#toldApplied = applied
    this.#toldDurable = durable
    if (outcomes.length > 0) this.#outcomes = []
    if (this.#format === 'json') {
      return eventFrame(
        this.#joinRef,
        null,
        this.#topic,
        'ack',
        jsonOf({ applied, durable, outcomes: named(outcomes) }),
      )
    }
    return outcomes.length === 0
      ? ackFrame(this.#head, applied, durable)
      : ackFrameWith(this.#head, applied, durable, outcomes)
  }

  #releaseHeld(): void {
    const held = this.#held
    const durable = this.#stream.durable
    let at = 0
    while (at < held.length && (held[at] as number) <= durable) {
      this.#outcomes.push(held[at], OUTCOME_RESULT, held[at + 1])
      at += 2
    }
    if (at > 0) held.splice(0, at)
  }
}

function named(outcomes: readonly unknown[]): unknown[] {
  const list: unknown[] = []
  for (let i = 0; i < outcomes.length; i += 3) {
    const seq = outcomes[i]
    const value = outcomes[i + 2]
    list.push(outcomes[i + 1] === OUTCOME_RESULT ? { seq, result: value } : { seq, error: value })
  }
  return list
}
