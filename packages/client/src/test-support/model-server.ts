import type { Prng } from '@terrane/core'
import {
  broadcastHeader,
  decodeBinary,
  decodeText,
  EVENT_ACK,
  encodeText,
  type JoinParams,
  type JoinReply,
  joinBytes,
  OUTCOME_REJECTED,
  OUTCOME_RESULT,
  PROTOCOL_VERSION,
  pack,
  SKIP,
  unpack,
  wireError,
} from '@terrane/protocol'
import type { SimulatedTime } from '@terrane/testing'
import { CLOSED_ABNORMALLY, type Socket, type SocketHandlers, type Transport } from '../connection/transport.js'

export interface Execution {
  readonly seq: number
  /** Which input it was; undefined for SKIP. */
  readonly id: number | undefined
  readonly outcome: 'applied' | 'rejected' | 'skipped'
  readonly result: unknown
}

const TOPIC = 'zone:main'
const INPUTS = [
  { name: 'earn', fields: ['id', 'amount'] },
  { name: 'spend', fields: ['id', 'amount'] },
]

/**
 * One zone with one client, as small as it can be and still crash: what was executed in memory is lost,
 * what was committed stays. The account's balance decides whether `spend` is refused, and grants from
 * elsewhere, which a crash takes back too, make a second execution end differently from the first.
 */
export class ModelServer implements Transport {
  /** Executions by number; the first `durable` of them are in the database. */
  readonly executions: Execution[] = []
  durable = 0
  /** Rules that the client broke. */
  readonly violations: string[] = []
  /** What every execution of an input returned, the lost ones too. */
  readonly resultsById = new Map<number, unknown[]>()
  down = false
  commitMsMax = 60
  readonly joins: JoinParams[] = []
  readonly #time: SimulatedTime
  readonly #random: Prng
  readonly #idBySeq = new Map<number, number>()
  #grants = 0
  #epoch = 1
  #committing = false
  #link: Link | undefined

  constructor(time: SimulatedTime, random: Prng) {
    this.#time = time
    this.#random = random
  }

