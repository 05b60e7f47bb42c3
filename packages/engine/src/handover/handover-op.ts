// The decision of a hand-over: one transaction that deletes rows here and sends them as an op. From there on it is an op
// like any other: it leaves when that is durable, is repeated until it is acknowledged, and is applied once.
import { messageOf } from '@terrane/core'
import { z } from 'zod'
import { OpHandler } from '../ops/op-handlers.js'
import { Rejection, rejection } from '../state/rejection.js'
import type { AnyWorld, Key, WriteTable } from '../world/define-world.js'
import type { HandoverDefinition } from '../world/handover.js'

/** No world has an op of this name. */
const HANDOVER_OP = 'terrane.handover'

const args = z.object({
  kind: z.string(),
  key: z.union([z.string(), z.number()]),
  generation: z.int(),
  rows: z.array(z.tuple([z.string(), z.array(z.record(z.string(), z.unknown()))])),
})

type Parcel = z.infer<typeof args>
// biome-ignore lint/suspicious/noExplicitAny: of any world
export type AnyHandover = HandoverDefinition<any, any, any>
// biome-ignore lint/suspicious/noExplicitAny: of any world
type Tables = Readonly<Record<string, WriteTable<any>>>

export function handoverOf(world: AnyWorld, kind: string): AnyHandover | undefined {
  return (world.handovers as Readonly<Record<string, AnyHandover>> | undefined)?.[kind]
}

export interface Decision {
  readonly kind: string
  readonly key: Key
  readonly to: string
  readonly generation: number
}

/** Within a transaction: takes the rows out, and hands `send` the op that carries them. Throws rejections. */
export function giveAway(
  world: AnyWorld,
  tx: unknown,
  { kind, key, to, generation }: Decision,
  send: (to: string, op: string, args: Parcel) => void,
): void {
  const definition = handoverOf(world, kind)
  if (definition === undefined) throw rejection('not_handed_over', `rows of ${kind} stay where they are`)
  const tables = tx as Tables
  const row = (tables[kind] as Tables[string]).must(key)
  definition.left?.(tx as never, row, to)
  const related = Object.entries(definition.related?.(tx as never, row) ?? {}) as [string, readonly Key[]][]
  const leaving: readonly [string, readonly Key[]][] = [[kind, [key]], ...related]
  const rows = leaving.map(([name, keys]): [string, Record<string, unknown>[]] => {
    const table = tables[name]
    if (table === undefined) throw rejection('not_found', `rows of the unknown kind ${name} should go along`)
    return [name, keys.map((each) => ({ ...table.must(each) }))]
  })
  for (const [name, keys] of leaving) for (const each of keys) tables[name]?.delete(each)
  send(to, HANDOVER_OP, { kind, key, generation, rows })
}

/** What the two ends of a hand-over hear. */
export interface HandoverEnds {
  taken(kind: string, key: Key, generation: number, from: string): void
  returned(kind: string, key: Key): void
}

/** How the op is applied, and what becomes of it when the other zone could not take it: the rows are back. */
export function handoverHandler(world: AnyWorld, ends: HandoverEnds): OpHandler {
  const insert = (tx: Tables, { rows }: Parcel) => {
    for (const [name, each] of rows) for (const row of each) tx[name]?.insert(row)
  }
  return new OpHandler(HANDOVER_OP, {
    args,
    apply(tx: never, parcel: never) {
      const { kind, key, generation } = parcel as Parcel
      const { from } = tx as { from: string }
      try {
        insert(tx, parcel)
        handoverOf(world, kind)?.arrived?.(tx, (tx as Tables)[kind]?.must(key) as never, from)
      } catch (cause) {
        // Whatever it is that fails: a dead letter would keep the rows from everybody.
        if (cause instanceof Rejection) throw cause
        throw rejection('world_error', messageOf(cause))
      }
      ends.taken(kind, key, generation, from)
    },
    refused(tx: never, parcel: never) {
      const { kind, key } = parcel as Parcel
      insert(tx, parcel)
      ends.returned(kind, key)
    },
  })
}
