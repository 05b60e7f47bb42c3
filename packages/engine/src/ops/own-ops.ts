import { rejection } from '../state/rejection.js'
import { decodeBody, type OpBody } from './op-body.js'

/**
 * Ops whose address turns out to be in the zone that sends them. They run by themselves right after the transaction
 * that sent them, and become durable in the same batch: nothing can come between.
 */
export class OwnOps {
  readonly #max: number
  #waiting: Uint8Array[] = []
  /** Those behind are of the running transaction. */
  #kept = 0
  /** How many have run since the first of them was sent. */
  #run = 0
  #isRunning = false

  /** @param max ops that may follow from each other, or wait: beyond that a world would go round for ever */
  constructor(max: number) {
    this.#max = max
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  collect(body: Uint8Array): void {
    if (this.#run + this.#waiting.length >= this.#max) {
      throw rejection('zone_congested', 'too many ops of the zone to itself follow from each other', 'later')
    }
    this.#waiting.push(body)
  }

  rollback(): void {
    this.#waiting.length = this.#kept
  }

  /** The transaction that sent them is kept. */
  keep(apply: (body: OpBody) => void): void {
    this.#kept = this.#waiting.length
    if (this.#isRunning || this.#kept === 0) return
    this.#isRunning = true
    try {
      for (let body = this.#next(); body !== undefined; body = this.#next()) apply(decodeBody(body))
    } finally {
      this.#isRunning = false
      this.#run = 0
    }
  }

  #next(): Uint8Array | undefined {
    const body = this.#waiting.shift()
    if (body === undefined) return undefined
    this.#kept--
    this.#run++
    return body
  }
}
