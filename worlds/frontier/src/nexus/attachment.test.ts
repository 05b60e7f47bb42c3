import { beforeAll, describe, expect, test } from 'vitest'
import { PLAZA_FIRST, PLAZA_LAST } from '../galaxy/nexus.js'
import { centralNexus, regionNamed, TestGalaxy } from '../test-support/test-galaxy.js'
import { plazaSectorFor } from './plaza.js'
import { ATTACH_DELAYS_MS } from './policy.js'

beforeAll(() => void centralNexus())

async function withNexus(galaxy?: Parameters<typeof TestGalaxy.open>[0]): Promise<TestGalaxy> {
  const opened = await TestGalaxy.open(galaxy)
  await opened.import(centralNexus())
  return opened
}

/** The one row of the region's own zone. */
async function regionIn(galaxy: TestGalaxy, name: string) {
  return { ...(await galaxy.tables(`region:${name}`)).regions.must(name) }
}

async function gatesIn(galaxy: TestGalaxy) {
  return [...(await galaxy.tables('nexus')).gates.all()].map((gate) => ({ ...gate }))
}

describe('the sector of the plaza', () => {
  test('follows from the id, and is the next free one when that is taken', () => {
    const gates = new Map<number, number>()
    const choose = (region: string) => plazaSectorFor(region, (sector) => gates.get(sector) ?? 0)
    const first = choose('aster')
    expect(choose('aster')).toBe(first)
    expect(first).toBeGreaterThanOrEqual(PLAZA_FIRST)
    expect(first).toBeLessThanOrEqual(PLAZA_LAST)
    gates.set(first, 1)
    expect(choose('aster')).toBe(first === PLAZA_LAST ? PLAZA_FIRST : first + 1)
  })

  test('is spread over all 250, one region each, before regions share', () => {
    const gates = new Map<number, number>()
    const attach = (region: string) => {
      const sector = plazaSectorFor(region, (each) => gates.get(each) ?? 0)
      gates.set(sector, (gates.get(sector) ?? 0) + 1)
    }
    for (let i = 1; i <= 250; i++) attach(`region-${i}`)
    expect([...gates.values()]).toEqual(new Array(250).fill(1))
    for (let i = 251; i <= 500; i++) attach(`region-${i}`)
    expect([...gates.values()]).toEqual(new Array(250).fill(2))
  })

  test('hashes: fifty regions do not crowd', () => {
    const hashed = new Set(Array.from({ length: 50 }, (_, i) => plazaSectorFor(`region-${i + 1}`, () => 0)))
    expect(hashed.size).toBeGreaterThan(35)
  })
})

test('a region gets a warp that leads both ways', async () => {
  const galaxy = await withNexus()
  await galaxy.import(regionNamed('aster'))
  expect(await galaxy.command('region:aster', 'attachRegion')).toMatchObject({ attachment: 'waiting', attempts: 1 })
  await galaxy.pass(1_000)
  const region = await regionIn(galaxy, 'aster')
  const [gate] = await gatesIn(galaxy)
  expect(region).toMatchObject({ attachment: 'attached', reason: '' })
  expect(gate).toMatchObject({ region: 'aster', zone: 'region:aster', plazaSector: region.plazaSector })
  await galaxy.visit('region:aster', 'ada')
  await galaxy.visit('nexus', 'ada')
  const moveTo = (zone: string, sector: number) =>
    galaxy.arrange(zone, (tx) => {
      const { x, y } = tx.sectors.must(sector)
      const ship = tx.ships.by.owner.get('ada')
      tx.ships.update(ship?.id ?? '', { x, y, targetX: x, targetY: y, moving: false, sector })
    })
  expect(await galaxy.play('region:aster', 'ada', 'warp', { to: 'nexus' })).toMatchObject({
    rejected: { code: 'too_far' },
  })
  await moveTo('region:aster', region.landing)
  await moveTo('nexus', gate?.plazaSector ?? 0)
  expect(await galaxy.play('region:aster', 'ada', 'warp', { to: 'nexus' })).toEqual({
    result: { zone: 'nexus', sector: gate?.plazaSector },
  })
  expect(await galaxy.play('nexus', 'ada', 'warp', { to: 'aster' })).toEqual({
    result: { zone: 'region:aster', sector: region.landing },
  })
  expect(await galaxy.play('nexus', 'ada', 'warp', { to: 'nowhere' })).toMatchObject({ rejected: { code: 'no_warp' } })
  expect(galaxy.failures).toEqual([])
})

test('two attachments at once give one gate each; asking again gives none', async () => {
  const galaxy = await withNexus()
  // They hash to the same sector when one follows the other by 250 names at the latest: seek such a pair.
  const names = Array.from({ length: 60 }, (_, i) => `region-${i + 1}`)
  const sectors = names.map((name) => plazaSectorFor(name, () => 0))
  const second = sectors.findIndex((sector, index) => sectors.indexOf(sector) < index)
  const pair = [names[sectors.indexOf(sectors[second] as number)], names[second]] as [string, string]
  for (const name of pair) await galaxy.import(regionNamed(name))
  await Promise.all([...pair, ...pair].map((name) => galaxy.command(`region:${name}`, 'attachRegion')))
  await galaxy.pass(2_000)
  for (const name of pair) await galaxy.command(`region:${name}`, 'attachRegion')
  await galaxy.pass(2_000)
  const gates = await gatesIn(galaxy)
  expect(gates.map(({ region }) => region).sort()).toEqual([...pair].sort())
  expect(new Set(gates.map(({ plazaSector }) => plazaSector)).size).toBe(2)
  for (const { region, plazaSector } of gates) {
    expect(await regionIn(galaxy, region)).toMatchObject({ attachment: 'attached', plazaSector })
  }
})

