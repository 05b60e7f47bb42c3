import { openTestZone } from '@terrane/testing'
import { doublePrecision, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Engine } from '../engine.js'
import { defineWorld, kind, type WorldDefinition } from '../world/define-world.js'
import { persona, place } from './zone-address.js'

const scores = pgTable('persona_scores', { player: text().primaryKey(), points: integer().notNull() })
const cores = pgTable('persona_cores', {
  id: text().primaryKey(),
  x: doublePrecision().notNull(),
  y: doublePrecision().notNull(),
  z: doublePrecision().notNull(),
})
const bounds = { min: { x: 0, y: 0, z: 0 }, max: { x: 100, y: 100, z: 100 } }

const arena = defineWorld({
  name: 'persona-arena',
  zones: { spatial: ['arena'], persona: { count: 4 } },
  kinds: { scores: kind(scores, { persist: 'commit', placed: { by: 'player', column: 'player' } }) },
  inputs: {
    slot: { args: z.object({}), apply: (tx) => void tx.send(persona(tx.player), 'score', { player: tx.player }) },
    forge: { args: z.object({}), apply: (tx) => void tx.scores.insert({ player: tx.player, points: 1_000 }) },
    where: { args: z.object({ player: z.string() }), apply: (tx, { player }) => tx.zoneOf(persona(player)) },
    travel: { args: z.object({}), apply: (tx) => void tx.send(place(1, 2, 3), 'score', { player: tx.player }) },
  },
  ops: {
    score: {
      args: z.object({ player: z.string() }),
      apply(tx, { player }) {
        const held = tx.scores.get(player)
        if (held === undefined) tx.scores.insert({ player, points: 1 })
        else tx.scores.update(player, { points: held.points + 1 })
      },
    },
  },
})

const space = defineWorld({
  name: 'persona-space',
  zones: { spatial: { count: 4, bounds } },
  kinds: { cores: kind(cores, { placed: { by: 'position', x: 'x', y: 'y', z: 'z' } }) },
  inputs: {
    put: {
      args: z.object({ x: z.number() }),
      apply: (tx, { x }) => void tx.cores.insert({ id: tx.newId(), x, y: 1, z: 1 }),
    },
    roll: {
      args: z.object({ x: z.number() }),
      apply(tx, { x }) {
        for (const core of tx.cores.all()) tx.cores.update(core.id, { x })
      },
    },
    where: { args: z.object({ x: z.number() }), apply: (tx, { x }) => tx.zoneOf(place(x, 1, 1)) },
  },
})

const scoresIn = (engine: Engine) =>
  Object.fromEntries(
    engine.zones().flatMap(({ id, tables }) => [...(tables.scores?.all() ?? [])].map((row) => [id, row])),
  )
const rests = (engine: Engine) => () => engine.statuses().every(({ ops }) => ops.outbox === 0)

describe('persona zones', () => {
  it('are opened when the first op comes for one of their players, and alone hold their rows', async () => {
    const t = await openTestZone(arena)
    expect(t.engine.zones().map(({ id }) => id)).toEqual(['arena'])
    const zone = t.send('ann', 'where', { player: 'ann' })
    for (let i = 0; i < 3; i++) t.send('ann', 'slot')
    await t.durable()
    await t.time.until(rests(t.engine))
    expect(t.engine.zones().map(({ id }) => id)).toEqual(['arena', zone])
    expect(scoresIn(t.engine)).toEqual({ [zone as string]: { player: 'ann', points: 3 } })
  })

  it('that stay are loaded from the start, and not put away', async () => {
    const world = defineWorld({ ...arena, zones: { spatial: ['arena'], persona: { count: 2, stays: true } } })
    const t = await openTestZone(world, { limits: { idleMs: 1_000 } })
    await t.time.advance(60_000)
    expect(t.engine.zones().map(({ id }) => id)).toEqual(['arena', 'persona-1', 'persona-2'])
  })

  it('have each player in the same zone in every process, and all zones have some', async () => {
    const t = await openTestZone(arena)
    const players = Array.from({ length: 64 }, (_, i) => `player-${i}`)
    const zones = players.map((player) => t.send('ann', 'where', { player }))
    expect([...new Set(zones)].sort()).toEqual(['persona-1', 'persona-2', 'persona-3', 'persona-4'])
    const again = await t.crash()
    expect(players.map((player) => again.send('ann', 'where', { player }))).toEqual(zones)
  })

  it('refuse every other writer of their kinds, also another persona zone', async () => {
    const t = await openTestZone(arena)
    expect(t.attempt('ann', 'forge')).toMatchObject({ code: 'not_the_authority' })
    const zone = t.send('ann', 'where', { player: 'ann' }) as string
    const other = ['persona-1', 'persona-2'].find((each) => each !== zone) as string
    const wrong = await openTestZone(arena, { zone: other, time: t.time })
    expect(wrong.attempt('ann', 'forge')).toMatchObject({ code: 'not_the_authority' })
    const right = await openTestZone(arena, { zone, time: t.time })
    right.send('ann', 'forge')
    expect(scoresIn(right.engine)).toEqual({ [zone]: { player: 'ann', points: 1_000 } })
  })

  it('do not exist where the world declares none', async () => {
    const t = await openTestZone(arena)
    expect(t.attempt('ann', 'travel')).toMatchObject({ code: 'unknown_zone' })
    const { persona: _, ...zones } = arena.zones as { persona: object }
    expect(() => defineWorld({ ...arena, zones })).toThrow(expect.objectContaining({ code: 'invalid_world' }))
  })
})

describe('zones of space', () => {
  it('stand from the start, and hold the rows whose positions are theirs', async () => {
    const t = await openTestZone(space, { zone: 'space-1' })
    expect(t.engine.zones().map(({ id }) => id)).toEqual(['space-1', 'space-2', 'space-3', 'space-4'])
    const at = Array.from({ length: 100 }, (_, x) => t.send('ann', 'where', { x }))
    const mine = at.indexOf('space-1')
    const theirs = at.findIndex((zone) => zone !== 'space-1')
    t.send('ann', 'put', { x: mine })
    expect(t.attempt('ann', 'put', { x: theirs })).toMatchObject({ code: 'not_the_authority' })
    expect(t.attempt('ann', 'roll', { x: theirs })).toMatchObject({ code: 'not_the_authority' })
    expect([...(t.zone.tables.cores?.all() ?? [])].map((row) => (row as { x: number }).x)).toEqual([mine])
  })
})

describe('a world is refused', () => {
  const wrong: [string, NonNullable<WorldDefinition['zones']>][] = [
    ['no persona zone', { persona: { count: 0 } }],
    ['half a zone', { spatial: { count: 1.5, bounds } }],
    ["a name of the map's", { spatial: ['persona-7'], persona: { count: 2 } }],
  ]
  it.each(wrong)('for %s', (_, zones) => {
    expect(() => defineWorld({ name: 'wrong', kinds: {}, zones })).toThrow(
      expect.objectContaining({ code: 'invalid_world' }),
    )
  })
})
