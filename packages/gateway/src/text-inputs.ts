import type { InputStream, SubmitOutcome } from '@terrane/engine'
import { textInputSchema, type WireError, wireError } from '@terrane/protocol'
import type { Acks } from './acks.js'
import { schemaError } from './channel.js'
import { jsonOf } from './frames-out.js'
import type { ZoneInputs } from './zone-inputs.js'

/** How pushes are answered. */
export interface Replies {
  ok(ref: string, responseJson: string): void
  error(ref: string | null, error: WireError): void
}

/** An input that is applied and whose push is answered when it is durable. */
interface PendingReply {
  readonly ref: string
  readonly seq: number
  readonly responseJson: string
}

/** `input` pushes of one channel: JSON in, one reply each. */
export class TextInputs {
  readonly #numbers: ReadonlyMap<string, number>
  readonly #stream: InputStream
  readonly #inputs: ZoneInputs
  readonly #acks: Acks
  readonly #replies: Replies
  readonly #repliesMax: number
  /** In the order in which they became applied, so nearly in order of seq; a repetition may wait a little longer. */
  #pending: PendingReply[] = []

  constructor(
    numbers: ReadonlyMap<string, number>,
    stream: InputStream,
    inputs: ZoneInputs,
    acks: Acks,
    replies: Replies,
    repliesMax: number,
  ) {
    this.#numbers = numbers
    this.#stream = stream
    this.#inputs = inputs
    this.#acks = acks
    this.#replies = replies
    this.#repliesMax = repliesMax
  }

  /** Returns the error with which the session must end, if it must. */
  take(ref: string | null, payload: unknown, now: number): WireError | undefined {
    const parsed = textInputSchema.safeParse(payload)
    if (!parsed.success) {
      this.#replies.error(ref, schemaError(parsed.error))
      return undefined
    }
    const { name, args = {}, seq: given } = parsed.data
    const input = this.#numbers.get(name)
    const refusal = this.#refusalOf(name, input, given, ref, now)
    if (input === undefined || refusal !== undefined) {
      // A number that the client chose is used up, so that those behind it fit.
      const skipped = given === undefined ? undefined : this.#inputs.skip(given)
      if (skipped === 'gap') return this.#gap(ref)
      this.#replies.error(ref, refusal ?? wireError('unknown_input'))
      return undefined
    }
    const seq = given ?? this.#stream.applied + 1
    const outcome =
      given === undefined ? this.#inputs.submit(seq, input, args) : this.#inputs.take(seq, input, args, now)
    if (outcome === 'flooding') return wireError('flooding')
    if (outcome === 'gap') return this.#gap(ref)
    if (ref === null) this.#tellByAck(seq, outcome)
    else if (typeof outcome === 'object' && 'rejected' in outcome) this.#replies.error(ref, outcome.rejected)
    else this.#pending.push({ ref, seq, responseJson: jsonOf(responseOf(seq, outcome)) })
    return undefined
  }

  #refusalOf(
    name: string,
    input: number | undefined,
    given: number | undefined,
    ref: string | null,
    now: number,
  ): WireError | undefined {
    if (input === undefined) return wireError('unknown_input', `the world has no input "${name.slice(0, 40)}"`)
    if (ref !== null && this.#pending.length >= this.#repliesMax) {
      return wireError('rate_limited', 'too many inputs wait for their reply')
    }
    // Inputs with a number are limited further down. One without takes none when it is refused.
    return given === undefined ? this.#inputs.refusal(input, now) : undefined
  }

  #gap(ref: string | null): WireError {
    const error = gapError(this.#stream)
    this.#replies.error(ref, error)
    return error
  }

  #tellByAck(seq: number, outcome: Exclude<SubmitOutcome, 'gap'>): void {
    if (outcome === 'past') this.#acks.ask()
    else if (outcome === undefined) return
    else if ('result' in outcome) this.#acks.result(seq, outcome.result)
    else this.#acks.rejection(seq, outcome.rejected)
  }

  /** Answers those that are durable by now. */
  settle(): void {
    const { durable } = this.#stream
    const pending = this.#pending
    let count = 0
    while (count < pending.length && (pending[count] as PendingReply).seq <= durable) count++
    if (count === 0) return
    for (const reply of pending.splice(0, count)) this.#replies.ok(reply.ref, reply.responseJson)
  }

  /** Answers the rest, because nobody here will learn whether they are durable. */
  abandon(error: WireError): void {
    const pending = this.#pending
    this.#pending = []
    for (const reply of pending) this.#replies.error(reply.ref, error)
  }
}

function responseOf(seq: number, outcome: undefined | 'past' | { readonly result: unknown }): object {
  if (outcome === undefined) return { seq }
  return outcome === 'past' ? { seq, past: true } : { seq, result: outcome.result }
}

export function gapError(stream: InputStream): WireError {
  return wireError('input_gap', `the next input has number ${stream.applied + 1}`)
}
