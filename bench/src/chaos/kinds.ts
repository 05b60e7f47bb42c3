import { kind } from '@terrane/engine'
import { doublePrecision, integer, pgTable, text } from 'drizzle-orm/pg-core'

export const ACCOUNTS = 1_000
export const START_BALANCE = 1_000
/** What a structure takes out of an account when it is built, and gives back when it is pulled down. */
export const STRUCTURE_WORTH = 10
export const STRUCTURE_SLOTS = 8
export const MARKS_PER_PAGE = 100
export const WORLD_SIZE = 2_000

const accounts = pgTable('accounts', { id: text().primaryKey(), balance: integer().notNull() })
const structures = pgTable('structures', {
  id: text().primaryKey(),
  owner: text().notNull(),
  account: text().notNull(),
  worth: integer().notNull(),
  x: doublePrecision().notNull(),
  y: doublePrecision().notNull(),
})
const ships = pgTable('ships', {
  id: text().primaryKey(),
  x: doublePrecision().notNull(),
  y: doublePrecision().notNull(),
  moves: integer().notNull(),
})
const marks = pgTable('marks', {
  id: text().primaryKey(),
  owner: text().notNull(),
  page: integer().notNull(),
  counts: text().notNull(),
})
const tallies = pgTable('tallies', { id: text().primaryKey(), inputs: integer().notNull() })

export const kinds = {
  accounts: kind(accounts, { visible: { to: 'nobody' } }),
  structures: kind(structures, { visible: { to: 'nearby', x: 'x', y: 'y' }, indexes: { byOwner: { on: ['owner'] } } }),
  ships: kind(ships, { visible: { to: 'nearby', x: 'x', y: 'y' } }),
  /** How often each input was executed: digit `number % 100` of page `number / 100` of its owner. */
  marks: kind(marks, { visible: { to: 'owner', column: 'owner' } }),
  /** Written in the log's own transaction: this path is to be hurt as well. */
  tallies: kind(tallies, { visible: { to: 'nobody' }, persist: 'commit' }),
}
export type ChaosKinds = typeof kinds

/** The digits of a page with the one at `place` raised by one; of a page that is not there yet, for undefined. */
export function countedAt(counts: string | undefined, place: number): string {
  const before = counts ?? '0'.repeat(MARKS_PER_PAGE)
  const times = Math.min(9, Number(before[place]) + 1)
  return `${before.slice(0, place)}${times}${before.slice(place + 1)}`
}
