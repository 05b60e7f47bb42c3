import { openTestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind } from '../index.js'

const wares = pgTable('command_wares', { id: text().primaryKey(), count: integer().notNull() })

const world = defineWorld({
  name: 'command-test',
  kinds: { wares: kind(wares) },
  opens: (zone) => zone.startsWith('shop-'),
  founds: (zone) => zone !== 'shop-private',
  keeps: (tables) => tables.wares.has('till'),
  commands: {
    stock: {
      args: z.object({ ids: z.array(z.string()) }),
      apply(tx, { ids }) {
        for (const id of ids) tx.wares.insert({ id, count: 1 })
        return { added: ids.length }
      },
    },
    look: { args: z.object({}), apply: (tx) => tx.wares.count },
    refuse: {
      args: z.object({}),
      apply(tx) {
        tx.wares.insert({ id: 'half', count: 1 })
        tx.reject('closed', 'the shop is closed')
      },
    },
    fail: {
      args: z.object({}),
      apply() {
        throw new Error('a slip')
      },
    },
  },
})

test('a command is durable when it answers: all of it is there after a crash', async () => {
  const shop = await openTestZone(world)
  const ids = Array.from({ length: 5_000 }, (_, i) => `ware-${i}`)
  let answer: unknown
  const done = shop.zone.command('stock', { ids }).then((result) => {
    answer = result
  })
  expect(answer).toBeUndefined()
  await shop.time.until(() => answer !== undefined)
  await done
  expect(answer).toEqual({ added: 5_000 })
  const again = await shop.crash()
  expect(again.zone.tables.wares?.count).toBe(5_000)
  await again.close()
})

test('a command that only looks waits for what it has seen to be durable', async () => {
  const shop = await openTestZone(world)
  const answers: string[] = []
  void shop.zone.command('stock', { ids: ['a', 'b'] }).then(() => answers.push('stock'))
  void shop.zone.command('look', {}).then((count) => answers.push(`look ${count}`))
  await shop.time.until(() => answers.length === 2)
  expect(answers).toEqual(['stock', 'look 2'])
  await shop.close()
})

test('refusals, failures and arguments that do not fit have no effect', async () => {
  const shop = await openTestZone(world)
  await expect(shop.zone.command('refuse', {})).rejects.toMatchObject({ code: 'closed', message: 'the shop is closed' })
  await expect(shop.zone.command('fail', {})).rejects.toMatchObject({ code: 'world_error' })
  await expect(shop.zone.command('stock', { ids: 'a' })).rejects.toMatchObject({ code: 'invalid_args' })
  await expect(shop.zone.command('toString', {})).rejects.toMatchObject({ code: 'unknown_command' })
  expect(shop.zone.tables.wares?.count).toBe(0)
  expect(shop.events).toContainEqual(expect.objectContaining({ type: 'command_failed', command: 'fail' }))
  await shop.close()
})

test('a zone that ends before a command is durable says that its effect is unknown', async () => {
  const shop = await openTestZone(world)
  const lost = shop.zone.command('stock', { ids: ['a'] })
  lost.catch(() => {})
  shop.engine.stop()
  await expect(lost).rejects.toMatchObject({ code: 'zone_moved' })
})

test('what the world keeps stays loaded while nobody is there; the rest is put away', async () => {
  const shop = await openTestZone(world, { zone: 'shop-kept', limits: { idleMs: 1_000 } })
  const other = shop.engine.zone('shop-idle')
  let stocked = false
  void shop.zone.command('stock', { ids: ['till'] }).then(() => {
    stocked = true
  })
  await shop.time.until(() => stocked)
  await other
  await shop.time.advance(5_000)
  expect(shop.engine.statuses().map(({ id }) => id)).toEqual(['main', 'shop-kept'])
  await shop.close()
})

test('players found zones where the world lets them; elsewhere a command does, and then they may come', async () => {
  const shop = await openTestZone(world)
  const ids = () => shop.engine.statuses().map(({ id }) => id)
  const visit = async (zone: string) => {
    let outcome = ''
    shop.engine.visit(zone).then(
      () => {
        outcome = 'open'
      },
      ({ code }) => {
        outcome = code
      },
    )
    await shop.time.until(() => outcome !== '')
    return outcome
  }
  expect(await visit('shop-public')).toBe('open')
  expect(await visit('shop-private')).toBe('unknown_topic')
  expect(await visit('elsewhere')).toBe('unknown_topic')
  expect(ids()).toEqual(['main', 'shop-public'])
  void shop.engine.zone('shop-private')
  await shop.time.until(() => ids().includes('shop-private'))
  const again = await shop.crash()
  expect((await again.engine.visit('main')).id).toBe('main')
  let found = ''
  void again.engine.visit('shop-private').then(({ id }) => {
    found = id
  })
  await again.time.until(() => found !== '')
  expect(found).toBe('shop-private')
  await again.close()
})
