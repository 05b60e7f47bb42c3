import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const columns = { id: text().primaryKey(), x: integer().notNull(), y: integer().notNull(), ore: integer().notNull() }
const nearby = { visible: { to: 'nearby', x: 'x', y: 'y' } } as const

export default defineWorld({
  name: 'mining',
  kinds: {
    ships: kind(pgTable('ships', columns), nearby),
    rocks: kind(pgTable('rocks', columns), nearby),
  },
  interest: { hz: 10, radius: 500, follow: (tables, player) => tables.ships.get(player) },
  inputs: {
    move: {
      args: z.object({ x: z.int().min(-999).max(999), y: z.int().min(-999).max(999) }),
      apply(tx, { x, y }) {
        tx.ships.update(tx.player, { x, y })
      },
    },
    mine: {
      args: z.object({ rock: z.string() }),
      apply(tx, { rock }) {
        const [ship, found] = [tx.ships.must(tx.player), tx.rocks.must(rock)]
        if (Math.hypot(found.x - ship.x, found.y - ship.y) > 100) tx.reject('too_far', 'fly closer')
        if (found.ore === 0) tx.reject('empty', 'nothing is left of this rock')
        tx.rocks.update(rock, { ore: found.ore - 1 })
        return tx.ships.update(tx.player, { ore: ship.ore + 1 }).ore
      },
    },
  },
  join(tx) {
    if (!tx.ships.has(tx.player)) tx.ships.insert({ id: tx.player, x: 0, y: 0, ore: 0 })
  },
  init(tx) {
    const place = () => tx.randomInt(-999, 999)
    for (let i = 0; i < 50; i++) tx.rocks.insert({ id: `rock${i}`, x: place(), y: place(), ore: 9 })
  },
})
