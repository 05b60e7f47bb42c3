import { beforeEach, describe, expect, test } from 'vitest'
import { BLUEPRINTS } from '../blueprints.js'
import {
  FOUNDATION_REACH,
  HARVEST_YIELD,
  HOLD_MASS_MAX,
  HULL_MAX,
  REGION_SIZE,
  SHIP_SPEED,
  STRUCTURES_PER_PLAYER_MAX,
} from '../bounds.js'
import { builder, TestPlayer } from '../test-support/scenes.js'
import { TestRegion } from '../test-support/test-region.js'

let region: TestRegion

beforeEach(async () => {
  region = await TestRegion.open('inputs', 30)
})

describe('joining', () => {
  test('gives a player, a ship at a haven and an empty hold, and names that stay the same', async () => {
    const player = new TestPlayer(region, 'ada')
    expect(region.tables.sectors.must(player.ship.sector).haven).toBe(true)
    expect(region.tables.inventories.count).toBe(0)
    const elsewhere = await TestRegion.open('another', 12)
    const twin = new TestPlayer(elsewhere, 'ada')
    expect(twin.row.name).toBe(player.row.name)
    expect(twin.ship.name).toBe(player.ship.name)
  })

  test('a second time changes nothing', async () => {
    const player = new TestPlayer(region, 'ada')
    const before = JSON.stringify([player.row, player.ship])
    region.join('ada')
    expect(JSON.stringify([player.row, player.ship])).toBe(before)
    expect(region.tables.ships.count).toBe(1)
  })
})

describe('move', () => {
  test('flies straight, at the ship’s speed, and stops at the target', async () => {
    const player = new TestPlayer(region, 'ada')
    const { x, y } = player.ship
    player.send('move', { x: x + 4 * SHIP_SPEED, y })
    await region.pass(1_000)
    expect(player.ship).toMatchObject({ x: x + SHIP_SPEED, y, moving: true })
    await region.pass(3_100)
    expect(player.ship).toMatchObject({ x: x + 4 * SHIP_SPEED, y, moving: false })
  })

  test('flies along one axis alone, and a move to where it is stops the ship', async () => {
    const player = new TestPlayer(region, 'ada')
    const { x, y } = player.ship
    player.send('move', { x, y: y + 3 * SHIP_SPEED })
    await region.pass(1_050)
    expect(player.ship).toMatchObject({ x, y: y + SHIP_SPEED, moving: true })
    player.send('move', { x, y: y + SHIP_SPEED })
    expect(player.ship.moving).toBe(false)
    expect(region.problems()).toEqual([])
  })

  test('ends at the edge of the region', async () => {
    const player = new TestPlayer(region, 'ada')
    player.send('move', { x: -5e9, y: REGION_SIZE + 0.4 })
    expect(player.ship).toMatchObject({ targetX: 0, targetY: REGION_SIZE })
  })

  test.each([{ x: 'a', y: 1 }, { x: 1 }, { x: Number.NaN, y: 1 }, { x: 1, y: Number.POSITIVE_INFINITY }])(
    'refuses %j',
    (args) => {
      expect(new TestPlayer(region, 'ada').send('move', args).rejected).toBe('invalid_args')
    },
  )
})

describe('harvest', () => {
  test('moves units from the node to the hold, cools down, and stops at a full hold and an empty node', async () => {
    const player = new TestPlayer(region, 'ada')
    const [node, next] = [...region.tables.resourceNodes.all()].filter((each) => each.capacity < HOLD_MASS_MAX)
    if (node === undefined || next === undefined) throw new Error('no small nodes')
    const capacity = node.capacity
    expect(player.send('harvest', { node: 99_999 }).rejected).toBe('not_found')
    region.arrange('ada', (tx) => tx.ships.update(player.ship.id, { x: 0, y: 0, targetX: 0, targetY: 0 }))
    expect(player.send('harvest', { node: node.id }).rejected).toBe('too_far')
    await player.fly(node)
    expect(player.send('harvest', { node: node.id }).result).toEqual({ units: HARVEST_YIELD })
    expect(node.remaining).toBe(capacity - HARVEST_YIELD)
    expect(player.send('harvest', { node: node.id }).rejected).toBe('cooling_down')
    await drain(player, node.id)
    expect(player.send('harvest', { node: node.id }).rejected).toMatch(/node_empty/)
    await player.fly(next)
    await drain(player, next.id)
    expect(player.send('harvest', { node: next.id }).rejected).toBe('hold_full')
    expect(region.problems()).toEqual([])
  })

  async function drain(player: TestPlayer, node: number): Promise<void> {
    for (let i = 0; i < 1_000; i++) {
      await region.pass(500)
      if (player.send('harvest', { node }).rejected !== undefined) return
    }
  }
})

