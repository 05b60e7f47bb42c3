import { openTestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Engine } from '../engine.js'
import { defineWorld, kind } from '../world/define-world.js'

const accounts = pgTable('ops_accounts', { id: text().primaryKey(), balance: integer().notNull() })

const bank = defineWorld({
  name: 'ops-bank',
  kinds: { accounts: kind(accounts) },
  zones: ['east', 'west'],
  opens: (zone) => /^island-\d$/.test(zone),
  inputs: {
    pay: {
      args: z.object({ zone: z.string(), account: z.string(), amount: z.int() }),
      apply(tx, { zone, account, amount }) {
        const payer = tx.accounts.must('a')
        tx.send(zone, 'credit', { account, amount, back: 'a' })
        if (payer.balance < amount) tx.reject('insufficient_funds', 'not enough')
        tx.accounts.update('a', { balance: payer.balance - amount })
      },
    },
    call: {
      args: z.object({ zone: z.string(), op: z.string(), args: z.unknown() }),
      apply(tx, { zone, op, args }) {
        tx.send(zone, op as 'credit', args as never)
      },
    },
  },
  ops: {
    credit: {
      args: z.object({ account: z.string(), amount: z.int().positive(), back: z.string() }),
      apply(tx, { account, amount }) {
        if (account === 'broken') throw new Error('a bug in the world')
        const held = tx.accounts.must(account)
        tx.accounts.update(account, { balance: held.balance + amount })
      },
      refused(tx, { amount, back }, why) {
        if (why.code !== 'not_found') tx.reject('unexpected', why.code)
        tx.accounts.update(back, { balance: tx.accounts.must(back).balance + amount })
      },
    },
    // Nobody makes good for this one.
    shout: {
      args: z.object({ what: z.string() }),
      apply: (tx, { what }) => tx.reject('deaf', `zone ${tx.zone} does not hear ${what} of ${tx.from}`),
    },
  },
  init(tx) {
    for (const id of ['a', 'b']) tx.accounts.insert({ id, balance: 100 })
  },
})

type Row = { readonly balance: number }

function balances(engine: Engine): Record<string, number[]> {
  return Object.fromEntries(
    engine
      .zones()
      .map((zone) => [zone.id, [...(zone.tables.accounts?.all() ?? [])].map((row) => (row as Row).balance)]),
  )
}

const rests = (engine: Engine) => () => engine.statuses().every(({ ops }) => ops.outbox === 0)

