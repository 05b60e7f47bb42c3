import { beforeAll, expect, test } from 'vitest'
import { centralNexus, regionNamed, TestGalaxy } from '../test-support/test-galaxy.js'

const DAY_MS = 24 * 3_600_000
const MINUTE_MS = 60_000

beforeAll(() => void centralNexus())

/** Regions of these names, attached. */
async function galaxyOf(...names: string[]): Promise<TestGalaxy> {
  const galaxy = await TestGalaxy.open({ regionsTarget: 4 })
  await galaxy.import(centralNexus())
  for (const name of names) {
    await galaxy.import(regionNamed(name))
    await galaxy.command(`region:${name}`, 'attachRegion')
  }
  await galaxy.pass(1_000)
  return galaxy
}

async function states(galaxy: TestGalaxy): Promise<Record<string, string>> {
  const { gates } = await galaxy.tables('nexus')
  return Object.fromEntries([...gates.all()].map(({ region, state }) => [region, state]))
}

/** Long enough for a census, and for a zone to be put away after it. */
const aWhile = (galaxy: TestGalaxy) => galaxy.pass(MINUTE_MS + 30_000)

test('active regions stay loaded though nobody is there, also after a restart', async () => {
  const galaxy = await galaxyOf('aster', 'boron')
  await aWhile(galaxy)
  expect(galaxy.loaded()).toEqual(['main', 'nexus', 'region:aster', 'region:boron'])
  await galaxy.passOffline(DAY_MS)
  await aWhile(galaxy)
  expect(galaxy.loaded()).toEqual(['main', 'nexus', 'region:aster', 'region:boron'])
})

test('a zone into which nothing was imported is put away', async () => {
  const galaxy = await galaxyOf()
  await galaxy.tables('region:nowhere')
  await aWhile(galaxy)
  expect(galaxy.loaded()).toEqual(['main', 'nexus'])
})

test('after six months without anybody a region sleeps; a player who comes wakes it, and finds what they built', async () => {
  const galaxy = await galaxyOf('aster')
  await galaxy.visit('region:aster', 'ada')
  await galaxy.passOffline(180 * DAY_MS)
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'active' })
  await galaxy.passOffline(4 * DAY_MS)
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'dormant' })
  expect(galaxy.loaded()).toEqual(['main', 'nexus'])
  expect(galaxy.figures()).toMatchObject({ 'nexus regionsActive': 0, 'nexus regionsDormant': 1 })

  // A sleeping region is not loaded by a restart.
  await galaxy.crash()
  await aWhile(galaxy)
  expect(galaxy.loaded()).toEqual(['main', 'nexus'])

  await galaxy.visit('region:aster', 'ada')
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'active' })
  expect(galaxy.loaded()).toContain('region:aster')
  const tables = await galaxy.tables('region:aster')
  expect(tables.players.has('ada')).toBe(true)
  expect(tables.sectors.count).toBe(100)
  expect(galaxy.engine.checkInvariants()).toEqual([])
  expect(galaxy.failures).toEqual([])
})

test('a login of a resident anywhere keeps a region awake; one of a stranger does not', async () => {
  const galaxy = await galaxyOf('aster', 'boron')
  for (const [name, player] of [
    ['aster', 'ada'],
    ['boron', 'bob'],
  ] as const) {
    await galaxy.visit(`region:${name}`, player)
    await galaxy.arrange(`region:${name}`, (tx) => {
      tx.send('nexus', 'settle', { region: name, player })
      tx.send('nexus', 'settle', { region: name, player })
    })
  }
  await galaxy.passOffline(150 * DAY_MS)
  await galaxy.visit('main', 'ada')
  await galaxy.visit('main', 'cyd')
  await galaxy.pass(MINUTE_MS)
  await galaxy.passOffline(40 * DAY_MS)
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'active', boron: 'dormant' })
  expect((await galaxy.tables('nexus')).residents.count).toBe(2)
})

test('a traversal of its warp keeps a region awake, and wakes it from the Nexus', async () => {
  const galaxy = await galaxyOf('aster')
  const { plazaSector } = (await galaxy.tables('nexus')).gates.must('aster')
  const traverse = async () => {
    await galaxy.visit('nexus', 'ada')
    await galaxy.arrange('nexus', (tx) => {
      const { x, y } = tx.sectors.must(plazaSector)
      tx.ships.update(tx.ships.by.owner.get('ada')?.id ?? '', { x, y, targetX: x, targetY: y, sector: plazaSector })
    })
    expect(await galaxy.play('nexus', 'ada', 'warp', { to: 'aster' })).toMatchObject({
      result: { zone: 'region:aster' },
    })
  }
  await galaxy.passOffline(150 * DAY_MS)
  await traverse()
  await galaxy.pass(MINUTE_MS)
  await galaxy.passOffline(150 * DAY_MS)
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'active' })
  await galaxy.passOffline(40 * DAY_MS)
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'dormant' })
  await traverse()
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'active' })
  expect(galaxy.loaded()).toContain('region:aster')
})

test('a region that knows better than the Nexus does not go to sleep', async () => {
  const galaxy = await galaxyOf('aster')
  await galaxy.passOffline(190 * DAY_MS)
  // It comes to the region before the census comes to it.
  await galaxy.visit('region:aster', 'ada')
  await galaxy.arrange('nexus', (tx) => tx.send('region:aster', 'sleep', { activeAt: tx.gates.must('aster').activeAt }))
  await aWhile(galaxy)
  expect(await states(galaxy)).toEqual({ aster: 'active' })
  expect((await galaxy.tables('region:aster')).regions.must('aster').state).toBe('active')
})

test('operators see how many regions are active, and are alerted at 75 % of the target; nothing is refused', async () => {
  const galaxy = await galaxyOf('one', 'two')
  const active = () => galaxy.engine.figures().find(({ name }) => name === 'regionsActive')
  expect(active()).toMatchObject({ zone: 'nexus', value: 2, alertAt: 3 })
  for (const name of ['three', 'four', 'five', 'six']) {
    await galaxy.import(regionNamed(name))
    await galaxy.command(`region:${name}`, 'attachRegion')
  }
  await galaxy.pass(1_000)
  expect(active()).toMatchObject({ value: 6, alertAt: 3 })
  expect(galaxy.figures()).toMatchObject({ 'nexus regionsTargeted': 4 })
})
