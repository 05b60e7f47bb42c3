import { describe, expect, test } from 'vitest'
import { checkUniverse } from '../galaxy-check/check-universe.js'
import { bandOf, type Range, SIZE_BANDS } from './budgets.js'
import { checksumOf } from './canonical.js'
import { generateRegion, type RegionRequest } from './generate-region.js'
import { generateUniverse, regionRequests } from './generate-universe.js'
import { InvalidRegionError } from './invalid-region-error.js'
import type { Region, Universe } from './universe.js'

/** Regions of a band in the long row of seeds: fewer of the larger, 300 altogether. */
const SEEDS_BY_BAND = [80, 80, 60, 40, 40] as const

describe('regions of every size', () => {
  test.each(SIZE_BANDS.map((band, index) => ({ band, seeds: SEEDS_BY_BAND[index] as number })))(
    '$seeds seeds of $band.name sectors are valid for the checker, which shares no code with the generator',
    ({ band, seeds }) => {
      const stamped: Record<string, number> = {}
      let belowBudget = 0
      for (let index = 0; index < seeds; index++) {
        const request = { name: 'r', seed: `seed ${index}`, sectors: sizeIn(band.sectors, index) }
        const region = generatedOrRefused(request)
        if (region === undefined) belowBudget++
        else expect(checkUniverse(fileOf(region)), `seed ${index}`).toEqual([])
        for (const { kind } of region?.formations ?? []) stamped[kind] = (stamped[kind] ?? 0) + 1
      }
      const perRegion = Object.entries(stamped).map(([kind, count]) => `${kind} ${(count / seeds).toFixed(2)}`)
      console.info(`${band.name} sectors, per region: ${perRegion.join(', ')}; ${belowBudget} of ${seeds} below budget`)
      expect(belowBudget / seeds).toBeLessThan(0.02)
      // A generator that gives up and stamps nothing would be valid in the smallest band.
      expect(Object.keys(stamped).sort()).toEqual(expect.arrayContaining(['dead_end', 'tunnel', 'warp_sink']))
    },
    300_000,
  )

  test('the Nexus is valid, with its clusters, its plaza and its docks', () => {
    const nexus = generateRegion({ name: 'nexus', seed: 'hub', sectors: 'nexus' })
    expect(checkUniverse(fileOf(nexus))).toEqual([])
    expect(nexus.sectors.length).toBe(5_000)
    expect(nexus.clusters.length).toBe(20)
    expect(nexus.sectors.filter((sector) => sector.protected).map(({ number }) => number)).toEqual(
      Array.from({ length: 250 }, (_, i) => 2_251 + i),
    )
    expect(nexus.anchors.filter(({ kind }) => kind.startsWith('tradedock')).length).toBe(3)
  })

  test('about a twentieth of the warps is one-way, and about a fifth of those latent', () => {
    const regions = Array.from({ length: 5 }, (_, i) => generateRegion({ name: 'r', seed: `share ${i}`, sectors: 800 }))
    const warps = regions.flatMap((region) => region.warps)
    const oneWay = warps.filter(({ twoWay }) => !twoWay)
    expect(oneWay.length / warps.length).toBeGreaterThan(0.03)
    expect(oneWay.length / warps.length).toBeLessThan(0.08)
    expect(oneWay.filter(({ latent }) => latent).length / oneWay.length).toBeGreaterThan(0.1)
    expect(oneWay.filter(({ latent }) => latent).length / oneWay.length).toBeLessThan(0.3)
  })

  test.each([1, 2, 3, 5, 16])('checked in batches of %i, a region is valid', (batchSize) => {
    const region = generateRegion({ name: 'r', seed: 'batches', sectors: 700 }, { batchSize })
    expect(checkUniverse(fileOf(region))).toEqual([])
  })
})

