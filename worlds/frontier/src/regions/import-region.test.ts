import { beforeAll, describe, expect, test } from 'vitest'
import { generateRegion } from '../galaxy/generate-region.js'
import type { Region } from '../galaxy/universe.js'
import { isWithin } from '../region/layout.js'
import { asFile, centralNexus, regionNamed, TestGalaxy } from '../test-support/test-galaxy.js'

let aster: Region

beforeAll(() => {
  aster = regionNamed('aster')
})

test('a region becomes a place to play: all its rows, and a ship for who comes', async () => {
  const galaxy = await TestGalaxy.open()
  expect(await galaxy.import(aster)).toEqual({ region: 'aster', checksum: aster.generation.checksum, imported: true })
  const tables = await galaxy.tables('region:aster')
  const count = (kind: keyof typeof tables) => tables[kind].count
  expect(count('sectors')).toBe(100)
  expect(count('lanes')).toBe(aster.warps.length)
  expect(count('latentWarps')).toBe(aster.warps.filter(({ latent }) => latent).length)
  expect(count('tunnels')).toBe(aster.tunnels.length)
  expect(count('stations')).toBe(aster.stations.length)
  expect(count('planets')).toBe(aster.planets.length)
  expect(count('clusters')).toBe(aster.clusters.length)
  expect(count('formations')).toBe(aster.formations.length)
  expect([...tables.sectors.all()].map(({ type }) => type)).toEqual(aster.sectors.map(({ type }) => type))
  expect([...tables.stations.all()].flatMap(({ anchor }) => (anchor === '' ? [] : [anchor]))).toEqual(
    expect.arrayContaining(['first_station', 'starter_spacedock', 'frontier_spacedock']),
  )
  await galaxy.play('region:aster', 'ada', 'move', { x: 30_000, y: 30_000 })
  await galaxy.pass(60_000)
  expect(tables.ships.count).toBe(1)
  expect(galaxy.engine.checkInvariants()).toEqual([])
  expect(galaxy.failures).toEqual([])
})

test('latent warps look two-way', async () => {
  const galaxy = await TestGalaxy.open()
  const region = regionNamed('latency', 'with latent warps 4')
  const latent = region.warps.findIndex((warp) => warp.latent)
  expect(latent).toBeGreaterThanOrEqual(0)
  await galaxy.import(region)
  const tables = await galaxy.tables('region:latency')
  expect(tables.lanes.must(latent + 1).twoWay).toBe(true)
  expect(tables.latentWarps.has(latent + 1)).toBe(true)
})

test('the landing is far from the capital', async () => {
  const galaxy = await TestGalaxy.open()
  await galaxy.import(aster)
  const tables = await galaxy.tables('region:aster')
  const { landing, capital } = tables.regions.must('aster')
  expect(isWithin(tables.sectors.must(landing), tables.sectors.must(capital), 20_000)).toBe(false)
})

test('how it was generated is stored with it: phases with checksums, and times when the file has them', async () => {
  const galaxy = await TestGalaxy.open()
  await galaxy.import(aster)
  const described = await galaxy.command('region:aster', 'describeRegion')
  const phases = aster.generation.phases.map((phase) => ({ ...phase, milliseconds: null }))
  expect(phases).toHaveLength(14)
  expect(described).toMatchObject({ id: 'aster', checksum: aster.generation.checksum, phases })

  let nowMs = 0
  const timed = generateRegion({ name: 'timed', seed: 'timed', sectors: 100 }, { now: () => (nowMs += 2.5) })
  await galaxy.import(timed)
  await galaxy.crash()
  const { phases: kept } = (await galaxy.command('region:timed', 'describeRegion')) as { phases: unknown }
  expect(kept).toEqual(timed.generation.phases)
  expect(timed.generation.phases[9]).toMatchObject({ name: 'formations', milliseconds: 2.5 })

  const { generation: _, ...foreign } = regionNamed('foreign')
  await galaxy.command('region:foreign', 'importRegion', { region: JSON.parse(JSON.stringify(foreign)) })
  expect(await galaxy.command('region:foreign', 'describeRegion')).toMatchObject({ id: 'foreign', phases: [] })
})

