import { openTestZone, SimulatedTime } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind } from './world/define-world.js'

const accounts = pgTable('accounts', {
  id: integer().primaryKey(),
  owner: text().notNull(),
  balance: integer().notNull(),
})

const bank = defineWorld({
  name: 'bank',
  kinds: {
    accounts: kind(accounts, {
      indexes: { owner: { on: ['owner'] }, richest: { on: ['balance'], ordered: true } },
    }),
  },
  inputs: {
    transfer: {
      args: z.object({ from: z.int(), to: z.int(), amount: z.int().positive() }),
      apply(tx, { from, to, amount }) {
        const payer = tx.accounts.must(from)
        const payee = tx.accounts.must(to)
        tx.accounts.update(to, { balance: payee.balance + amount })
        if (payer.balance < amount) tx.reject('insufficient_funds', 'not enough money')
        tx.accounts.update(from, { balance: payer.balance - amount })
      },
    },
    open: {
      args: z.object({ id: z.int(), owner: z.string() }),
      apply(tx, { id, owner }) {
        tx.accounts.insert({ id, owner, balance: 0 })
        return { id }
      },
    },
    close: { args: z.object({ id: z.int() }), apply: (tx, { id }) => tx.accounts.delete(id) },
  },
  invariants: {
    conserved(tables) {
      let sum = 0
      for (const account of tables.accounts.all()) sum += account.balance
      return sum === 1000 ? undefined : `the sum is ${sum}`
    },
  },
  init(tx) {
    for (let id = 1; id <= 10; id++) tx.accounts.insert({ id, owner: 'bank', balance: 100 })
  },
})

describe('a zone', () => {
  it('tells transactions the time in whole milliseconds, whatever the clock says', async () => {
    const t = await openTestZone(
      defineWorld({ name: 'clock', kinds: {}, inputs: { time: { args: z.object({}), apply: (tx) => tx.now } } }),
      { time: new SimulatedTime(1_700_000_000_000.75) },
    )
    expect(t.send('ann', 'time')).toBe(1_700_000_000_000)
    await t.close()
  })

  it('is let go of for another process, and not opened again for the time of a lease, unless it is taken back', async () => {
    const t = await openTestZone(bank, { limits: { leaseMs: 3_000 } })
    const ended = async <T>(work: Promise<T>): Promise<T> => {
      let isEnded = false
      const watched = work.finally(() => {
        isEnded = true
      })
      watched.catch(() => {})
      await t.time.until(() => isEnded)
      return watched
    }
    t.send('ann', 'transfer', { from: 1, to: 2, amount: 30 })
    await ended(t.engine.yieldZone('main'))
    expect(t.engine.opened('main')).toBeUndefined()
    expect(t.disk.zones.get('main')).toMatchObject({ owner: undefined })
    await expect(ended(t.engine.zone('main'))).rejects.toMatchObject({ code: 'zone_held', retry: 'later' })
    const again = await ended(t.engine.takeZone('main'))
    expect(again.epoch).toBe(2)
    expect(again.tables.accounts?.get(2)?.balance).toBe(130)
    await ended(t.engine.yieldZone('main'))
    await t.time.advance(3_000)
    expect((await ended(t.engine.zone('main'))).epoch).toBe(3)
    await t.close()
  })

  it('applies, rolls back, makes durable and recovers', async () => {
    let t = await openTestZone(bank)
    expect(t.send('ann', 'transfer', { from: 1, to: 2, amount: 30 })).toBeUndefined()
    expect(t.attempt('ann', 'transfer', { from: 1, to: 2, amount: 300 })?.code).toBe('insufficient_funds')
    expect(t.attempt('ann', 'transfer', { from: 1, to: 2 })?.message).toContain('amount')
    expect(t.send('bob', 'open', [77, 'bob'])).toEqual({ id: 77 })
    await t.durable()
    expect(t.zone.tables.accounts?.get(2)?.balance).toBe(130)
    expect(t.problems()).toEqual([])
    t = await t.crash()
    expect(t.zone.tables.accounts?.get(2)?.balance).toBe(130)
    expect(t.zone.tables.accounts?.get(77)).toEqual({ id: 77, owner: 'bob', balance: 0 })
    await t.time.advance(5000)
    expect(t.zone.status().checkpoint).toBe(t.zone.status().seq)
    t = await t.crash()
    expect(t.zone.tables.accounts?.count).toBe(11)
    expect(t.problems()).toEqual([])
    await t.close()
    expect(t.events.filter((e) => e.type.endsWith('failed'))).toEqual([])
    expect(new SimulatedTime().now()).toBeGreaterThan(0)
  })
})
