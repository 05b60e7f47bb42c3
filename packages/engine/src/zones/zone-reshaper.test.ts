import { CODE_MAX, personaCode } from '@terrane/causality'
import { MemoryStore } from '@terrane/store-memory'
import { openTestZone, type TestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Engine } from '../engine.js'
import { defineWorld, kind } from '../world/define-world.js'
import { persona } from './zone-address.js'

const purses = pgTable('reshape_purses', { player: text().primaryKey(), coins: integer().notNull() })
const tags = pgTable('reshape_tags', { id: integer().primaryKey(), player: text().notNull() })
const notes = pgTable('reshape_notes', { id: text().primaryKey() })
const gift = z.object({ from: z.string(), to: z.string(), coins: z.int() })

const world = defineWorld({
  name: 'reshape',
  zones: { spatial: ['hall'], persona: { count: 1 } },
  kinds: {
    purses: kind(purses, { persist: 'commit', placed: { by: 'player', column: 'player' } }),
    tags: kind(tags, { placed: { by: 'player', column: 'player' }, indexes: { id: { on: ['id'], unique: true } } }),
    notes: kind(notes),
  },
  inputs: {
    enter: {
      args: z.object({}),
      apply(tx) {
        tx.purses.insert({ player: tx.player, coins: 100 })
      },
    },
    tag: { args: z.object({ id: z.int() }), apply: (tx, { id }) => void tx.tags.insert({ id, player: tx.player }) },
    give: { args: gift, apply: (tx, args) => void tx.send(persona(args.from), 'give', args) },
    endless: { args: z.object({}), apply: (tx) => void tx.send(persona(tx.player), 'endless', { player: tx.player }) },
  },
  ops: {
    give: {
      args: gift,
      apply(tx, args) {
        tx.purses.update(args.from, { coins: tx.purses.must(args.from).coins - args.coins })
        tx.send(persona(args.to), 'receive', args)
      },
    },
    receive: {
      args: gift,
      apply: (tx, { to, coins }) => void tx.purses.update(to, { coins: tx.purses.must(to).coins + coins }),
      refused: (tx, { from, coins }) => void tx.purses.update(from, { coins: tx.purses.must(from).coins + coins }),
      refusedAt: ({ from }) => persona(from),
    },
    endless: {
      args: z.object({ player: z.string() }),
      apply: (tx, { player }) => tx.send(persona(player), 'endless', { player }),
    },
  },
  init: (tx) => void tx.notes.insert({ id: tx.zone }),
})

const PLAYERS = Array.from({ length: 9 }, (_, i) => `p${i}`).sort((a, b) => personaCode(a) - personaCode(b))
const [FIRST, LAST] = [PLAYERS[0] as string, PLAYERS.at(-1) as string]

async function filled(): Promise<TestZone> {
  const t = await openTestZone(world, { zone: 'persona-1' })
  for (const player of PLAYERS) t.send(player, 'enter')
  await t.durable()
  return t
}

/** Runs a promise that needs simulated time. */
async function during<T>({ time }: TestZone, promise: Promise<T>): Promise<T> {
  let isSettled = false
  promise.catch(() => {}).finally(() => (isSettled = true))
  await time.until(() => isSettled)
  return promise
}

const rowsOf = (t: TestZone, zone: string, kindName: string) =>
  [...(t.engine.opened(zone)?.tables[kindName]?.all() ?? [])] as Record<string, unknown>[]
const playersIn = (t: TestZone, zone: string) => rowsOf(t, zone, 'purses').map(({ player }) => player)
const coinsIn = (t: TestZone, ...zones: string[]) =>
  Object.fromEntries(zones.flatMap((zone) => rowsOf(t, zone, 'purses').map(({ player, coins }) => [player, coins])))
const rest = (t: TestZone) => t.time.until(() => t.engine.statuses().every(({ ops }) => ops.outbox === 0))

