import { defineWorld, type ReadTables, type Transaction } from '@terrane/engine'
import { z } from 'zod'
import { audit } from './audit.js'
import {
  ACCOUNTS,
  type ChaosKinds,
  countedAt,
  kinds,
  MARKS_PER_PAGE,
  START_BALANCE,
  STRUCTURE_SLOTS,
  STRUCTURE_WORTH,
  WORLD_SIZE,
} from './kinds.js'

type Tx = Transaction<ChaosKinds>

/** The number that a client gives an input, once. */
const mark = z.int().min(0)
const account = z
  .int()
  .min(0)
  .max(ACCOUNTS - 1)
const coordinate = z.number().min(0).max(WORLD_SIZE)

/**
 * A world in which whatever is lost, done twice or done by half can be seen afterwards. Every input carries
 * a number of its own and counts it; money moves between accounts and structures and never changes its sum.
 */
const chaos = defineWorld({
  name: 'chaos',
  kinds,
  interest: {
    hz: 5,
    radius: 200,
    follow: (tables, player) => tables.ships.get(player),
  },
  inputs: {
    transfer: {
      args: z.object({ mark, from: account, to: account, amount: z.int().min(1) }),
      apply(tx, args) {
        count(tx, args.mark)
        pay(tx, accountId(args.to), args.amount)
        // The debit comes last, so that a refusal has something to take back.
        pay(tx, accountId(args.from), -args.amount)
      },
    },
    move: {
      args: z.object({ mark, x: coordinate, y: coordinate }),
      apply(tx, args) {
        count(tx, args.mark)
        const { moves } = tx.ships.must(tx.player)
        tx.ships.update(tx.player, { x: args.x, y: args.y, moves: moves + 1 })
      },
    },
    /** Builds in a slot, or pulls down what stands there: the same key comes, goes, and comes again. */
    build: {
      args: z.object({
        mark,
        slot: z
          .int()
          .min(0)
          .max(STRUCTURE_SLOTS - 1),
        account,
      }),
      apply(tx, args) {
        count(tx, args.mark)
        const id = `${tx.player}:${args.slot}`
        const standing = tx.structures.get(id)
        if (standing === undefined) build(tx, id, accountId(args.account))
        else {
          pay(tx, standing.account, standing.worth)
          tx.structures.delete(id)
        }
      },
    },
    /** Does much and then refuses: nothing of it may stay. */
    refuse: {
      args: z.object({ mark }),
      apply(tx, args) {
        count(tx, args.mark)
        pay(tx, accountId(args.mark % ACCOUNTS), 1)
        for (const { id } of tx.structures.by.byOwner.list(tx.player)) tx.structures.delete(id)
        tx.structures.insert({ id: `refused:${tx.player}`, owner: tx.player, account: '', worth: 1, x: 0, y: 0 })
        tx.reject('refused', 'as it always is')
      },
    },
    audit: {
      args: z.object({}),
      apply: (tx) => auditOf(tx),
    },
  },
  invariants: {
    audit: (tables) => auditOf(tables).problems[0],
  },
  init(tx) {
    for (let i = 0; i < ACCOUNTS; i++) tx.accounts.insert({ id: accountId(i), balance: START_BALANCE })
  },
  join(tx) {
    if (tx.ships.has(tx.player)) return
    const place = { x: tx.randomInt(0, WORLD_SIZE), y: tx.randomInt(0, WORLD_SIZE) }
    tx.ships.insert({ id: tx.player, ...place, moves: 0 })
  },
})

function auditOf(tables: ReadTables<ChaosKinds>) {
  const { accounts, structures, marks, tallies } = tables
  return {
    ...audit({ accounts: accounts.all(), structures: structures.all(), marks: marks.all(), tallies: tallies.all() }),
  }
}

function accountId(number: number): string {
  return `account-${number}`
}

function pay(tx: Tx, id: string, amount: number): void {
  const { balance } = tx.accounts.must(id)
  if (balance + amount < 0) tx.reject('insufficient_funds', `${id} holds ${balance}`)
  tx.accounts.update(id, { balance: balance + amount })
}

function build(tx: Tx, id: string, from: string): void {
  const { x, y } = tx.ships.must(tx.player)
  pay(tx, from, -STRUCTURE_WORTH)
  tx.structures.insert({ id, owner: tx.player, account: from, worth: STRUCTURE_WORTH, x, y })
}

/** Counts that this input was executed. */
function count(tx: Tx, number: number): void {
  const page = Math.floor(number / MARKS_PER_PAGE)
  const place = number % MARKS_PER_PAGE
  const id = `${tx.player}:${page}`
  const before = tx.marks.get(id)?.counts
  const after = countedAt(before, place)
  if (before === undefined) tx.marks.insert({ id, owner: tx.player, page, counts: after })
  else tx.marks.update(id, { counts: after })

  const tally = tx.tallies.get(tx.player)?.inputs
  if (tally === undefined) tx.tallies.insert({ id: tx.player, inputs: 1 })
  else tx.tallies.update(tx.player, { inputs: tally + 1 })
}

export type ChaosWorld = typeof chaos
export default chaos
