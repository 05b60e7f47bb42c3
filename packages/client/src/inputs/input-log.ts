import { RingBuffer, TerraneError } from '@terrane/core'
import { ERRORS, type JoinReply, OUTCOME_REJECTED, unpack, wireError } from '@terrane/protocol'
import { clientError, InputRejected, isWireError } from '../errors.js'
import { Gate } from '../gate.js'
import type { ClientLimits } from '../limits.js'
import { AckReader } from './ack-reader.js'
import { ArgsWriter } from './args-writer.js'
import { type InputKind, PendingInput } from './input.js'
import { type FrameItem, InputFrames, itemBytes, SKIPPED } from './input-frames.js'

export interface InputLogOptions {
  readonly topic: string
  /** As in JoinParams. */
  readonly acks: 'both' | 'durable'
  /** What becomes of the promises of an input that is committed and whose answer was lost. */
  readonly unknownOutcome: 'resolve' | 'reject'
  readonly limits: Pick<ClientLimits, 'pendingMax' | 'inputBytesMax' | 'frameBytesMax' | 'frameInputsMax'>
}

type SendFrame = (frame: Uint8Array) => void

/**
 * The inputs that are not durable yet, in the order of their numbers, and what becomes of them.
 *
 * A number belongs to one input for good. The server executes numbers in order and says how far it
 * has come: `applied` in memory, `durable` in the database. A server that crashes falls back to
 * `durable`, so at each join this log sends again whatever lies above the server's `applied`, with SKIP
 * in place of inputs that were refused before: their senders have been told, so they must not happen now.
 *
 * An answer can be lost with the connection. Inputs at or below the `applied` of a join, for which no
 * answer arrived, were executed and perhaps refused; acks do not tell which, so these wait until they are
 * durable and then become `unknown`, unless the server does repeat its answer.
 */
export class InputLog {
  readonly #options: InputLogOptions
  readonly #ring: RingBuffer<PendingInput>
  #kinds: ReadonlyMap<string, InputKind> = new Map()
  readonly #acks = new AckReader()
  readonly #args: ArgsWriter
  #joined = false
  /** Number of the oldest input in the ring; the next one's when the ring is empty. */
  #first = 1
  #durable = 0
  /** Up to here, cumulative acks have been worked off since the last join. */
  #applied = 0
  /** The server's `applied` at the last join. */
  #uncertainTo = 0
  #frames: InputFrames | undefined
  #send: SendFrame | undefined
  #batchDepth = 0
  #unsentFrom = 0
  #closed: TerraneError | undefined
  #room: Gate | undefined
  #settled: Gate | undefined

  constructor(options: InputLogOptions) {
    this.#options = options
    this.#ring = new RingBuffer(options.limits.pendingMax)
    this.#args = new ArgsWriter(options.limits.inputBytesMax)
  }

  /** Inputs that are not durable yet, refused ones among them until their numbers are. */
  get pending(): number {
    return this.#ring.length
  }

  /** How many more may be sent now. */
  get room(): number {
    return this.#ring.capacity - this.#ring.length
  }

  get names(): IterableIterator<string> {
    return this.#kinds.keys()
  }

