import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const counters = pgTable('counters', { id: text('id').primaryKey(), value: integer('value').notNull() })
const notes = pgTable('notes', { id: text('id').primaryKey(), owner: text('owner').notNull(), text: text('text') })
const plans = pgTable('plans', { id: integer('id').primaryKey(), text: text('text').notNull() })

/** A small world for tests of the server; loaded as a file, as a user's world is. */
const counter = defineWorld({
  name: 'counter',
  kinds: {
    counters: kind(counters),
    notes: kind(notes, { visible: { to: 'owner', column: 'owner' } }),
    plans: kind(plans, { visible: { to: 'nobody' } }),
  },
  inputs: {
    add: {
      args: z.object({ by: z.int().min(1).max(1_000) }),
      apply(tx, { by }) {
        // The row is live: after the update it would read the new value.
        const value = (tx.counters.get(tx.player)?.value ?? 0) + by
        if (value === by) tx.counters.insert({ id: tx.player, value })
        else tx.counters.update(tx.player, { value })
        if (by === 13) tx.reject('unlucky', 'not with thirteen')
        return value
      },
    },
    note: {
      args: z.object({ text: z.string().max(100) }),
      apply(tx, { text }) {
        tx.notes.insert({ id: `note-${tx.player}`, owner: tx.player, text })
      },
    },
  },
  init: (tx) => {
    tx.plans.insert({ id: 1, text: 'secret' })
  },
})

export type Counter = typeof counter
export default counter
