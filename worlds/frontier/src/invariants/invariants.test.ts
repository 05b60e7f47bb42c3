import { beforeAll, describe, expect, test } from 'vitest'
import type { Tables } from '../kinds.js'
import { playBots } from '../test-support/scenes.js'
import { type Draft, draftOf } from '../test-support/table-draft.js'
import { TestRegion } from '../test-support/test-region.js'
import { conservation } from './conservation.js'
import { ownership } from './ownership.js'
import { ranges } from './ranges.js'
import { stocks } from './stocks.js'

const invariants = { conservation, ownership, ranges, stocks }
type Name = keyof typeof invariants

let tables: Tables

beforeAll(async () => {
  const region = await TestRegion.open('invariants', 30)
  await playBots(region, ['a', 'b', 'c', 'd'], 12)
  tables = region.tables
})

test('hold in a region that was played', async () => {
  for (const invariant of Object.values(invariants)) expect(invariant(draftOf(tables).tables)).toBeUndefined()
})

/** What a bug might do, and the invariant that must see it. */
const bugs: readonly (readonly [what: string, seenBy: Name, spoil: (draft: Draft) => void])[] = [
  [
    'a unit appears in a node',
    'conservation',
    (d) => d.change('resourceNodes', { remaining: 0 }, { from: 'remaining' }),
  ],
  ['a unit appears in a hold', 'conservation', (d) => d.add('inventories', 'amount', 1)],
  ['a unit vanishes from a hold', 'conservation', (d) => d.add('inventories', 'amount', -1)],
  ['a stock is lost', 'conservation', (d) => d.remove('inventories')],
  ['a structure comes free of charge', 'conservation', (d) => d.duplicate('structures', { id: 'gift' })],
  ['a structure vanishes without a refund', 'conservation', (d) => d.remove('structures')],
  ['a structure becomes another', 'conservation', (d) => d.set('structures', { kind: 'foundation' }, { kind: 'wall' })],
  ['the ledger forgets what was consumed', 'conservation', (d) => d.add('ledger', 'consumed', -1)],
  ['the ledger counts a harvest twice', 'conservation', (d) => d.add('ledger', 'harvested', 10)],
  ['the ledger counts a regrowth twice', 'conservation', (d) => d.add('ledger', 'regrown', 6)],
  ['the ledger loses a line', 'conservation', (d) => d.remove('ledger')],
  ['a ledger account is negative', 'conservation', (d) => d.set('ledger', {}, { released: -1 })],
  ['a stock is empty', 'stocks', (d) => d.set('inventories', {}, { amount: 0 })],
  ['a stock is negative', 'stocks', (d) => d.set('inventories', {}, { amount: -3 })],
  ['a stock is a fraction', 'stocks', (d) => d.set('inventories', {}, { amount: 1.5 })],
  ['a stock is of something unknown', 'stocks', (d) => d.set('inventories', {}, { item: 'gold' })],
  ['a stock changes its item', 'stocks', (d) => d.set('inventories', { item: 'ore' }, { item: 'ice' })],
  [
    'a stock belongs to nobody',
    'stocks',
    (d) => d.set('inventories', {}, { owner: 'nobody', id: 'nobody/ore', item: 'ore', storage: '' }),
  ],
  ['a storage vanishes with its contents', 'stocks', (d) => d.removeStorageInUse()],
  ['a hold is overfull', 'stocks', (d) => d.set('inventories', { storage: '' }, { amount: 301 })],
  ['a ship belongs to nobody', 'ownership', (d) => d.set('ships', {}, { owner: 'nobody' })],
  ['a ship is lost', 'ownership', (d) => d.remove('ships')],
  ['a player has two ships', 'ownership', (d) => d.duplicate('ships', { id: 'second' })],
  [
    'a ship is moored and under way',
    'ownership',
    (d) => d.set('players', {}, { mooredX: 1, mooredY: 1, mooredHull: 1 }),
  ],
  ['a ship is half moored', 'ownership', (d) => d.set('players', {}, { mooredX: 1 })],
  ['a player is lost', 'ownership', (d) => d.remove('players')],
  ['a player builds without end', 'ownership', (d) => d.duplicateMany('structures', 200)],
  ['a ship leaves the region', 'ranges', (d) => d.set('ships', {}, { x: 60_001 })],
  ['a ship is between two units', 'ranges', (d) => d.set('ships', {}, { x: 100.5 })],
  ['a ship flies out of the region', 'ranges', (d) => d.set('ships', {}, { targetY: -1 })],
  ['a ship that moves is not marked', 'ranges', (d) => d.flip('ships', 'moving')],
  ['a hull is zero', 'ranges', (d) => d.set('ships', {}, { hull: 0 })],
  ['a ship is faster than its hull allows', 'ranges', (d) => d.set('ships', {}, { speed: 4_000 })],
  ['a ship is in no sector', 'ranges', (d) => d.set('ships', {}, { sector: 0 })],
  ['a node holds more than it can', 'ranges', (d) => d.change('resourceNodes', { remaining: 1 }, { from: 'capacity' })],
  ['a node holds less than nothing', 'ranges', (d) => d.set('resourceNodes', {}, { remaining: -1 })],
  ['a node is not marked to grow back', 'ranges', (d) => d.flip('resourceNodes', 'regrowing')],
  ['a structure has no hit points', 'ranges', (d) => d.set('structures', {}, { hp: 0 })],
  ['a structure has too many hit points', 'ranges', (d) => d.set('structures', {}, { hp: 401 })],
  ['a structure is of an unknown kind', 'ranges', (d) => d.set('structures', {}, { kind: 'castle' })],
  ['a structure is outside', 'ranges', (d) => d.set('structures', {}, { y: 70_000 })],
  ['the chronicle never forgets', 'ranges', (d) => d.duplicateMany('chronicle', 65)],
]

describe('see it when', () => {
  test.each(bugs)('%s', (_, seenBy, spoil) => {
    const draft = draftOf(tables)
    spoil(draft)
    expect(invariants[seenBy](draft.tables)).toBeTypeOf('string')
  })
})