describe('craft', () => {
  test('takes what a recipe uses and gives what it makes', async () => {
    const player = new TestPlayer(region, 'ada')
    await player.gather('ore', 20)
    expect(player.send('craft', { recipe: 'plate', count: 10 }).rejected).toBeUndefined()
    expect([player.held('ore'), player.held('plate')]).toEqual([0, 10])
    expect(player.send('craft', { recipe: 'plate', count: 1 }).rejected).toBe('missing_items')
    expect(player.send('craft', { recipe: 'alloy', count: 1 }).rejected).toBe('needs_refinery')
    expect(player.send('craft', { recipe: 'gold', count: 1 }).rejected).toBe('invalid_args')
    expect(player.send('craft', { recipe: 'plate', count: 0 }).rejected).toBe('invalid_args')
  })

  test('an alloy needs a working refinery and burns its fuel', async () => {
    const player = await builder(region, 'ada')
    const { x, y } = player.ship
    player.build('foundation', { x, y })
    const refinery = player.build('refinery', { x: x + 100, y })
    await player.gather('gas', 2)
    await player.gather('ice', 1)
    await player.fly({ x, y })
    player.send('craft', { recipe: 'fuel', count: 1 })
    region.arrange('ada', (tx) => tx.structures.update(refinery.id, { hp: 1 }))
    expect(player.send('craft', { recipe: 'alloy', count: 1 }).rejected).toBe('needs_refinery')
    region.arrange('ada', (tx) => tx.structures.update(refinery.id, { hp: BLUEPRINTS.refinery.hpMax }))
    expect(player.send('craft', { recipe: 'alloy', count: 1 }).rejected).toBeUndefined()
    expect(region.tables.ledger.must('gas').consumed).toBe(2)
    expect(region.problems()).toEqual([])
  })
})

describe('build', () => {
  test('takes the cost, needs a foundation, space and nearness, and makes the first foundation home', async () => {
    const player = await builder(region, 'ada')
    const { x, y } = player.ship
    const plates = player.held('plate')
    expect(player.send('build', { kind: 'wall', x, y }).rejected).toBe('no_foundation')
    expect(player.send('build', { kind: 'foundation', x: x + 5_000, y }).rejected).toBe('too_far')
    const foundation = player.build('foundation', { x, y })
    expect(player.held('plate')).toBe(plates - 4)
    expect(player.row).toMatchObject({ homeX: x, homeY: y, built: 1 })
    expect(foundation).toMatchObject({ owner: 'ada', hp: BLUEPRINTS.foundation.hpMax, x, y })
    expect(player.send('build', { kind: 'wall', x: x + 10, y }).rejected).toBe('too_close')
    player.build('wall', { x: x + 60, y })
    expect(player.send('build', { kind: 'beacon', x: x + 120, y }).rejected).toBe('missing_items')
    expect([...region.tables.chronicle.all()].filter(({ event }) => event === 'founded')).toHaveLength(1)
    expect(region.problems()).toEqual([])
  })

  test('no more than a player may have', async () => {
    const player = await builder(region, 'ada')
    const { x, y } = player.ship
    const template = player.build('foundation', { x, y })
    region.arrange('ada', (tx) => {
      for (let i = 1; i < STRUCTURES_PER_PLAYER_MAX; i++) {
        tx.structures.insert({ ...template, id: tx.newId(), x: i * 100, y: 0 })
      }
    })
    expect(player.send('build', { kind: 'wall', x: x + 100, y }).rejected).toBe('limit_reached')
  })

  test('not on the foundation of another', async () => {
    const [ada, bob] = [await builder(region, 'ada'), await builder(region, 'bob')]
    const { x, y } = ada.ship
    ada.build('foundation', { x, y })
    await bob.fly({ x, y })
    expect(bob.send('build', { kind: 'wall', x: x + 100, y }).rejected).toBe('no_foundation')
  })
})

