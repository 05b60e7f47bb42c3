import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const accounts = pgTable('island_accounts', { player: text().primaryKey(), coins: integer().notNull() })
const gift = z.object({ from: z.string(), to: z.string(), coins: z.int().positive() })

export default defineWorld({
  name: 'islands',
  kinds: { accounts: kind(accounts, { visible: { to: 'owner', column: 'player' } }) },
  zones: ['east', 'west'],
  join: (tx) => void (tx.accounts.has(tx.player) || tx.accounts.insert({ player: tx.player, coins: 100 })),
  inputs: {
    give: {
      args: z.object({ zone: z.enum(['east', 'west']), to: z.string(), coins: z.int().positive() }),
      apply(tx, { zone, to, coins }) {
        const { coins: held } = tx.accounts.must(tx.player)
        if (held < coins) tx.reject('too_poor', `you have ${held} coins`)
        tx.accounts.update(tx.player, { coins: held - coins })
        tx.send(zone, 'receive', { from: tx.player, to, coins })
      },
    },
  },
  ops: {
    receive: {
      args: gift,
      apply: (tx, { to, coins }) => void tx.accounts.update(to, { coins: tx.accounts.must(to).coins + coins }),
      refused: (tx, { from, coins }) => void tx.accounts.update(from, { coins: tx.accounts.must(from).coins + coins }),
    },
  },
})
