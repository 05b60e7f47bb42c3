import { defineWorld, kind, persona, type Transaction } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const accounts = pgTable('bank_accounts', { player: text().primaryKey(), balance: integer().notNull() })
/** What became of payments: where they were sent from, and where they were credited or came back. */
const entries = pgTable('bank_entries', { id: text().primaryKey(), player: text().notNull() })

const kinds = {
  accounts: kind(accounts, { persist: 'commit', placed: { by: 'player', column: 'player' } }),
  entries: kind(entries, { visible: { to: 'nobody' }, placed: { by: 'player', column: 'player' } }),
}
const payment = z.object({ id: z.string(), from: z.string(), to: z.string(), amount: z.int().positive() })

export const BANK_START = 1_000
export const BANK_PLAYERS: readonly string[] = Array.from({ length: 24 }, (_, i) => `player-${i}`)
/** Payments to it come back. */
export const BANK_NOBODY = 'nobody'

/** Adds to an account; the first time it is opened. */
function book(tx: Transaction<typeof kinds>, what: string, player: string, amount: number): void {
  const held = tx.accounts.get(player) ?? tx.accounts.insert({ player, balance: BANK_START })
  tx.accounts.update(player, { balance: held.balance + amount })
  tx.entries.insert({ id: what, player })
}

/** Players who pay each other, with accounts in zones that are split, merged and moved under them. */
export const bankWorld = defineWorld({
  name: 'bank',
  zones: { spatial: ['counter'], persona: { count: 2 } },
  kinds,
  inputs: {
    order: { args: payment, apply: (tx, args) => tx.send(persona(args.from), 'pay', args) },
  },
  ops: {
    pay: {
      args: payment,
      apply(tx, args) {
        book(tx, `${args.id} sent`, args.from, -args.amount)
        tx.send(persona(args.to), 'credit', args)
      },
    },
    credit: {
      args: payment,
      apply(tx, { id, to, amount }) {
        if (to === BANK_NOBODY) tx.reject('no_account', 'nobody has no account')
        book(tx, `${id} credited`, to, amount)
      },
      refused: (tx, { id, from, amount }) => book(tx, `${id} returned`, from, amount),
      refusedAt: ({ from }) => persona(from),
    },
  },
})
