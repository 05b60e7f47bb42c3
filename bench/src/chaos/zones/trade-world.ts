import { defineWorld, type Transaction } from '@terrane/engine'
import { z } from 'zod'
import { countedAt, MARKS_PER_PAGE } from '../kinds.js'
import { kinds, START_COINS, type TradeKinds, VAULTS, ZONES } from './kinds.js'

type Tx = Transaction<TradeKinds>

/** The number that a client gives an input, once. */
const mark = z.int().min(0)
const coins = z.int().min(1)
const vault = z
  .int()
  .min(0)
  .max(VAULTS - 1)

/** A vault takes no sum that this divides, so that ops are refused, too. */
const UNLUCKY = 7

/**
 * Zones that pay each other. Each payment is an op that is applied or refused, and half of them send a coin back by
 * another op; so what is lost, done twice or done by half between zones can be seen afterwards.
 */
const trade = defineWorld({
  name: 'trade',
  kinds,
  zones: [...ZONES],
  inputs: {
    pay: {
      args: z.object({ mark, to: z.enum(ZONES), vault, coins }),
      apply(tx, args) {
        countInput(tx, args.mark)
        earn(tx, tx.player, -args.coins)
        tx.send(args.to, 'paid', { player: tx.player, mark: args.mark, vault: args.vault, coins: args.coins })
      },
    },
    /** Pays and then refuses: neither the rows nor the op may stay. */
    refuse: {
      args: z.object({ mark, to: z.enum(ZONES) }),
      apply(tx, args) {
        countInput(tx, args.mark)
        tx.send(args.to, 'paid', { player: tx.player, mark: args.mark, vault: 0, coins: 1 })
        tx.reject('refused', 'as it always is')
      },
    },
  },
  ops: {
    paid: {
      args: z.object({ player: z.string(), mark, vault, coins }),
      apply(tx, args) {
        count(tx.arrivals, args.player, args.mark)
        if (args.coins % UNLUCKY === 0) tx.reject('unlucky', 'not this sum')
        const back = args.coins % 2
        const id = `vault-${args.vault}`
        tx.vaults.update(id, { coins: tx.vaults.must(id).coins + args.coins - back })
        if (back > 0) tx.send(tx.from, 'change', { player: args.player, coins: back })
      },
      refused(tx, args) {
        count(tx.refunds, args.player, args.mark)
        earn(tx, args.player, args.coins)
      },
    },
    change: {
      args: z.object({ player: z.string(), coins }),
      apply: (tx, args) => earn(tx, args.player, args.coins),
    },
  },
  invariants: {
    'no debts': (tables) => {
      for (const { player, coins } of tables.purses.all()) if (coins < 0) return `${player} holds ${coins}`
      return undefined
    },
  },
  init(tx) {
    for (let i = 0; i < VAULTS; i++) tx.vaults.insert({ id: `vault-${i}`, coins: 0 })
  },
  join(tx) {
    if (!tx.purses.has(tx.player)) tx.purses.insert({ player: tx.player, coins: START_COINS })
  },
})

function earn(tx: Tx, player: string, amount: number): void {
  const held = tx.purses.must(player).coins
  if (held + amount < 0) tx.reject('too_poor', `there are ${held} coins in the purse`)
  tx.purses.update(player, { coins: held + amount })
}

function countInput(tx: Tx, number: number): void {
  count(tx.marks, tx.player, number)
  const tally = tx.tallies.get(tx.player)?.inputs
  if (tally === undefined) tx.tallies.insert({ id: tx.player, inputs: 1 })
  else tx.tallies.update(tx.player, { inputs: tally + 1 })
}

function count(pages: Tx['marks'] | Tx['arrivals'] | Tx['refunds'], owner: string, number: number): void {
  const page = Math.floor(number / MARKS_PER_PAGE)
  const id = `${owner}:${page}`
  const before = pages.get(id)?.counts
  const counts = countedAt(before, number % MARKS_PER_PAGE)
  if (before === undefined) pages.insert({ id, owner, page, counts })
  else pages.update(id, { counts })
}

export type TradeWorld = typeof trade
export default trade
