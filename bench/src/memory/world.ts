import { defineWorld, kind } from '@terrane/engine'
import { bigint, doublePrecision, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

/** World units: about 45 structures for each of the 22,500 cells. */
const WORLD_SIZE = 30_000
const KINDS = ['wall', 'floor', 'roof', 'door', 'chest', 'furnace', 'turret', 'beacon']

const structures = pgTable('structures', {
  id: text().primaryKey(),
  owner: text().notNull(),
  kind: text().notNull(),
  x: integer().notNull(),
  y: integer().notNull(),
  hp: integer().notNull(),
  rotation: doublePrecision().notNull(),
  builtAt: bigint('built_at', { mode: 'number' }).notNull(),
})

/** Bases that players have built over years: many rows that change seldom. */
const memory = defineWorld({
  name: 'memory',
  kinds: {
    structures: kind(structures, {
      visible: { to: 'nearby', x: 'x', y: 'y' },
      indexes: { byOwner: { on: ['owner'] } },
    }),
  },
  interest: { hz: 5, radius: 1_000 },
  inputs: {
    /** Structures for these owners in turns. */
    settle: {
      args: z.object({ owners: z.array(z.string()).min(1), count: z.int().min(1).max(10_000) }),
      apply(tx, { owners, count }) {
        for (let i = 0; i < count; i++) {
          tx.structures.insert({
            id: tx.newId(),
            owner: owners[i % owners.length] as string,
            kind: KINDS[tx.randomInt(0, KINDS.length - 1)] as string,
            x: tx.randomInt(0, WORLD_SIZE),
            y: tx.randomInt(0, WORLD_SIZE),
            hp: tx.randomInt(1, 1_000),
            rotation: tx.random() * 2 * Math.PI,
            builtAt: tx.now,
          })
        }
      },
    },
    /** The smallest input that changes something: shows that inputs become durable again. */
    repair: {
      args: z.object({ owner: z.string() }),
      apply(tx, { owner }) {
        const found = tx.structures.by.byOwner.get(owner)
        if (found === undefined) tx.reject('not_found', `${owner} has built nothing`)
        else tx.structures.update(found.id, { hp: (found.hp % 1_000) + 1 })
      },
    },
    count: { args: z.object({}), apply: (tx) => tx.structures.count },
  },
})

export type MemoryWorld = typeof memory
export default memory
