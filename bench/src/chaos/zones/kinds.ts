import { kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { kinds as single } from '../kinds.js'

export const ZONES = ['north', 'east', 'south', 'west'] as const
/** More than anybody spends in a run. */
export const START_COINS = 1_000_000
export const VAULTS = 100

const purses = pgTable('purses', { player: text().primaryKey(), coins: integer().notNull() })
const vaults = pgTable('vaults', { id: text().primaryKey(), coins: integer().notNull() })
const arrivals = pgTable('arrivals', {
  id: text().primaryKey(),
  owner: text().notNull(),
  page: integer().notNull(),
  counts: text().notNull(),
})
const refunds = pgTable('refunds', {
  id: text().primaryKey(),
  owner: text().notNull(),
  page: integer().notNull(),
  counts: text().notNull(),
})

export const kinds = {
  purses: kind(purses, { visible: { to: 'owner', column: 'player' } }),
  vaults: kind(vaults, { visible: { to: 'nobody' } }),
  /** Inputs that were executed in the player's zone, by digit. */
  marks: single.marks,
  /** The same count, in the log's own transaction. */
  tallies: single.tallies,
  /** Payments that were applied in this zone, by digit of the input that made them. */
  arrivals: kind(arrivals, { visible: { to: 'nobody' } }),
  /** Payments of this zone that were refused, and given back. */
  refunds: kind(refunds, { visible: { to: 'nobody' } }),
}
export type TradeKinds = typeof kinds
