import type { Timers } from '@terrane/core'
import type { OpEndpoint, OpExchange, OpParcel, OpReceipt, ZoneNote } from '../ports/op-exchange.js'
import { opsIn } from './op-bundle.js'

/** Ops handed over before other work of the process gets its turn: a few ms at most. */
const OPS_PER_TURN = 512

/**
 * Between the zones of one process: delivers everything once and in order, as soon as whoever sent it is done; when it
 * is a lot, in several turns of the event loop.
 */
export class LocalExchange implements OpExchange {
  readonly #endpoint: OpEndpoint
  readonly #timers: Timers
  #queue: { readonly ops: number; readonly deliver: () => void }[] = []
  #isScheduled = false
  #isStopped = false

  constructor(endpoint: OpEndpoint, timers: Timers) {
    this.#endpoint = endpoint
    this.#timers = timers
  }

  send(parcel: OpParcel): void {
    const ops = parcel.ops.reduce((sum, bundle) => sum + opsIn(bundle), 0)
    this.#enqueue(ops, () => this.#endpoint.receive(parcel))
  }

  acknowledge(receipt: OpReceipt): void {
    this.#enqueue(0, () => this.#endpoint.acknowledged(receipt))
  }

  tell(note: ZoneNote): void {
    if (this.#endpoint.has(note.to)) this.#enqueue(0, () => this.#endpoint.told(note))
  }

  stop(): void {
    this.#isStopped = true
    this.#queue = []
  }

  #enqueue(ops: number, deliver: () => void): void {
    if (this.#isStopped) return
    this.#queue.push({ ops, deliver })
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#timers.next(() => this.#turn())
  }

  #turn(): void {
    const queue = this.#queue
    let ops = 0
    let count = 0
    while (count < queue.length && ops < OPS_PER_TURN) {
      const item = queue[count++] as (typeof queue)[number]
      ops += item.ops
      item.deliver()
    }
    // `stop` may have emptied it meanwhile.
    if (this.#queue === queue) this.#queue = queue.slice(count)
    this.#isScheduled = this.#queue.length > 0
    if (this.#isScheduled) this.#timers.soon(() => this.#turn())
  }
}