  /** Resolves when there is room; all who wait wake together, so look again. */
  ready(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    if (!this.#ring.full) return Promise.resolve()
    this.#room ??= new Gate()
    return this.#room.promise
  }

  /** Resolves when nothing is pending. */
  drained(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    if (this.#ring.length === 0) return Promise.resolve()
    this.#settled ??= new Gate()
    return this.#settled.promise
  }

  /** @throws TerraneError `too_many_pending`, `unknown_input`, `invalid_args`, `input_too_large`, or why it is closed */
  send(name: string, args: unknown): PendingInput {
    if (this.#closed !== undefined) throw this.#closed
    if (this.#ring.full) throw clientError('too_many_pending', `${this.#ring.capacity}`)
    const kind = this.#kinds.get(name)
    if (kind === undefined) throw unknownInput(name)
    this.#args.write(name, kind.fields, args)
    const seq = this.#first + this.#ring.length
    const input = new PendingInput(kind, seq, this.#args)
    this.#ring.push(input)
    if (this.#send !== undefined && this.#batchDepth === 0) {
      this.#send((this.#frames as InputFrames).one(seq, input))
    }
    return input
  }

  /** Inputs that `work` sends leave in one frame, or in as few as the limits allow. */
  batch<T>(work: () => T): T {
    if (this.#batchDepth++ === 0) this.#unsentFrom = this.#next
    try {
      return work()
    } finally {
      if (--this.#batchDepth === 0) this.#sendFrom(this.#unsentFrom)
    }
  }

  /** The server has the stream at `reply.applied`: settle what is done, send what it lacks. */
  onJoined(reply: JoinReply, joinRef: string, send: SendFrame): void {
    this.#kinds = new Map(reply.inputs.map(({ name, fields }, index) => [name, { name, index, fields }]))
    this.#frames = new InputFrames(joinRef, this.#options.topic)
    this.#send = send
    if (!this.#joined || reply.durable < this.#durable || reply.applied >= this.#next) this.#restart(reply)
    this.#joined = true
    this.#uncertainTo = reply.applied
    this.#applied = reply.applied
    this.#onDurable(reply.durable)
    for (const input of this.#ring) if (input.seq > reply.applied && input.status === 'applied') input.onForgotten()
    this.#sendFrom(reply.applied + 1)
  }

  onLost(): void {
    this.#send = undefined
  }

  /** @throws TypeError when what begins at `at` is no ack */
  onAck(bytes: Uint8Array, at = 0): void {
    const { applied, durable, outcomes } = this.#acks.read(bytes, at)
    for (let i = 0; i + 2 < outcomes.length; i += 3) {
      this.#onOutcome(outcomes[i] as number, outcomes[i + 1] as number, outcomes[i + 2])
    }
    // With `acks: 'durable'`, results come when their numbers are durable.
    this.#onApplied(this.#options.acks === 'durable' ? durable : applied)
    this.#onDurable(durable)
  }

  close(error: TerraneError): void {
    this.#closed = error
    this.#send = undefined
    this.#failAll(error)
    this.#room?.reject(error)
    this.#settled?.reject(error)
  }

  get #next(): number {
    return this.#first + this.#ring.length
  }

  #onOutcome(seq: number, what: number, value: unknown): void {
    const input = this.#ring.at(seq - this.#first)
    if (input === undefined || input.status === 'rejected') return
    if (what !== OUTCOME_REJECTED) input.onApplied(value)
    else if (isWireError(value)) input.onRejected(new InputRejected(input.name, seq, value))
    else throw new TypeError('a rejection without an error')
  }

  #onApplied(applied: number): void {
    const last = Math.min(applied, this.#next - 1)
    for (let seq = Math.max(this.#applied + 1, this.#first); seq <= last; seq++) {
      const input = this.#ring.at(seq - this.#first) as PendingInput
      if (input.status === 'pending') input.onApplied(undefined)
    }
    if (applied > this.#applied) this.#applied = applied
  }

  #onDurable(durable: number): void {
    if (durable <= this.#durable) return
    this.#durable = durable
    while (this.#ring.length > 0 && this.#first <= durable) {
      const input = this.#ring.shift() as PendingInput
      this.#first++
      if (input.status === 'applied') input.onDurable()
      else if (input.status === 'pending') this.#settleUnanswered(input)
    }
    this.#openGates()
  }

  #settleUnanswered(input: PendingInput): void {
    if (input.seq > this.#uncertainTo) {
      input.onApplied(undefined)
      input.onDurable()
    } else {
      input.onUnknown(this.#options.unknownOutcome === 'reject' ? outcomeUnknown(input) : undefined)
    }
  }

  /** Everything from number `from` on, in as few frames as the limits allow. */
  #sendFrom(from: number): void {
    const send = this.#send
    if (send === undefined || from >= this.#next) return
    const { frameBytesMax, frameInputsMax } = this.#options.limits
    let firstSeq = from
    let items: FrameItem[] = []
    let bytes = 0
    for (let seq = from; seq < this.#next; seq++) {
      const item = this.#itemOf(seq)
      const size = itemBytes(item)
      if (items.length > 0 && (bytes + size > frameBytesMax || items.length === frameInputsMax)) {
        send((this.#frames as InputFrames).many(firstSeq, items))
        firstSeq = seq
        items = []
        bytes = 0
      }
      items.push(item)
      bytes += size
    }
    send((this.#frames as InputFrames).many(firstSeq, items))
  }

  /**
   * Numbers below the ring belong to an earlier life of this client, whose inputs the server lost; they
   * are skipped. The world may have been replaced since the input was packed: names count, not positions.
   */
  #itemOf(seq: number): FrameItem {
    const input = this.#ring.at(seq - this.#first)
    if (input === undefined || input.status === 'rejected') return SKIPPED
    const kind = this.#kinds.get(input.name)
    if (kind === undefined) {
      input.onRejected(new InputRejected(input.name, seq, wireError('unknown_input')))
      return SKIPPED
    }
    if (sameFields(kind, input.kind))
      return { index: kind.index, bytes: input.bytes, start: input.start, end: input.end }
    return this.#repacked(input, kind)
  }

  #repacked(input: PendingInput, kind: InputKind): FrameItem {
    const values = unpack(input.bytes.subarray(input.start, input.end)) as unknown
    const named = Array.isArray(values)
      ? Object.fromEntries(input.kind.fields.map((field, i) => [field, values[i] as unknown]))
      : values
    this.#args.write(input.name, kind.fields, named)
    const { bytes, start, end } = this.#args
    return { index: kind.index, bytes, start, end }
  }

  /** First join; or the server has forgotten the stream, or someone else has used it: begin where it stands. */
  #restart(reply: JoinReply): void {
    this.#failAll(clientError('history_lost'))
    this.#first = reply.applied + 1
    this.#durable = reply.durable
  }

  #failAll(error: TerraneError): void {
    while (this.#ring.length > 0) {
      const input = this.#ring.shift() as PendingInput
      this.#first++
      if (input.status !== 'rejected') input.onFailed(error)
    }
    if (this.#closed === undefined) this.#openGates()
  }

  #openGates(): void {
    if (!this.#ring.full) {
      this.#room?.resolve()
      this.#room = undefined
    }
    if (this.#ring.length === 0) {
      this.#settled?.resolve()
      this.#settled = undefined
    }
  }
}

function sameFields(a: InputKind, b: InputKind): boolean {
  return a === b || (a.fields.length === b.fields.length && a.fields.every((field, i) => field === b.fields[i]))
}

function unknownInput(name: string): TerraneError {
  return new TerraneError('unknown_input', `${ERRORS.unknown_input.text}: "${name}"`)
}

function outcomeUnknown(input: PendingInput): TerraneError {
  const what = `${input.name} (number ${input.seq}) was executed and committed, but the answer was lost with the connection`
  return new TerraneError('outcome_unknown', what, { hint: 'Read the tables to learn whether it was accepted.' })
}