  open(_url: string, _protocols: readonly string[], handlers: SocketHandlers): Socket {
    const link = new Link(this.#time, this.#random, handlers, (message) => this.#receive(link, message))
    this.#time.after(this.#random.between(1, 20), () => {
      if (this.down) link.cut()
      else handlers.onOpen()
    })
    return link
  }

  get applied(): number {
    return this.executions.length
  }

  grant(amount: number): void {
    this.#grants += amount
  }

  /** The connection breaks; what is under way in either direction is lost. */
  cut(): void {
    this.#link?.cut()
    this.#link = undefined
  }

  crash(): void {
    this.executions.length = this.durable
    this.#grants = 0
    this.#epoch++
    this.#committing = false
    this.cut()
  }

  #receive(link: Link, message: string | Uint8Array): void {
    if (typeof message !== 'string') {
      if (link === this.#link) this.#takeInputs(link, message)
      return
    }
    const { joinRef, ref, topic, event, payload } = decodeText(message) as NonNullable<ReturnType<typeof decodeText>>
    let response: unknown = {}
    if (event === 'phx_join') {
      if (this.#link !== link) this.cut()
      this.#link = link
      const params = payload as JoinParams
      this.joins.push(params)
      link.acks = params.acks ?? 'both'
      link.told = { applied: this.applied, durable: this.durable }
      response = this.#reply()
    }
    link.send(encodeText({ joinRef, ref, topic, event: 'phx_reply', payload: { status: 'ok', response } }))
  }

  #reply(): JoinReply {
    return {
      zone: 'main',
      epoch: this.#epoch,
      protocol: PROTOCOL_VERSION,
      player: 'p',
      applied: this.applied,
      durable: this.durable,
      world: 'model',
      inputs: INPUTS,
      kinds: [],
      now: this.#time.now(),
      hz: 20,
    }
  }

  #takeInputs(link: Link, bytes: Uint8Array): void {
    const frame = decodeBinary(bytes)
    if (frame?.topic !== TOPIC || frame.event !== 'i') throw new Error('not an input frame')
    const [firstSeq, ...flat] = unpack(frame.payload) as [number, ...unknown[]]
    for (let i = 0; i < flat.length; i += 2) {
      this.#take(link, firstSeq + i / 2, flat[i] as number, flat[i + 1] as [number, number] | null)
    }
    this.#flushSoon(link)
    if (!this.#committing) this.#commit()
  }

  #take(link: Link, seq: number, input: number, args: [number, number] | null): void {
    if (seq <= this.applied) {
      link.asked = true
      return
    }
    if (seq > this.applied + 1) this.violations.push(`input ${seq} after ${this.applied}`)
    if (input === SKIP || args === null) {
      this.executions.push({ seq, id: undefined, outcome: 'skipped', result: undefined })
      return
    }
    const [id, amount] = args
    if ((this.#idBySeq.get(seq) ?? id) !== id) this.violations.push(`number ${seq} was used for two inputs`)
    this.#idBySeq.set(seq, id)
    const refused = INPUTS[input]?.name === 'spend' && this.#balance() < amount
    const result = refused ? undefined : { id, balance: this.#balance() }
    this.executions.push({ seq, id, outcome: refused ? 'rejected' : 'applied', result })
    if (refused) {
      link.outcomes.push(seq, OUTCOME_REJECTED, { ...wireError('forbidden'), code: 'too_poor' })
    } else {
      this.resultsById.set(id, [...(this.resultsById.get(id) ?? []), result])
      if (link.acks === 'durable') link.held.push(seq, OUTCOME_RESULT, result)
      else link.outcomes.push(seq, OUTCOME_RESULT, result)
    }
  }

  #balance(): number {
    return this.#grants + this.executions.filter((each) => each.outcome === 'applied').length
  }

  #commit(): void {
    if (this.durable === this.applied) return
    this.#committing = true
    const epoch = this.#epoch
    const upTo = this.applied
    this.#time.after(this.#random.between(1, this.commitMsMax), () => {
      if (epoch !== this.#epoch) return
      this.durable = upTo
      this.#committing = false
      if (this.#link !== undefined) this.#flushSoon(this.#link)
      this.#commit()
    })
  }

  #flushSoon(link: Link): void {
    this.#time.soon(() => {
      while (link.held.length > 0 && (link.held[0] as number) <= this.durable) {
        link.outcomes.push(...link.held.splice(0, 3))
      }
      const moved = link.told.durable < this.durable || (link.acks === 'both' && link.told.applied < this.applied)
      if (link !== this.#link || !(moved || link.asked || link.outcomes.length > 0)) return
      link.told = { applied: this.applied, durable: this.durable }
      link.asked = false
      const ack = pack([this.applied, this.durable, link.outcomes.splice(0)])
      const bytes = joinBytes(broadcastHeader(TOPIC, EVENT_ACK), ack)
      link.send(bytes)
      // What a faulty server might do: say it twice, the second time late.
      if (this.#random.chance(0.2)) link.send(bytes)
      if (link.echo !== undefined && this.#random.chance(0.2)) link.send(link.echo)
      link.echo = bytes
    })
  }
}

/** Both directions of one connection: in order, with delays, until it is cut. */
class Link implements Socket {
  acks: 'both' | 'durable' = 'both'
  told = { applied: 0, durable: 0 }
  asked = false
  readonly outcomes: unknown[] = []
  readonly held: unknown[] = []
  echo: Uint8Array | undefined
  readonly #time: SimulatedTime
  readonly #random: Prng
  readonly #handlers: SocketHandlers
  readonly #receive: (message: string | Uint8Array) => void
  #open = true
  #upAt = 0
  #downAt = 0

  constructor(time: SimulatedTime, random: Prng, handlers: SocketHandlers, receive: (m: string | Uint8Array) => void) {
    this.#time = time
    this.#random = random
    this.#handlers = handlers
    this.#receive = receive
  }

  sendText(text: string): void {
    this.#up(text)
  }

  sendBinary(bytes: Uint8Array): void {
    this.#up(bytes.slice())
  }

  close(): void {
    this.#open = false
  }

  send(message: string | Uint8Array): void {
    this.#downAt = Math.max(this.#downAt, this.#time.now() + this.#random.between(0, 15))
    this.#time.after(this.#downAt - this.#time.now(), () => {
      if (!this.#open) return
      if (typeof message === 'string') this.#handlers.onText(message)
      else this.#handlers.onBinary(message)
    })
  }

  cut(): void {
    if (!this.#open) return
    this.#open = false
    this.#time.after(this.#random.between(0, 30), () => this.#handlers.onClose(CLOSED_ABNORMALLY, ''))
  }

  #up(message: string | Uint8Array): void {
    this.#upAt = Math.max(this.#upAt, this.#time.now() + this.#random.between(0, 15))
    this.#time.after(this.#upAt - this.#time.now(), () => {
      if (this.#open) this.#receive(message)
    })
  }
}
