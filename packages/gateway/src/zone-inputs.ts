import type { InputStream, SubmitOutcome, ZoneSessions } from '@terrane/engine'
import { SKIP, type WireError, wireError } from '@terrane/protocol'
import type { Acks } from './acks.js'
import type { Counters } from './counters.js'
import type { GatewayLimits } from './limits.js'
import type { PayloadReader } from './payload-reader.js'
import { type SessionBuckets, TokenBucket } from './rate-limit.js'

/**
 * The inputs of one channel on their way into the zone. This is the hot path, 100,000 times a second and
 * more: nothing here allocates beyond the decoded arguments, waits, or reads a clock.
 *
 * A refused input still uses its number, as SKIP: the client has further inputs under way by the time it
 * hears of the refusal, and they must not become a gap.
 */
export class ZoneInputs {
  readonly #zone: ZoneSessions
  readonly #stream: InputStream
  readonly #acks: Acks
  readonly #buckets: SessionBuckets
  readonly #limits: GatewayLimits
  readonly #counters: Counters
  /** Limits of single inputs, by index; sparse. */
  readonly #perInput: (TokenBucket | undefined)[]

  constructor(
    zone: ZoneSessions,
    stream: InputStream,
    acks: Acks,
    buckets: SessionBuckets,
    limits: GatewayLimits,
    counters: Counters,
    perSecond: readonly (number | undefined)[],
    now: number,
  ) {
    this.#zone = zone
    this.#stream = stream
    this.#acks = acks
    this.#buckets = buckets
    this.#limits = limits
    this.#counters = counters
    this.#perInput = perSecond.map((each) =>
      each === undefined ? undefined : new TokenBucket(each, Math.max(1, each * 2), now),
    )
  }

  /** `reader` stands at [firstSeq, input, args, input, args, …]. Throws MalformedPayload. */
  takeFrame(reader: PayloadReader, now: number): 'taken' | 'gap' | 'flooding' | 'malformed' {
    const length = reader.arrayLength()
    const count = (length - 1) / 2
    if ((length & 1) === 0 || count < 1 || count > this.#limits.inputsPerFrameMax) return 'malformed'
    let seq = reader.integer()
    if (seq < 1) return 'malformed'
    for (let i = 0; i < count; i++, seq++) {
      const input = reader.integer()
      const outcome = this.take(seq, input, reader.value(), now)
      if (outcome === undefined) continue
      if (outcome === 'past') this.#acks.ask()
      else if (outcome === 'gap' || outcome === 'flooding') return outcome
      else if ('result' in outcome) this.#acks.result(seq, outcome.result)
      else {
        this.#counters.rejects.add(outcome.rejected.code)
        this.#acks.rejection(seq, outcome.rejected)
      }
    }
    return reader.atEnd ? 'taken' : 'malformed'
  }

  /**
   * One input, with all that limits it. Returns its outcome, which the caller tells. Repetitions after a
   * reconnect execute nothing, so they cost no input; their bytes count all the same.
   */
  take(seq: number, input: number, args: unknown, now: number): SubmitOutcome | 'flooding' {
    if (seq <= this.#stream.applied) return 'past'
    if (input === SKIP) return this.skip(seq)
    const refused = this.refusal(input, now)
    if (refused === undefined) return this.submit(seq, input, args)
    if (!this.#buckets.frames.take(1, now)) return 'flooding'
    const skipped = this.skip(seq)
    return skipped === undefined ? { rejected: refused } : skipped
  }

  submit(seq: number, input: number, args: unknown): SubmitOutcome {
    this.#counters.inputs++
    return this.#zone.submit(this.#stream, seq, input, args)
  }

  /** Uses up a number without executing anything. */
  skip(seq: number): SubmitOutcome {
    return this.#zone.submit(this.#stream, seq, SKIP, undefined)
  }

  /** Why an input may not be executed now. Undefined when it may; it has then been counted. */
  refusal(input: number, now: number): WireError | undefined {
    if (!this.#buckets.inputs.take(1, now)) return wireError('rate_limited')
    const own = this.#perInput[input]
    if (own !== undefined && !own.take(1, now)) {
      return wireError('rate_limited', 'more inputs of this kind per second than the limit')
    }
    if (this.#acks.waiting >= this.#limits.outcomesMax) {
      return wireError('rate_limited', 'too many results wait until they are durable')
    }
    return undefined
  }
}
