import { defineWorld, kind, type OpSender, type Transaction } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const accounts = pgTable('trade_accounts', { id: integer().primaryKey(), balance: integer().notNull() })
/** What happened in a zone, in its order: durable exactly when its effects are. */
const history = pgTable('trade_history', {
  order: integer().primaryKey(),
  /** `sent`, `applied`, or `refused`: made good for. */
  what: text().notNull(),
  op: text().notNull(),
  to: text().notNull(),
})

const kinds = {
  accounts: kind(accounts),
  history: kind(history, { visible: { to: 'nobody' }, indexes: { op: { on: ['what', 'op'] } } }),
}

const creditArgs = z.object({
  id: z.string(),
  account: z.int(),
  amount: z.int().positive(),
  hops: z.int().min(0),
})
const noteArgs = z.object({ id: z.string(), hops: z.int().min(0) })

type Tx = Transaction<typeof kinds> & OpSender<{ credit: typeof creditArgs; note: typeof noteArgs }>

export const TRADE_ACCOUNTS = 4
export const TRADE_START = 1_000
const STANDING_ZONES = ['north', 'south', 'port'] as const
export const TRADE_ZONES = [...STANDING_ZONES, 'ship-0', 'ship-1'] as const

function note(tx: Tx, what: 'sent' | 'applied' | 'refused', op: string, to = ''): void {
  tx.history.insert({ order: tx.history.count, what, op, to })
}

/** Sends value, or only word, to some other zone. */
function sendOn(tx: Tx, id: string, zone: string, amount: number, hops: number): void {
  note(tx, 'sent', id, zone)
  if (amount === 0) {
    tx.send(zone, 'note', { id, hops })
    return
  }
  const payer = tx.accounts.must(0)
  tx.accounts.update(0, { balance: payer.balance - amount })
  // An account too many: some are refused where they arrive.
  tx.send(zone, 'credit', { id, account: tx.randomInt(0, TRADE_ACCOUNTS), amount, hops })
  if (payer.balance < amount) tx.reject('insufficient_funds', 'not enough money')
}

function passOn(tx: Tx, id: string, amount: number, hops: number): void {
  if (hops === 0) return
  const others = TRADE_ZONES.filter((zone) => zone !== tx.zone)
  const zone = others[tx.randomInt(0, others.length - 1)] as string
  const affordable = tx.accounts.must(0).balance >= amount ? amount : 0
  sendOn(tx, `${id}.${hops}`, zone, affordable, hops - 1)
}

/** Trade between zones: value that is sent, passed on and refused, and word of it that travels other ways. */
export const tradeWorld = defineWorld({
  name: 'trade',
  kinds,
  zones: STANDING_ZONES,
  opens: (zone) => (TRADE_ZONES as readonly string[]).includes(zone),
  inputs: {
    trade: {
      args: z.object({ id: z.string(), zone: z.string(), amount: z.int().min(0), hops: z.int().min(0) }),
      apply: (tx, { id, zone, amount, hops }) => sendOn(tx, id, zone, amount, hops),
    },
  },
  ops: {
    credit: {
      args: creditArgs,
      apply(tx, { id, account, amount, hops }) {
        note(tx, 'applied', id)
        const held = tx.accounts.must(account)
        tx.accounts.update(account, { balance: held.balance + amount })
        passOn(tx, id, amount, hops)
      },
      refused(tx, { id, amount }) {
        note(tx, 'refused', id)
        tx.accounts.update(0, { balance: tx.accounts.must(0).balance + amount })
      },
    },
    note: {
      args: noteArgs,
      apply(tx, { id, hops }) {
        note(tx, 'applied', id)
        passOn(tx, id, 0, hops)
      },
    },
  },
  init(tx) {
    for (let id = 0; id < TRADE_ACCOUNTS; id++) tx.accounts.insert({ id, balance: TRADE_START })
  },
})