describe('a split', () => {
  it('gives half of the rows to a new zone, for good, and the world does not fill that', async () => {
    const t = await filled()
    const done = await during(t, t.engine.splitZone('persona-1'))
    expect(done).toEqual({ version: 2, from: 'persona-1', into: 'persona-2', rows: 5 })
    const both = () => [playersIn(t, 'persona-1'), playersIn(t, 'persona-2').sort()]
    expect(both()).toEqual([expect.arrayContaining(PLAYERS.slice(0, 4)), PLAYERS.slice(4).sort()])
    expect(rowsOf(t, 'persona-2', 'notes')).toEqual([])
    const again = await t.crash()
    await during(again, again.engine.zone('persona-2'))
    expect(playersIn(again, 'persona-1')).toHaveLength(4)
    expect(playersIn(again, 'persona-2').sort()).toEqual(PLAYERS.slice(4).sort())
    expect(again.disk.map.ranges.filter(({ authority }) => authority === 'persona')).toEqual([
      { authority: 'persona', lo: 0, hi: personaCode(PLAYERS[4] as string) - 1, zone: 'persona-1' },
      { authority: 'persona', lo: personaCode(PLAYERS[4] as string), hi: CODE_MAX, zone: 'persona-2' },
    ])
  })

  it('sends clients away, and lets them go on', async () => {
    const t = await filled()
    const closed: string[] = []
    const holder = { onDurable: () => {}, onClosed: ({ code }: { code: string }) => closed.push(code) }
    const stream = t.zone.open('guest', 'client', holder)
    const running = t.engine.splitZone('persona-1')
    await during(t, running)
    expect(closed).toEqual(['zone_moved'])
    expect(t.zone.submit(stream, 1, 0, {})).toMatchObject({ rejected: { code: 'replaced' } })
    expect(t.zone.open('guest', 'client', holder).applied).toBe(0)
    expect(t.zone.state).toBe('active')
  })

  it('is known to whoever opens the zone next, though it was there before', async () => {
    const t = await filled()
    const heir = new Engine({
      world,
      store: new MemoryStore(t.disk, { clock: t.time }),
      clock: t.time,
      timers: t.time,
      seed: 'heir',
      owner: 'heir',
      isOwnerDead: () => true,
      shared: { prefers: [] },
      limits: { leaseMs: 1_000_000 },
    })
    await during(t, heir.start())
    await during(t, t.engine.splitZone('persona-1'))
    const zone = await during(t, heir.zone('persona-1'))
    const stream = zone.open(LAST, 'client', { onDurable: () => {}, onClosed: () => {} })
    const enter = world.inputNames.indexOf('enter')
    expect(zone.submit(stream, 1, enter, {})).toMatchObject({ rejected: { code: 'not_the_authority' } })
    // And who had it before changes nothing any more.
    await expect(during(t, t.engine.mergeZones('persona-1', 'persona-2'))).rejects.toThrow()
    expect(t.disk.map.version).toBe(2)
  })

  it('is refused for zones that are in no map, and for codes that are not the zone’s', async () => {
    const t = await filled()
    await expect(during(t, t.engine.splitZone('hall'))).rejects.toMatchObject({ code: 'not_in_map' })
    await during(t, t.engine.splitZone('persona-1', 1_000))
    await expect(during(t, t.engine.splitZone('persona-1', 5_000))).rejects.toMatchObject({ code: 'not_the_authority' })
    await expect(during(t, t.engine.splitZone('persona-2', 1_000))).rejects.toMatchObject({ code: 'split_at_edge' })
  })
})

