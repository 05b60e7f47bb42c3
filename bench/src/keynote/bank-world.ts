import { defineWorld, kind } from '@terrane/engine'
import { bigint, integer, pgTable } from 'drizzle-orm/pg-core'
import { z } from 'zod'

export const ACCOUNTS = 100_000
export const START_BALANCE = 1_000_000_000

const accounts = pgTable('accounts', {
  id: integer().primaryKey(),
  balance: bigint({ mode: 'number' }).notNull(),
})

/** The transfer workload: read two accounts, check the funds, debit, credit. */
const bank = defineWorld({
  name: 'keynote-bank',
  kinds: { accounts: kind(accounts, { visible: { to: 'nobody' } }) },
  inputs: {
    transfer: {
      args: z.object({ from: z.int(), to: z.int(), amount: z.int().positive() }),
      apply(tx, { from, to, amount }) {
        const payer = tx.accounts.must(from)
        const payee = tx.accounts.must(to)
        if (payer.balance < amount) tx.reject('insufficient_funds', 'the balance is below the amount')
        tx.accounts.update(from, { balance: payer.balance - amount })
        tx.accounts.update(to, { balance: payee.balance + amount })
      },
    },
  },
  invariants: {
    conserved(tables) {
      let sum = 0
      for (const account of tables.accounts.all()) sum += account.balance
      const due = ACCOUNTS * START_BALANCE
      return sum === due ? undefined : `accounts hold ${sum}, should hold ${due}`
    },
  },
  init(tx) {
    for (let id = 0; id < ACCOUNTS; id++) tx.accounts.insert({ id, balance: START_BALANCE })
  },
})

export default bank
