import { EDGE_FLAGS, generateUniverse, starChartOf } from '@terrane/world-frontier/galaxy'
import { expect, test } from 'vitest'
import { FORMATION_KINDS, kindIndex } from './formation-kinds.js'
import { figuresOf, galaxyOf, regionAt, sectorFacts } from './galaxy.js'
import { GalaxySearch } from './search.js'
import { BOW, SkyIndex } from './sky-index.js'
import { areaOf, findTarget, sectorsOfTarget } from './target.js'

const universe = generateUniverse({ seed: 'map', regions: 3, sectors: 400 })
const galaxy = galaxyOf(starChartOf(universe))
const index = new SkyIndex(galaxy.sky)

test('a sector has the facts of the universe', () => {
  for (const [r, number] of [
    [0, 1],
    [1, 200],
    [2, 400],
  ] as const) {
    const region = universe.regions[r] as (typeof universe.regions)[number]
    const facts = sectorFacts(galaxy, r * 400 + number - 1)
    expect(facts.number).toBe(number)
    expect(facts.region.name).toBe(region.name)
    expect(facts.position).toEqual(region.sectors[number - 1]?.position)
    expect(facts.station).toEqual(region.stations.find(({ sector }) => sector === number))
    expect(facts.planet).toEqual(region.planets.find(({ sector }) => sector === number))
    const edges = [...region.warps, ...region.tunnels].filter(({ from, to }) => from === number || to === number)
    expect(facts.ways).toHaveLength(edges.length)
    for (const way of facts.ways) {
      const other = way.sector - r * 400 + 1
      const edge = edges.find(({ from, to }) => from === other || to === other)
      expect(way.leads).toBe(edge?.twoWay ? 'both' : edge?.from === number ? 'out' : 'in')
      expect([way.turns, way.isLatent]).toEqual([edge?.turns, edge?.latent])
    }
  }
})

test('every formation colours its sectors, and the edges that make it what it is', () => {
  const { sky } = galaxy
  for (const { kind, sectors, formation } of galaxy.formations) {
    for (const sector of sectors) expect((sky.formations[sector] as number) & (1 << kind)).not.toBe(0)
    if (formation.kind !== 'dead_end' && formation.kind !== 'backdoor' && formation.kind !== 'warp_sink') continue
    const anchor = sectors[0] as number
    const own = [...sky.edgeFormations.keys()].filter(
      (edge) =>
        (sky.edgeFormations[edge] as number) & (1 << kind) && (sky.from[edge] === anchor || sky.to[edge] === anchor),
    )
    expect(own.length).toBeGreaterThanOrEqual(1)
  }
  expect(FORMATION_KINDS[kindIndex('warp_sink')]?.kind).toBe('warp_sink')
})

test('figures are sums over the universe', () => {
  const figures = figuresOf(galaxy)
  const edges = universe.regions.flatMap(({ warps, tunnels }) => [...warps, ...tunnels])
  expect(figures.sectors).toBe(1_200)
  expect(figures.warps + figures.tunnels).toBe(edges.length)
  expect(figures.oneWay).toBe(edges.filter(({ twoWay }) => !twoWay).length)
  expect(figures.formations.reduce((a, b) => a + b)).toBe(universe.regions.flatMap((each) => each.formations).length)
  expect(figuresOf(galaxy, galaxy.regions[1]).sectors).toBe(400)
})

test('what is pointed at is the nearest sector, by any way of looking', () => {
  const { x, y } = galaxy.sky
  const { left, right, top, bottom } = galaxy.bounds
  for (let i = 0; i < 300; i++) {
    const px = left + ((i * 137) % 1_000) * ((right - left) / 1_000)
    const py = top + ((i * 71) % 1_000) * ((bottom - top) / 1_000)
    const distance = (sector: number) => Math.hypot((x[sector] as number) - px, (y[sector] as number) - py)
    const nearest = [...x.keys()].reduce((best, each) => (distance(each) < distance(best) ? each : best))
    expect(index.nearest(px, py, 40)).toBe(distance(nearest) <= 40 ? nearest : undefined)
  }
})