describe('interact', () => {
  test('deposits and withdraws, for the owner alone', async () => {
    const ada = await builder(region, 'ada')
    const { x, y } = ada.ship
    ada.build('foundation', { x, y })
    const storage = ada.build('storage', { x: x + 100, y })
    const wall = ada.build('wall', { x: x + 200, y })
    const plates = ada.held('plate')
    const at = (structure: string, action: string, item?: string, amount?: number) =>
      ada.send('interact', { structure, action, item, amount }).rejected
    expect(at(storage.id, 'deposit', 'plate', 5)).toBeUndefined()
    expect(ada.held('plate')).toBe(plates - 5)
    expect(at(storage.id, 'deposit', 'plate', 9_999)).toBe('missing_items')
    expect(at(storage.id, 'withdraw', 'plate', 6)).toBe('store_lacks')
    expect(at(storage.id, 'dismantle')).toBe('not_empty')
    expect(at(wall.id, 'deposit', 'plate', 1)).toBe('wrong_structure')
    expect(at('nowhere', 'repair')).toBe('not_found')
    const bob = new TestPlayer(region, 'bob')
    await bob.fly(storage)
    const theft = { structure: storage.id, action: 'withdraw', item: 'plate', amount: 1 }
    expect(bob.send('interact', theft).rejected).toBe('not_owner')
    expect(bob.send('interact', { structure: wall.id, action: 'dismantle' }).rejected).toBe('not_owner')
    expect(at(storage.id, 'withdraw', 'plate', 5)).toBeUndefined()
    expect(ada.held('plate')).toBe(plates)
    expect(region.problems()).toEqual([])
  })

  test('repairs for a plate, anyone’s', async () => {
    const ada = await builder(region, 'ada')
    const { x, y } = ada.ship
    const foundation = ada.build('foundation', { x, y })
    const bob = await builder(region, 'bob')
    await bob.fly(foundation)
    const repair = { structure: foundation.id, action: 'repair' }
    region.arrange('ada', (tx) => tx.structures.update(foundation.id, { hp: BLUEPRINTS.foundation.hpMax }))
    expect(bob.send('interact', repair).rejected).toBe('undamaged')
    region.arrange('ada', (tx) => tx.structures.update(foundation.id, { hp: 390 }))
    const plates = bob.held('plate')
    expect(bob.send('interact', repair).rejected).toBeUndefined()
    expect(foundation.hp).toBe(BLUEPRINTS.foundation.hpMax)
    expect(bob.held('plate')).toBe(plates - 1)
    expect(region.problems()).toEqual([])
  })

  test('dismantles with a refund, a needed foundation last', async () => {
    const ada = await builder(region, 'ada')
    const { x, y } = ada.ship
    const foundation = ada.build('foundation', { x, y })
    const wall = ada.build('wall', { x: x + FOUNDATION_REACH - 10, y })
    const plates = ada.held('plate')
    const dismantle = (structure: string) => ada.send('interact', { structure, action: 'dismantle' }).rejected
    expect(dismantle(foundation.id)).toBe('in_use')
    expect(dismantle(wall.id)).toBeUndefined()
    expect(ada.held('plate')).toBe(plates + 1)
    expect(dismantle(foundation.id)).toBeUndefined()
    expect(region.tables.structures.count).toBe(0)
    expect(region.problems()).toEqual([])
  })

  test('overhauls a hull at a refinery', async () => {
    const ada = await builder(region, 'ada')
    const { x, y } = ada.ship
    ada.build('foundation', { x, y })
    const refinery = ada.build('refinery', { x: x + 100, y })
    const overhaul = { structure: refinery.id, action: 'overhaul' }
    region.arrange('ada', (tx) => tx.ships.update(ada.ship.id, { hull: HULL_MAX, speed: SHIP_SPEED }))
    expect(ada.send('interact', overhaul).rejected).toBe('undamaged')
    region.arrange('ada', (tx) => tx.ships.update(ada.ship.id, { hull: 30, speed: SHIP_SPEED / 2 }))
    for (let i = 0; i < 3; i++) expect(ada.send('interact', overhaul).rejected).toBeUndefined()
    expect(ada.ship).toMatchObject({ hull: HULL_MAX, speed: SHIP_SPEED })
    expect(region.problems()).toEqual([])
  })
})