describe('ops between zones', () => {
  it('arrive once the sender is durable, and leave its outbox once the receiver is', async () => {
    const t = await openTestZone(bank, { zone: 'east' })
    t.send('ann', 'pay', { zone: 'west', account: 'b', amount: 30 })
    expect(balances(t.engine)).toEqual({ east: [70, 100], west: [100, 100] })
    expect(t.zone.status().ops.outbox).toBe(1)
    await t.durable()
    await t.time.until(rests(t.engine))
    expect(balances(t.engine)).toEqual({ east: [70, 100], west: [100, 130] })
    expect(t.engine.stats()).toMatchObject({ opsSent: 1, opsDelivered: 1, opsResent: 0, opsDuplicate: 0 })
  })

  it('are forgotten when the transaction is rolled back', async () => {
    const t = await openTestZone(bank, { zone: 'east' })
    expect(t.attempt('ann', 'pay', { zone: 'west', account: 'b', amount: 300 })?.code).toBe('insufficient_funds')
    expect(t.zone.status().ops.outbox).toBe(0)
    await t.time.advance(1_000)
    expect(t.engine.stats()).toMatchObject({ opsSent: 0, opsDelivered: 0 })
  })

  it.each([
    ['unknown_op', 'west', 'nothing', {}],
    ['unknown_zone', 'atlantis', 'shout', { what: 'x' }],
    ['own_zone', 'east', 'shout', { what: 'x' }],
    ['invalid_args', 'west', 'credit', { account: 'b', amount: -1, back: 'a' }],
    ['op_too_large', 'west', 'shout', { what: 'x'.repeat(70_000) }],
  ])('reject at once: %s', async (code, zone, op, args) => {
    const t = await openTestZone(bank, { zone: 'east' })
    expect(t.attempt('ann', 'call', { zone, op, args })).toMatchObject({ code, retry: 'never' })
    expect(t.zone.status().ops.outbox).toBe(0)
  })

  it('are made good for when they are refused', async () => {
    const t = await openTestZone(bank, { zone: 'east' })
    t.send('ann', 'pay', { zone: 'west', account: 'nobody', amount: 30 })
    expect(balances(t.engine).east).toEqual([70, 100])
    await t.durable()
    await t.time.until(rests(t.engine))
    expect(balances(t.engine)).toEqual({ east: [100, 100], west: [100, 100] })
    expect(t.engine.stats()).toMatchObject({ opsRefused: 1, opsDead: 0 })
  })

  it('become dead letters, with the reason, when nobody makes good for them, and block nobody', async () => {
    const t = await openTestZone(bank, { zone: 'east' })
    t.send('ann', 'call', { zone: 'west', op: 'shout', args: { what: 'hey' } })
    t.send('ann', 'pay', { zone: 'west', account: 'broken', amount: 10 })
    t.send('ann', 'pay', { zone: 'west', account: 'b', amount: 1 })
    await t.durable()
    await t.time.until(rests(t.engine))
    expect(balances(t.engine).west).toEqual([100, 101])
    const west = await t.engine.zone('west')
    expect(west.deadLetters()).toMatchObject([
      {
        op: 'shout',
        sender: 'east',
        code: 'deaf',
        reason: 'zone west does not hear hey of east',
        args: '{"what":"hey"}',
      },
      { op: 'credit', sender: 'east', code: 'world_error', reason: 'a bug in the world' },
    ])
    expect(t.events.filter(({ type }) => type === 'op_dead')).toHaveLength(2)
    await t.time.advance(5_000)
    const again = await t.crash()
    expect((await again.engine.zone('west')).deadLetters()).toHaveLength(2)
    expect(t.disk.zone('west').tables.get('terrane.op_dead_letters')?.rows.size).toBe(2)
  })

  it('open zones on demand, also for the first time', async () => {
    const t = await openTestZone(bank, { zone: 'east', limits: { idleMs: 5_000 } })
    t.send('ann', 'pay', { zone: 'island-1', account: 'b', amount: 5 })
    await t.durable()
    await t.time.until(rests(t.engine))
    expect(balances(t.engine)['island-1']).toEqual([100, 105])
    await t.time.advance(30_000)
    expect(Object.keys(balances(t.engine)).sort()).toEqual(['east', 'west'])
    t.send('ann', 'pay', { zone: 'island-1', account: 'b', amount: 5 })
    await t.durable()
    await t.time.until(rests(t.engine))
    expect(balances(t.engine)['island-1']).toEqual([100, 110])
  })

  it('leave nothing unsettled behind when zones are put away, not even one that did nothing', async () => {
    const t = await openTestZone(bank, { zone: 'east' })
    t.send('ann', 'pay', { zone: 'island-1', account: 'b', amount: 5 })
    await t.durable()
    await t.time.until(rests(t.engine))
    await t.close()
    const again = await openTestZone(bank, { zone: 'island-1', time: t.time, disk: t.disk })
    await again.close()
    for (const name of ['east', 'west', 'island-1']) {
      const { checkpoint, tables } = t.disk.zone(name)
      expect([name, checkpoint]).toEqual([name, t.disk.headSeq(name)])
      expect(tables.get('terrane.op_outbox')?.rows.size ?? 0).toBe(0)
    }
  })

  it('are refused to the player while too many are on their way, and taken again afterwards', async () => {
    const t = await openTestZone(bank, { zone: 'east', limits: { opsPerLinkMax: 4 } })
    for (let i = 0; i < 3; i++) t.send('ann', 'pay', { zone: 'west', account: 'b', amount: 1 })
    const rejected = t.attempt('ann', 'pay', { zone: 'west', account: 'b', amount: 1 })
    expect(rejected).toMatchObject({ code: 'zone_congested', retry: 'later' })
    expect(t.attempt('ann', 'pay', { zone: 'island-2', account: 'b', amount: 1 })).toBeUndefined()
    await t.durable()
    await t.time.until(rests(t.engine))
    t.send('ann', 'pay', { zone: 'west', account: 'b', amount: 1 })
    await t.durable()
    await t.time.until(rests(t.engine))
    expect(balances(t.engine)).toMatchObject({ east: [95, 100], west: [100, 104], 'island-2': [100, 101] })
  })

  it('survive a crash of both sides at any moment between sending and the receipt', async () => {
    for (let waitMs = 0; waitMs < 6; waitMs++) {
      const t = await openTestZone(bank, { zone: 'east' })
      t.send('ann', 'pay', { zone: 'west', account: 'b', amount: 30 })
      t.send('ann', 'pay', { zone: 'west', account: 'nobody', amount: 30 })
      await t.time.advance(waitMs)
      const again = await t.crash()
      await again.time.advance(60_000)
      expect(rests(again.engine)()).toBe(true)
      const { east, west } = balances(again.engine)
      const sent = east?.[0] === 70
      expect(west, `crash after ${waitMs} ms`).toEqual([100, sent ? 130 : 100])
      await again.close()
    }
  })

  it('are numbered on after a restart that found the outbox empty', async () => {
    const t = await openTestZone(bank, { zone: 'east' })
    for (const amount of [1, 2]) {
      t.send('ann', 'pay', { zone: 'west', account: 'b', amount })
      await t.durable()
      await t.time.until(rests(t.engine))
    }
    await t.time.advance(5_000)
    const again = await t.crash()
    again.send('ben', 'pay', { zone: 'west', account: 'b', amount: 4 })
    await again.durable()
    await again.time.until(rests(again.engine))
    expect(balances(again.engine)).toEqual({ east: [93, 100], west: [100, 107] })
  })

  it('follow a zone that drains and one that comes back', async () => {
    const t = await openTestZone(bank, { zone: 'east' })
    t.send('ann', 'pay', { zone: 'west', account: 'b', amount: 30 })
    await t.close()
    const again = await openTestZone(bank, { zone: 'east', time: t.time, disk: t.disk })
    await again.time.until(rests(again.engine))
    expect(balances(again.engine)).toEqual({ east: [70, 100], west: [100, 130] })
  })
})
