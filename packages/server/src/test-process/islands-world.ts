import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const START_COINS = 1_000

const purses = pgTable('purses', { player: text().primaryKey(), coins: integer().notNull() })
const banks = pgTable('banks', { id: text().primaryKey(), coins: integer().notNull() })

/** Two zones, between which coins go: for tests of several processes. */
const islands = defineWorld({
  name: 'islands',
  kinds: { purses: kind(purses), banks: kind(banks) },
  zones: ['east', 'west'],
  inputs: {
    /** Into the bank of the other island. Returns what is left in the purse. */
    ship: {
      args: z.object({ to: z.enum(['east', 'west']), coins: z.int().min(1) }),
      apply(tx, { to, coins }) {
        const held = tx.purses.must(tx.player).coins
        if (held < coins) tx.reject('too_poor', `there are ${held} coins in the purse`)
        tx.purses.update(tx.player, { coins: held - coins })
        tx.send(to, 'land', { coins })
        return held - coins
      },
    },
  },
  ops: {
    land: {
      args: z.object({ coins: z.int() }),
      apply: (tx, { coins }) => void tx.banks.update('bank', { coins: tx.banks.must('bank').coins + coins }),
    },
  },
  init: (tx) => void tx.banks.insert({ id: 'bank', coins: 0 }),
  join: (tx) => void (tx.purses.has(tx.player) || tx.purses.insert({ player: tx.player, coins: START_COINS })),
})

export type Islands = typeof islands
export default islands