describe('a merge', () => {
  it('brings the rows together; what comes for the zone that was is passed on', async () => {
    const t = await filled()
    await during(t, t.engine.splitZone('persona-1'))
    const hall = await during(t, t.engine.zone('hall'))
    const stream = hall.open('clerk', 'client', { onDurable: () => {}, onClosed: () => {} })
    const give = (number: number, from: string, to: string) =>
      hall.submit(stream, number, world.inputNames.indexOf('give'), { from, to, coins: 10 })
    expect(give(1, LAST, FIRST)).toBeUndefined()
    expect(give(2, LAST, 'nobody')).toBeUndefined()
    // They are on their way to persona-2 while it becomes a part of persona-1.
    await during(t, t.engine.mergeZones('persona-2', 'persona-1'))
    await rest(t)
    const coins = coinsIn(t, 'persona-1', 'persona-2')
    expect(Object.keys(coins)).toHaveLength(PLAYERS.length)
    expect([coins[FIRST], coins[LAST]]).toEqual([110, 90])
    expect(playersIn(t, 'persona-2')).toEqual([])
    expect(t.engine.stats()).toMatchObject({ opsDead: 0, opsRefused: 1 })
  })

  it('is refused when rows do not fit together, and changes nothing', async () => {
    const t = await filled()
    t.send(LAST, 'tag', { id: 1 })
    await during(t, t.engine.splitZone('persona-1', personaCode(PLAYERS[4] as string)))
    const again = await openTestZone(world, { zone: 'persona-1', time: t.time, disk: (await stopped(t)).disk })
    again.send(FIRST, 'tag', { id: 1 })
    await expect(during(again, again.engine.mergeZones('persona-2', 'persona-1'))).rejects.toMatchObject({
      code: 'rows_collide',
    })
    expect(playersIn(again, 'persona-1')).toHaveLength(4)
    expect(playersIn(again, 'persona-2')).toHaveLength(5)
    again.send('clerk', 'give', { from: FIRST, to: FIRST, coins: 1 })
    expect(again.engine.statuses().map(({ state }) => state)).not.toContain('held')
  })
})

async function stopped(t: TestZone): Promise<TestZone> {
  await t.close()
  return t
}

describe('a move', () => {
  it('gives codes to another zone, and rows with them', async () => {
    const t = await filled()
    await during(t, t.engine.splitZone('persona-1'))
    const lo = personaCode(LAST)
    await during(t, t.engine.moveCodes({ authority: 'persona', lo, hi: CODE_MAX }, 'persona-1'))
    expect(playersIn(t, 'persona-1')).toContain(LAST)
    expect(playersIn(t, 'persona-2')).toHaveLength(4)
    const again = t.engine.moveCodes({ authority: 'persona', lo, hi: CODE_MAX }, 'persona-1')
    await expect(during(t, again)).rejects.toMatchObject({ code: 'own_codes' })
    const elsewhere = t.engine.moveCodes({ authority: 'persona', lo, hi: CODE_MAX }, 'hall')
    await expect(during(t, elsewhere)).rejects.toMatchObject({ code: 'not_in_map' })
    expect(t.disk.map.version).toBe(3)
  })
})

describe('an op to an address', () => {
  it('runs at once, as a transaction of its own, when the zone is the sender’s own', async () => {
    const t = await filled()
    t.send('clerk', 'give', { from: FIRST, to: LAST, coins: 10 })
    expect(coinsIn(t, 'persona-1')).toMatchObject({ [FIRST]: 90, [LAST]: 110 })
    t.send('clerk', 'give', { from: FIRST, to: 'nobody', coins: 10 })
    expect(coinsIn(t, 'persona-1')).toMatchObject({ [FIRST]: 90, [LAST]: 110 })
    expect(t.engine.stats()).toMatchObject({ opsSent: 0, opsDead: 0 })
  })

  it('cannot go round for ever', async () => {
    const t = await openTestZone(world, { zone: 'persona-1', limits: { opsPerLinkMax: 50 } })
    t.send(FIRST, 'endless')
    expect(t.zone.deadLetters()).toMatchObject([{ code: 'zone_congested', op: 'endless' }])
    t.send(FIRST, 'endless')
    expect(t.zone.deadLetters()).toHaveLength(2)
  })
})
