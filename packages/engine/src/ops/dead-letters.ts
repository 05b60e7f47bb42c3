import type { Clock } from '@terrane/core'
import type { KindTable } from '../state/kind-table.js'
import type { OpRefusal } from '../world/define-world.js'
import type { Report } from '../zone/events.js'
import type { OpBody } from './op-body.js'

/** An op that had no effect, and that nobody has made good for. */
export interface DeadLetter {
  /** Number of the sender, and of the op among those that it sent here. */
  readonly id: string
  readonly sender: string
  readonly op: string
  /** As JSON. */
  readonly args: string
  readonly code: string
  readonly reason: string
  /** ms since the epoch. */
  readonly died_at: number
}

/** Characters of arguments and reasons that are kept: the op itself may be as large as `opSizeMax`. */
const TEXT_MAX = 8_192

/** The dead letters of a zone, as rows. */
export class DeadLetters {
  readonly #zone: string
  readonly #table: KindTable
  readonly #clock: Clock
  readonly #max: number
  readonly #report: Report

  constructor(options: { zone: string; table: KindTable; clock: Clock; max: number; report: Report }) {
    this.#zone = options.zone
    this.#table = options.table
    this.#clock = options.clock
    this.#max = options.max
    this.#report = options.report
  }

  get count(): number {
    return this.#table.count
  }

  *all(): IterableIterator<DeadLetter> {
    for (const row of this.#table.all()) yield row as unknown as DeadLetter
  }

  /** Within a transaction of the engine. */
  add(id: string, sender: string, body: OpBody, why: OpRefusal, cause?: unknown): void {
    if (this.#table.count >= this.#max) {
      const oldest = this.#table.all().next().value
      if (oldest !== undefined) this.#table.delete(oldest.id as string)
    }
    const letter = { sender, op: body.op, args: storable(jsonOf(body.args)), code: why.code, reason: why.message }
    const code = storable(letter.code)
    const reason = storable(letter.reason)
    this.#table.insert({ id, ...letter, op: storable(letter.op), code, reason, died_at: Math.floor(this.#clock.now()) })
    this.#report({ type: 'op_dead', zone: this.#zone, ...letter, cause: cause ?? why.message })
  }
}

function jsonOf(args: unknown): string {
  try {
    return JSON.stringify(args) ?? 'null'
  } catch {
    return '"not to be shown as JSON"'
  }
}

/** What SQL takes as text: of bounded length, well-formed, without NUL. */
function storable(text: string): string {
  return text.slice(0, TEXT_MAX).replaceAll('\0', '').toWellFormed()
}
