import { defineWorld, kind } from '@terrane/engine'
import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const accounts = pgTable('proof_accounts', {
  id: integer().primaryKey(),
  owner: text().notNull(),
  balance: integer().notNull(),
})
const tokens = pgTable('proof_tokens', {
  id: text().primaryKey(),
  x: integer().notNull(),
  y: integer().notNull(),
  note: jsonb().$type<{ readonly moved: number } | null>(),
})
const totals = pgTable('proof_totals', { id: text().primaryKey(), minted: integer().notNull() })

const ACCOUNTS = 12
const START = 1_000

/** A small world that uses every part of the engine hard: hot rows, rejections, deletes, moves, both kinds of persistence. */
export const proofWorld = defineWorld({
  name: 'proof',
  kinds: {
    accounts: kind(accounts, {
      indexes: { owner: { on: ['owner'] }, balance: { on: ['balance'], ordered: true } },
    }),
    tokens: kind(tokens, {
      visible: { to: 'nearby', x: 'x', y: 'y' },
      indexes: { place: { on: ['x', 'y'], unique: true } },
    }),
    totals: kind(totals, { persist: 'commit' }),
  },
  interest: { hz: 10, radius: 100, cell: 25 },
  inputs: {
    transfer: {
      args: z.object({
        from: z.int().min(0).max(ACCOUNTS),
        to: z.int().min(0).max(ACCOUNTS),
        amount: z.int().positive().max(400),
      }),
      apply(tx, { from, to, amount }) {
        const payee = tx.accounts.must(to)
        tx.accounts.update(to, { balance: payee.balance + amount, owner: tx.player })
        const payer = tx.accounts.must(from)
        // Checked after the first write on purpose: the roll-back has to take it back.
        if (payer.balance < amount) tx.reject('insufficient_funds', 'not enough money')
        tx.accounts.update(from, { balance: payer.balance - amount })
      },
    },
    mint: {
      args: z.object({ account: z.int().min(0).max(ACCOUNTS), amount: z.int().positive().max(50) }),
      apply(tx, { account, amount }) {
        const total = tx.totals.must('money')
        tx.totals.update('money', { minted: total.minted + amount })
        tx.accounts.update(account, { balance: tx.accounts.must(account).balance + amount })
        return { minted: total.minted + amount }
      },
    },
    place: {
      args: z.object({ id: z.string().max(3), x: z.int().min(-60).max(60), y: z.int().min(-60).max(60) }),
      apply(tx, { id, x, y }) {
        const held = tx.tokens.get(id)
        if (held === undefined) tx.tokens.insert({ id, x, y, note: null })
        else tx.tokens.update(id, { x, y, note: { moved: (held.note?.moved ?? 0) + 1 } })
      },
    },
    // The same key again within one transaction: a deletion and an insertion in one batch.
    replace: {
      args: z.object({ id: z.string().max(3), x: z.int().min(-60).max(60) }),
      apply(tx, { id, x }) {
        tx.tokens.delete(id)
        tx.tokens.insert({ id, x, y: 0, note: { moved: 0 } })
      },
    },
    // Two rows or none: the second may find its key or its place taken.
    pair: {
      args: z.object({ id: z.string().max(3), x: z.int().min(-60).max(60), y: z.int().min(-60).max(60) }),
      apply(tx, { id, x, y }) {
        tx.tokens.insert({ id: `${id}+`, x, y, note: null })
        tx.tokens.insert({ id, x: x + 1, y, note: null })
      },
    },
    remove: {
      args: z.object({ id: z.string().max(3) }),
      apply(tx, { id }) {
        if (!tx.tokens.delete(id)) tx.reject('not_found', 'no such token')
      },
    },
  },
  ticks: {
    drift: {
      everyMs: 250,
      apply(tx) {
        for (const token of [...tx.tokens.all()].slice(0, 4)) {
          if (tx.tokens.by.place.get(token.x + 1, token.y) === undefined) tx.tokens.update(token.id, { x: token.x + 1 })
        }
      },
    },
  },
  invariants: {
    money(tables) {
      let sum = 0
      for (const account of tables.accounts.all()) {
        if (account.balance < 0) return `account ${account.id} has ${account.balance}`
        sum += account.balance
      }
      const due = ACCOUNTS * START + (tables.totals.get('money')?.minted ?? 0)
      return sum === due ? undefined : `accounts hold ${sum}, should hold ${due}`
    },
    places(tables) {
      for (const token of tables.tokens.all()) {
        if (tables.tokens.by.place.count(token.x, token.y) !== 1) return `token ${token.id} shares its place`
      }
      return undefined
    },
  },
  init(tx) {
    for (let id = 0; id < ACCOUNTS; id++) tx.accounts.insert({ id, owner: 'bank', balance: START })
    tx.totals.insert({ id: 'money', minted: 0 })
  },
})
