import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '@terrane/testing'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Engine } from './engine.js'
import { defineWorld, kind } from './world/define-world.js'
import { persona } from './zones/zone-address.js'

const LEASE_MS = 1_000

const world = defineWorld({
  name: 'shared',
  zones: { spatial: ['hall'], persona: { count: 1 } },
  kinds: { medals: kind(pgTable('shared_medals', { player: text().primaryKey() })) },
  inputs: {
    praise: { args: z.object({}), apply: (tx) => void tx.send(persona(tx.player), 'praise', { player: tx.player }) },
  },
  ops: {
    praise: { args: z.object({ player: z.string() }), apply: (tx, { player }) => void tx.medals.insert({ player }) },
  },
})

test('of zones whose process has died, those with work are taken over, and those at rest are nobody’s until asked for', async () => {
  const time = new SimulatedTime()
  const disk = new MemoryDisk()
  const engineOf = (owner: string, prefers: readonly string[]) =>
    new Engine({
      world,
      store: new MemoryStore(disk, { clock: time }),
      clock: time,
      timers: time,
      seed: owner,
      owner,
      shared: { prefers },
      limits: { leaseMs: LEASE_MS, idleMs: 1_000_000 },
    })
  const directory = new MemoryStore(disk, { clock: time }).zones
  const owners = async () => Object.fromEntries((await directory.list()).map(({ zone, owner }) => [zone, owner]))

  const gone = engineOf('gone', ['hall'])
  void gone.start()
  await time.until(() => gone.opened('hall') !== undefined)
  const hall = await gone.zone('hall')
  const stream = hall.open('ann', 'client', { onDurable: () => {}, onClosed: () => {} })
  hall.submit(stream, 1, 0, {})
  await time.until(() => gone.opened('persona-1')?.entities === 1)
  await time.advance(10_000)
  expect(await owners()).toEqual({ hall: 'gone', 'persona-1': 'gone' })
  expect(await directory.unsettled()).toEqual([])
  gone.stop()

  const heir = engineOf('heir', [])
  void heir.start()
  await time.until(() => heir.opened('hall') !== undefined)
  await time.advance(3 * LEASE_MS)
  expect(await owners()).toEqual({ hall: 'heir', 'persona-1': undefined })
  expect(heir.opened('persona-1')).toBeUndefined()

  const opening = heir.zone('persona-1')
  await time.until(() => heir.opened('persona-1') !== undefined)
  expect([...((await opening).tables.medals?.all() ?? [])]).toEqual([{ player: 'ann' }])
  expect(await owners()).toMatchObject({ 'persona-1': 'heir' })
  heir.stop()
})