describe('the same seed', () => {
  test('gives the same bytes, phase by phase', () => {
    const make = () => JSON.stringify(generateUniverse({ seed: 'again', sectors: 400, regions: 2 }))
    expect(make()).toBe(make())
  })

  test('gives what it always gave', () => {
    const { generation } = generateRegion({ name: 'region', seed: 'frontier', sectors: 500 })
    expect(generation.checksum).toMatchInlineSnapshot(`"ca0559c1b02300c4"`)
  })

  test('gives a region that does not depend on the others', () => {
    const request = { seed: 'apart', sectors: 150, regions: 3 }
    const together = generateUniverse(request)
    for (const [index, alone] of regionRequests(request).entries()) {
      expect(generateRegion(alone)).toEqual(together.regions[index])
    }
    const more = generateUniverse({ ...request, regions: 5, nexus: false })
    expect(more.regions.slice(0, 3)).toEqual(together.regions)
  })

  test('gives another region for another size, and another seed does', () => {
    const checksums = [
      generateRegion({ name: 'r', seed: 'a', sectors: 200 }),
      generateRegion({ name: 'r', seed: 'b', sectors: 200 }),
      generateRegion({ name: 'r', seed: 'a', sectors: 201 }),
    ].map(({ generation }) => generation.phases[3]?.checksum)
    expect(new Set(checksums).size).toBe(3)
  })

  test('gives phases numbered from region to validation, with a checksum each and no times', () => {
    const { generation } = generateRegion({ name: 'r', seed: 'phases', sectors: 320 })
    expect(generation.phases.map(({ number, name }) => `${number} ${name}`)).toMatchInlineSnapshot(`
      [
        "0 region",
        "1 zones",
        "2 clusters",
        "3 sectors",
        "4 sector types",
        "5 proximity warps",
        "6 one-way warps",
        "7 latent warps",
        "8 lost formations",
        "9 formations",
        "10 long-distance tunnels",
        "11 stations and planets",
        "12 capital and anchors",
        "13 validation",
      ]
    `)
    expect(new Set(generation.phases.map(({ checksum }) => checksum)).size).toBe(generation.phases.length)
    expect(generation.phases.every((phase) => !('milliseconds' in phase))).toBe(true)
  })

  test('gives times when it is given a clock, and the same region', () => {
    let nowMs = 0
    const request = { name: 'r', seed: 'clock', sectors: 120 }
    const timed = generateRegion(request, { now: () => nowMs++ })
    expect(timed.generation.phases.map(({ milliseconds }) => milliseconds)).toEqual(Array(14).fill(1))
    expect(timed.generation.checksum).toBe(generateRegion(request).generation.checksum)
  })
})

describe('a region that cannot be', () => {
  test.each([99, 1_501, 5_000, 0.5])('with %d sectors is refused', (sectors) => {
    expect(() => generateRegion({ name: 'r', seed: 's', sectors })).toThrow(
      expect.objectContaining({ code: 'galaxy_region_size' }),
    )
  })

  test('because of its budget is refused with every reason at once, and nothing is delivered', () => {
    const least = (count: number): Range => [count, count]
    const { name, sectors, spacing } = bandOf(320)
    const budget = {
      bubble: least(11),
      tunnel: least(12),
      dead_end: least(13),
      blister: least(0),
      escape_hatch: least(14),
      warp_sink: least(15),
      backdoor_per_bubble: least(1),
    }
    const generate = () =>
      generateRegion({ name: 'greedy', seed: 's', sectors: 320, band: { name, sectors, spacing, budget } })
    expect(generate).toThrow(
      expect.objectContaining({
        code: 'galaxy_region_invalid',
        reasons: expect.arrayContaining([
          expect.stringMatching(/^\d+ tunnel of at least 12/),
          expect.stringMatching(/^\d+ dead_end of at least 13/),
          expect.stringMatching(/^\d+ escape_hatch of at least 14/),
          expect.stringMatching(/^\d+ warp_sink of at least 15/),
        ]),
      }),
    )
  })

  test.each([0, -1, 1.5, 501])('in a universe of %d regions is refused', (regions) => {
    expect(() => generateUniverse({ seed: 's', sectors: 100, regions })).toThrow(
      expect.objectContaining({ code: 'galaxy_regions' }),
    )
  })
})

test('a checksum is FNV-1a of 64 bits, whatever the order of the keys', () => {
  expect(checksumOf({ b: 1, a: [2, undefined] })).toBe(checksumOf({ a: [2, undefined], b: 1 }))
  expect(checksumOf(0)).toBe('af63ad4c86019caf')
})

/** Undefined when the seed does not meet the budget. */
function generatedOrRefused(request: RegionRequest): Region | undefined {
  try {
    return generateRegion(request)
  } catch (error) {
    if (error instanceof InvalidRegionError) return undefined
    throw error
  }
}

function sizeIn([least, most]: Range, index: number): number {
  if (index < 2) return index === 0 ? least : most
  return least + ((index * 7_919) % (most - least + 1))
}

/** As it would be read from a file. */
function fileOf(region: Region): unknown {
  const universe: Universe = { format: 'terrane-universe', version: 1, seed: region.seed, regions: [region] }
  return JSON.parse(JSON.stringify(universe))
}
