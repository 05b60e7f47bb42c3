import { defineWorld, kind } from '@terrane/engine'
import { doublePrecision, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const structures = pgTable('structures', {
  id: integer().primaryKey(),
  owner: text().notNull(),
  kind: text().notNull(),
  x: doublePrecision().notNull(),
  y: doublePrecision().notNull(),
  health: integer().notNull(),
})

const SIDE = 20_000
const OWNERS = 1_000

/** Many rows, some of which change. */
export const structuresWorld = defineWorld({
  name: 'take-over',
  kinds: {
    structures: kind(structures, { visible: { to: 'nearby', x: 'x', y: 'y' }, indexes: { owner: { on: ['owner'] } } }),
  },
  interest: { radius: 200 },
  inputs: {
    build: {
      args: z.object({ from: z.int(), count: z.int() }),
      apply(tx, { from, count }) {
        for (let id = from; id < from + count; id++) {
          const place = { x: tx.random() * SIDE, y: tx.random() * SIDE }
          tx.structures.insert({ id, owner: `player-${id % OWNERS}`, kind: 'wall', ...place, health: 100 })
        }
      },
    },
    hit: {
      args: z.object({ id: z.int() }),
      apply: (tx, { id }) => void tx.structures.update(id, { health: tx.structures.must(id).health - 1 }),
    },
  },
})
