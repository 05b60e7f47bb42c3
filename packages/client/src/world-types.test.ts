import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { Client } from './client.js'
import type { Input } from './inputs/input.js'
import type { Table } from './replica/table.js'

const ships = pgTable('ships', {
  id: text().primaryKey(),
  x: integer().notNull(),
  docked: text(),
  builtAt: timestamp().notNull(),
})

const world = defineWorld({
  name: 'types',
  kinds: {
    ships: kind(ships, { indexes: { byDock: { on: ['docked'] } } }),
    rocks: kind(pgTable('rocks', { n: integer().primaryKey() })),
  },
  inputs: {
    move: {
      args: z.object({ x: z.number(), y: z.number(), speed: z.enum(['slow', 'fast']).default('slow') }),
      apply: (tx, { x }) => {
        tx.ships.update(tx.player, { x: Math.round(x) })
      },
    },
    rest: { args: z.object({}), apply: () => {} },
  },
})

type Typed = Client<typeof world>

describe('types from the world', () => {
  test('inputs take what their schema accepts', () => {
    expectTypeOf<Parameters<Typed['inputs']['move']>>().toEqualTypeOf<
      [args: { x: number; y: number; speed?: 'slow' | 'fast' | undefined }]
    >()
    expectTypeOf<Parameters<Typed['inputs']['rest']>[0]>().toEqualTypeOf<Record<string, never> | undefined>()
    expectTypeOf<keyof Typed['inputs']>().toEqualTypeOf<'move' | 'rest'>()
    expectTypeOf<ReturnType<Typed['inputs']['move']>>().toExtend<Input>()
  })

  test('copies of rows of other zones have an owner, and only some of the columns', () => {
    expectTypeOf<Typed['tables']['replicas.ships']>().toExtend<
      Table<{ readonly x?: number; readonly $zone: string; readonly $stale: boolean }>
    >()
  })

  test('send and sendMany are checked by name', () => {
    const check = (client: Typed) => {
      client.send('move', { x: 1, y: 2 })
      client.send('rest')
      client.sendMany([['move', { x: 1, y: 2 }], ['rest']])
      // @ts-expect-error no such input
      client.send('fly', {})
      // @ts-expect-error y is missing
      client.send('move', { x: 1 })
      // @ts-expect-error arguments are required
      client.inputs.move()
      // @ts-expect-error the wrong arguments for this name
      client.sendMany([['move', { a: 1 }]])
      // @ts-expect-error the work of a batch is synchronous
      client.batch(async () => 1)
      client.batch(() => client.send('rest'))
    }
    expectTypeOf(check).toBeFunction()
  })

  test('rows are those of the tables', () => {
    type Ship = Readonly<{ id: string; x: number; docked: string | null; builtAt: Date }>
    expectTypeOf<Typed['tables']['ships']>().toEqualTypeOf<Table<Ship>>()
    expectTypeOf<ReturnType<Typed['tables']['ships']['get']>>().toEqualTypeOf<Ship | undefined>()
    expectTypeOf<keyof Typed['tables']>().toEqualTypeOf<'ships' | 'rocks' | 'replicas.ships' | 'replicas.rocks'>()
  })

  test('without a world, names and arguments are free', () => {
    const check = (client: Client) => {
      client.send('anything', { a: 1 })
      client.send('nothing')
      expectTypeOf(client.tables.ships?.get('k')).toEqualTypeOf<Readonly<Record<string, unknown>> | undefined>()
    }
    expectTypeOf(check).toBeFunction()
  })
})