test('no sector of a box is missing, nor an edge that crosses it', () => {
  const { sky } = galaxy
  const region = galaxy.regions[1]
  for (const size of [30, 200, 900]) {
    const box = {
      left: (region?.x ?? 0) - size,
      top: (region?.y ?? 0) - size / 2,
      right: (region?.x ?? 0) + size,
      bottom: (region?.y ?? 0) + size / 2,
    }
    const isIn = (x: number, y: number) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
    const inside = [...sky.x.keys()].filter((sector) => isIn(sky.x[sector] as number, sky.y[sector] as number))
    expect(index.sectorsIn(box).sort((a, b) => a - b)).toEqual(inside)
    const near = new Set(index.edgesNear(box))
    for (let edge = 0; edge < sky.from.length; edge++) {
      const [a, b] = [sky.from[edge] as number, sky.to[edge] as number]
      const at = (share: number, of: Float32Array) => (of[a] as number) * (1 - share) + (of[b] as number) * share
      const crosses = Array.from({ length: 21 }, (_, i) => i / 20).some((share) =>
        isIn(at(share, sky.x), at(share, sky.y)),
      )
      if (crosses) expect(near.has(edge)).toBe(true)
    }
  }
  expect(BOW).toBeGreaterThan(0)
})

test('search finds by number, name, and part of a name, whatever the case', () => {
  const search = new GalaxySearch(galaxy)
  expect(search.find('region-2 77')[0]?.target).toEqual({ kind: 'sector', region: 'region-2', number: 77 })
  expect(search.find('77').map(({ detail }) => detail)).toEqual(expect.arrayContaining(['Region 1', 'Region 3']))
  expect(search.find('REGION-3')[0]?.target).toEqual({ kind: 'region', region: 'region-3' })
  const cluster = universe.regions[0]?.clusters[1]
  expect(search.find(cluster?.name.toLowerCase() ?? '')[0]?.label).toBe(cluster?.name)
  const formation = universe.regions[1]?.formations[0]?.name ?? ''
  expect(search.find(formation).some(({ label }) => label === formation)).toBe(true)
  expect(search.find('region-1 401')).toEqual([])
  for (const nothing of ['', '  ', 'zzzzqq', '0']) expect(search.find(nothing)).toEqual([])
})

test('a target is found by its names, and its area holds all of it', () => {
  const { formation, sectors } = galaxy.formations.at(-1) as (typeof galaxy.formations)[number]
  const found = findTarget(galaxy, { kind: 'formation', region: 'region-3', name: formation.name })
  expect(sectorsOfTarget(found)).toEqual(sectors)
  const cluster = findTarget(galaxy, {
    kind: 'cluster',
    region: 'region-2',
    name: universe.regions[1]?.clusters[0]?.name ?? '',
  })
  for (const each of [found, cluster]) {
    const area = areaOf(galaxy, each as NonNullable<typeof each>)
    for (const sector of sectorsOfTarget(each)) {
      expect(galaxy.sky.x[sector]).toBeGreaterThan(area.left)
      expect(galaxy.sky.x[sector]).toBeLessThan(area.right)
      expect(galaxy.sky.y[sector]).toBeGreaterThan(area.top)
      expect(galaxy.sky.y[sector]).toBeLessThan(area.bottom)
    }
  }
  for (const wrong of [
    { kind: 'region', region: 'region-4' },
    { kind: 'sector', region: 'region-1', number: 401 },
    { kind: 'sector', region: 'region-1', number: 0 },
    { kind: 'cluster', region: 'region-1', name: 'nowhere' },
  ] as const) {
    expect(findTarget(galaxy, wrong)).toBeUndefined()
  }
})

test('an index of a sector tells its region', () => {
  expect([0, 399, 400, 1_199].map((sector) => regionAt(galaxy, sector).name)).toEqual([
    'region-1',
    'region-1',
    'region-2',
    'region-3',
  ])
  const oneWay = galaxy.sky.flags.filter((flag) => flag & EDGE_FLAGS.oneWay)
  expect(oneWay.length).toBeGreaterThan(0)
})
