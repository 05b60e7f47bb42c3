import { SKIP } from '@terrane/protocol'
import { MARKS } from './marked-world.js'
import type { ReplicaModel } from './replica.js'
import type { ConnectionEvents, SimConnection } from './sim-connection.js'

/** What a client knows of one input. */
export interface SentInput {
  readonly seq: number
  readonly mark: string
  readonly input: number
  readonly args: Record<string, unknown>
  /**
   * `sent`: no word of it. `applied`, `rejected`: the server said so. `unknown`: it was executed, and
   * what came of it was lost with a connection or a server.
   */
  state: 'sent' | 'applied' | 'rejected' | 'unknown'
  durable: boolean
}

/** A client's side of the input protocol: numbers, repetition after a break, and what was promised to it. */
export class SimClient implements ConnectionEvents {
  readonly player: string
  readonly replica: ReplicaModel
  readonly inputs: SentInput[] = []
  readonly problems: string[] = []
  connection: SimConnection | undefined
  readonly #isMarked: boolean
  #joined = false
  #newestEpoch = 0
  #applied = 0
  #durable = 0

  /** @param isMarked whether inputs carry their marks: for a `markedWorld` */
  constructor(player: string, replica: ReplicaModel, isMarked = true) {
    this.player = player
    this.replica = replica
    this.#isMarked = isMarked
  }

  get online(): boolean {
    return this.#joined
  }

  /** Inputs that are not known to be durable. */
  get pending(): number {
    return this.inputs.length - this.#durable
  }

  get resume(): { epoch: number; cells: number[] } | undefined {
    if (this.replica.epoch === 0) return undefined
    return { epoch: this.replica.epoch, cells: [...this.replica.versions].flat() }
  }

  send(input: number, args: Record<string, unknown>): void {
    const seq = this.inputs.length + 1
    const mark = `${this.player}:${seq}`
    const marked = this.#isMarked ? { ...args, [MARKS]: mark } : args
    const sent: SentInput = { seq, mark, input, args: marked, state: 'sent', durable: false }
    this.inputs.push(sent)
    if (this.#joined) this.connection?.send(seq, input, sent.args)
  }

  joined(epoch: number, applied: number, durable: number): void {
    // An owner from before, which has not noticed yet that it was replaced: what it knows is out of date.
    if (epoch < this.#newestEpoch) {
      this.connection?.break()
      return
    }
    this.#newestEpoch = epoch
    this.#joined = true
    if (durable < this.#durable) {
      this.problems.push(`${this.player}: durable up to ${this.#durable} was promised, the server has ${durable}`)
    }
    for (const sent of this.inputs) {
      // What an earlier server applied and this one lacks never happened.
      if (sent.durable || sent.state === 'rejected') continue
      if (sent.seq > applied) sent.state = 'sent'
      else if (sent.state === 'sent') sent.state = 'unknown'
    }
    if (epoch !== this.replica.epoch) this.replica.reset(epoch)
    this.#applied = applied
    this.#markDurable(durable)
    for (const sent of this.inputs.slice(applied)) {
      this.connection?.send(sent.seq, sent.state === 'rejected' ? SKIP : sent.input, sent.args)
    }
  }

  acked(applied: number, durable: number, rejected: readonly number[]): void {
    for (const seq of rejected) {
      const sent = this.inputs[seq - 1]
      if (sent !== undefined && !sent.durable) sent.state = 'rejected'
    }
    for (const sent of this.inputs.slice(this.#applied, applied)) if (sent.state === 'sent') sent.state = 'applied'
    this.#applied = Math.max(this.#applied, applied)
    if (durable > applied) this.problems.push(`${this.player}: durable ${durable} is beyond applied ${applied}`)
    this.#markDurable(durable)
  }

  state(payload: Uint8Array): void {
    const problem = this.replica.apply(payload)
    if (problem !== undefined) this.problems.push(`${this.player}: ${problem}`)
  }

  closed(): void {
    this.#joined = false
    this.connection = undefined
  }

  #markDurable(durable: number): void {
    for (const sent of this.inputs.slice(this.#durable, durable)) sent.durable = true
    this.#durable = Math.max(this.#durable, durable)
  }
}