describe('an import', () => {
  test('is repeated without effect, and another region of that name is refused', async () => {
    const galaxy = await TestGalaxy.open()
    await galaxy.import(aster)
    const tables = await galaxy.tables('region:aster')
    const before = galaxy.engine.statuses().find(({ id }) => id === 'region:aster')
    expect(await galaxy.import(aster)).toMatchObject({ imported: false })
    expect(await galaxy.refusal('region:aster', 'importRegion', { region: asFile(regionNamed('aster', 'x')) })).toEqual(
      {
        code: 'region_differs',
        message: expect.stringContaining(aster.generation.checksum),
      },
    )
    expect(galaxy.engine.statuses().find(({ id }) => id === 'region:aster')).toEqual(before)
    expect(tables.regions.must('aster').checksum).toBe(aster.generation.checksum)
  })

  test('is all there or not at all, whenever the process ends, and is taken up again', async () => {
    const outcomes = new Set<boolean>()
    for (const ms of [0, 1, 2, 5, 50, 2_000]) {
      const galaxy = await TestGalaxy.open()
      await galaxy.tables('region:aster')
      const zone = await galaxy.engine.zone('region:aster')
      zone.command('importRegion', { region: asFile(aster) }).catch(() => {})
      if (ms > 0) await galaxy.pass(ms)
      await galaxy.crash()
      const tables = await galaxy.tables('region:aster')
      const [regions, sectors, lanes] = [tables.regions.count, tables.sectors.count, tables.lanes.count]
      const isThere = regions === 1
      expect([sectors, lanes]).toEqual(isThere ? [100, aster.warps.length] : [0, 0])
      expect(await galaxy.import(aster)).toMatchObject({ imported: !isThere })
      await galaxy.crash()
      expect((await galaxy.tables('region:aster')).lanes.count).toBe(aster.warps.length)
      outcomes.add(isThere)
    }
    expect([...outcomes]).toEqual([false, true])
  })

  test('of a malformed region changes nothing, and says what is wrong', async () => {
    const galaxy = await TestGalaxy.open()
    interface Spoilt {
      warps?: { to: number }[]
      planets: { name: string }[]
    }
    const spoilt = (change: (region: Spoilt) => void) => {
      const region = asFile(aster)
      change(region as unknown as Spoilt)
      return galaxy.refusal('region:aster', 'importRegion', { region })
    }
    const without = await spoilt((region) => delete region.warps)
    expect(without).toMatchObject({ code: 'invalid_region', message: expect.stringContaining('warps') })
    const astray = await spoilt(({ warps = [] }) => Object.assign(warps[3] as object, { to: 777 }))
    expect(astray).toMatchObject({ code: 'invalid_region', message: expect.stringContaining('region.warps[3]') })
    // One that is fit in itself, and not what was generated.
    const renamed = await spoilt(({ planets }) => Object.assign(planets[0] as object, { name: 'Vulcan' }))
    expect(renamed).toMatchObject({ code: 'invalid_region', message: expect.stringContaining('checksum') })
    expect(await galaxy.refusal('region:aster', 'importRegion', { region: 'aster' })).toMatchObject({
      code: 'invalid_args',
    })
    const tables = await galaxy.tables('region:aster')
    expect([tables.regions.count, tables.sectors.count, tables.lanes.count]).toEqual([0, 0, 0])
  })

  test('goes into the zone of its name only', async () => {
    const galaxy = await TestGalaxy.open()
    const refusal = (zone: string, region: Region) => galaxy.refusal(zone, 'importRegion', { region: asFile(region) })
    expect(await refusal('region:other', aster)).toMatchObject({ code: 'wrong_zone' })
    expect(await refusal('main', aster)).toMatchObject({ code: 'wrong_zone' })
    expect(await refusal('nexus', aster)).toMatchObject({ code: 'wrong_zone' })
    expect(await refusal('region:aster', regionNamed('Aster Prime'))).toMatchObject({ code: 'invalid_name' })
    expect(await galaxy.refusal('region:Aster', 'describeRegion')).toMatchObject({ code: 'unknown_topic' })
  })
})

test('other zones go on while regions are imported: every input is applied, and none fails', async () => {
  const galaxy = await TestGalaxy.open()
  const regions = ['one', 'two', 'three'].map((name) => regionNamed(name))
  let imported = 0
  const imports = regions.map((region) => galaxy.import(region).then(() => imported++))
  let moved = 0
  while (imported < regions.length) {
    galaxy.send('ada', 'move', { x: 20_000 + moved, y: 20_000 })
    moved++
    await galaxy.pass(1)
  }
  await Promise.all(imports)
  const ship = (await galaxy.tables('main')).ships.by.owner.get('ada')
  expect(ship?.targetX).toBe(20_000 + moved - 1)
  expect(galaxy.engine.stats()).toMatchObject({ inputs: moved, rejected: 0 })
  expect(moved).toBeGreaterThanOrEqual(1)
})

test('nobody comes into a zone without a region', async () => {
  const galaxy = await TestGalaxy.open()
  await expect(galaxy.visit('region:nowhere', 'ada')).rejects.toMatchObject({ code: 'unknown_topic' })
  expect(await galaxy.command('region:founded', 'describeRegion')).toBe(null)
  await expect(galaxy.visit('region:founded', 'ada')).rejects.toMatchObject({ code: 'region_unknown' })
  await expect(galaxy.visit('nexus', 'ada')).rejects.toMatchObject({ code: 'region_unknown' })
})

test('the Nexus is imported into its own zone', async () => {
  const galaxy = await TestGalaxy.open()
  expect(await galaxy.import(centralNexus())).toMatchObject({ imported: true })
  const tables = await galaxy.tables('nexus')
  expect(tables.sectors.count).toBe(5_000)
  expect(tables.regions.must('nexus')).toMatchObject({ type: 'central_nexus', capital: 2_251 })
  await galaxy.visit('nexus', 'ada')
  expect(tables.ships.count).toBe(1)
  expect(await galaxy.refusal('nexus', 'attachRegion')).toMatchObject({ code: 'is_nexus' })
})