test('a request that is repeated after its answer got lost gives the same gate', async () => {
  const galaxy = await withNexus()
  await galaxy.import(regionNamed('aster'))
  await galaxy.command('region:aster', 'attachRegion')
  await galaxy.pass(1_000)
  const gates = await gatesIn(galaxy)
  // As if the region had never heard of it.
  await galaxy.arrange('region:aster', (tx) => {
    tx.regions.update('aster', { attachment: 'waiting', plazaSector: null, attempts: 3, attemptAt: 0 })
  })
  await galaxy.pass(1_000)
  expect(await gatesIn(galaxy)).toEqual(gates)
  expect(await regionIn(galaxy, 'aster')).toMatchObject({
    attachment: 'attached',
    attempts: 4,
    plazaSector: gates[0]?.plazaSector,
  })
})

test('a region is attached once when processes end at any moment', async () => {
  const galaxy = await withNexus()
  await galaxy.import(regionNamed('aster'))
  await galaxy.command('region:aster', 'attachRegion')
  for (const ms of [0, 1, 3, 10, 40]) {
    await galaxy.pass(ms)
    await galaxy.crash()
  }
  await galaxy.tables('region:aster')
  await galaxy.pass(10_000)
  expect(await gatesIn(galaxy)).toHaveLength(1)
  expect(await regionIn(galaxy, 'aster')).toMatchObject({ attachment: 'attached' })
})

test('a region that is attached with another checksum is refused at once, for all to see', async () => {
  const galaxy = await withNexus()
  await galaxy.import(regionNamed('aster'))
  await galaxy.command('region:aster', 'attachRegion')
  await galaxy.pass(1_000)
  await galaxy.arrange('nexus', (tx) => void tx.gates.update('aster', { checksum: '0123456789abcdef' }))
  await galaxy.arrange('region:aster', (tx) => void tx.regions.update('aster', { attachment: 'detached' }))
  await galaxy.command('region:aster', 'attachRegion')
  await galaxy.pass(1_000)
  const region = await regionIn(galaxy, 'aster')
  expect(region).toMatchObject({ attachment: 'refused', attempts: 1 })
  expect(region.reason).toContain('0123456789abcdef')
  expect(galaxy.figures()).toMatchObject({ 'region:aster attachmentFailed': 1 })
  expect(await gatesIn(galaxy)).toMatchObject([{ checksum: '0123456789abcdef' }])
})

test('without a Nexus it asks after 1 s, 5 s, 30 s, 5 min, 30 min and 6 h, then gives up, for all to see', async () => {
  const galaxy = await TestGalaxy.open()
  await galaxy.import(regionNamed('aster'))
  await galaxy.command('region:aster', 'attachRegion')
  const [from, waits] = [galaxy.now, [] as number[]]
  for (const delayMs of ATTACH_DELAYS_MS) {
    const before = await regionIn(galaxy, 'aster')
    waits.push(before.attemptAt - galaxy.now)
    const untilMs = before.attemptAt - galaxy.now - 600
    await (delayMs <= 30_000 ? galaxy.pass(untilMs) : galaxy.passOffline(untilMs))
    expect((await regionIn(galaxy, 'aster')).attempts).toBe(before.attempts)
    await galaxy.pass(1_600)
    expect((await regionIn(galaxy, 'aster')).attempts).toBe(before.attempts + 1)
  }
  for (const [index, delayMs] of ATTACH_DELAYS_MS.entries()) {
    expect(waits[index]).toBeGreaterThan(delayMs - 2_500)
    expect(waits[index]).toBeLessThanOrEqual(delayMs)
  }
  expect(await regionIn(galaxy, 'aster')).toMatchObject({
    attachment: 'given_up',
    attempts: 7,
    reason: 'the Central Nexus has not been imported into this world',
  })
  expect(galaxy.figures()).toMatchObject({ 'region:aster attachmentFailed': 1, 'region:aster attachmentWaiting': 0 })
  expect(galaxy.now - from).toBeGreaterThan(6 * 3_600_000)

  await galaxy.import(centralNexus())
  await galaxy.command('region:aster', 'attachRegion')
  await galaxy.pass(1_000)
  expect(await regionIn(galaxy, 'aster')).toMatchObject({ attachment: 'attached', attempts: 1 })
})

test('a Nexus that comes later is found by the next request', async () => {
  const galaxy = await TestGalaxy.open()
  await galaxy.import(regionNamed('aster'))
  await galaxy.command('region:aster', 'attachRegion')
  await galaxy.pass(3_000)
  expect(await regionIn(galaxy, 'aster')).toMatchObject({ attachment: 'waiting', attempts: 2 })
  expect(galaxy.figures()).toMatchObject({ 'region:aster attachmentWaiting': 1 })
  await galaxy.import(centralNexus())
  await galaxy.pass(5_000)
  expect(await regionIn(galaxy, 'aster')).toMatchObject({ attachment: 'attached', attempts: 3, reason: '' })
})

test('a zone without a region cannot be attached', async () => {
  const galaxy = await withNexus()
  expect(await galaxy.refusal('region:nowhere', 'attachRegion')).toMatchObject({ code: 'not_imported' })
})
