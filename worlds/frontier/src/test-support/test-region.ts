import { defineWorld } from '@terrane/engine'
import { openTestZone, type TestZone } from '@terrane/testing'
import { z } from 'zod'
import { createFrontier, type Frontier } from '../frontier.js'
import type { Input, Tables, Tx } from '../kinds.js'

export type InputName = keyof NonNullable<Frontier['inputs']>

export interface Answer {
  readonly result?: unknown
  /** The code of a rejection. */
  readonly rejected?: string
}

const NO_ARGS = z.object({})

/** A region on a store in memory, whose time the test moves. */
export class TestRegion {
  #zone: TestZone
  readonly #arrangement: Arrangement

  private constructor(zone: TestZone, arrangement: Arrangement) {
    this.#zone = zone
    this.#arrangement = arrangement
  }

  static async open(seed = 'test', sectors = 12): Promise<TestRegion> {
    const frontier = createFrontier({ seed, sectors })
    const arrangement = new Arrangement()
    const arrange: Input<typeof NO_ARGS> = { args: NO_ARGS, apply: (tx) => arrangement.perform(tx) }
    const world = defineWorld({ ...frontier, inputs: { ...frontier.inputs, arrange } })
    return new TestRegion(await openTestZone(world, { seed }), arrangement)
  }

  get now(): number {
    return this.#zone.time.now()
  }

  get tables(): Tables {
    return this.#zone.zone.tables as unknown as Tables
  }

  /** Sends an input; a player's first joins them. */
  input(player: string, name: InputName | 'arrange', args: unknown): Answer {
    try {
      return { result: this.#zone.send(player, name, args) }
    } catch (thrown) {
      const code = thrown instanceof Error ? /^([a-z_]+): /.exec(thrown.message)?.[1] : undefined
      if (code === undefined || code === 'world_error') throw thrown
      return { rejected: code }
    }
  }

  join(player: string): Answer {
    return this.arrange(player, () => {})
  }

  /** Changes rows directly, for what cannot be waited for. */
  arrange(player: string, work: (tx: Tx) => void): Answer {
    this.#arrangement.next = work
    return this.input(player, 'arrange', {})
  }

  /** Lets time pass; ticks, commits and checkpoints run when they are due. */
  pass(ms: number): Promise<void> {
    return this.#zone.time.advance(ms)
  }

  /** Everybody leaves and the process ends without warning; the region is opened again from what is durable. */
  async crash(): Promise<void> {
    this.#zone = await this.#zone.crash()
  }

  async durable(): Promise<void> {
    await this.#zone.durable()
  }

  /** All rows of all kinds, in an order that does not depend on how they came to be. */
  rows(): string[] {
    const rows: string[] = []
    for (const [kind, table] of Object.entries(this.tables)) {
      for (const row of table.all()) rows.push(`${kind} ${JSON.stringify(row)}`)
    }
    return rows.sort()
  }

  /** Every invariant that does not hold. */
  problems(): string[] {
    return this.#zone.problems()
  }
}

class Arrangement {
  next: (tx: Tx) => void = () => {}

  perform(tx: Tx): void {
    this.next(tx)
  }
}
