import { expect, test } from 'vitest'
import { generateUniverse } from './generate-universe.js'
import { EDGE_FLAGS, readStarChart, starChartOf } from './star-chart.js'
import { SECTOR_TYPES, type Warp } from './universe.js'

const universe = generateUniverse({ seed: 'chart', regions: 2, sectors: 320 })

test('a chart has every sector and every edge of its universe', () => {
  const chart = starChartOf(universe)
  for (const [index, region] of universe.regions.entries()) {
    const { sectors, edges } = chart.regions[index] as (typeof chart.regions)[number]
    expect(sectors.x.map((x, i) => [x, sectors.y[i], sectors.z[i]])).toEqual(
      region.sectors.map((each) => each.position),
    )
    expect(sectors.type.map((type) => SECTOR_TYPES[type])).toEqual(region.sectors.map(({ type }) => type))
    const back = edges.from.map((from, i) => {
      const flags = edges.flags[i] as number
      const twoWay = (flags & EDGE_FLAGS.oneWay) === 0
      return { from, to: edges.to[i], twoWay, latent: (flags & EDGE_FLAGS.latent) !== 0, turns: edges.turns[i] } as Warp
    })
    expect(back).toEqual([...region.warps, ...region.tunnels])
    expect(edges.flags.filter((flags) => flags & EDGE_FLAGS.tunnel)).toHaveLength(region.tunnels.length)
  }
})

test('a chart survives JSON; anything else is refused with what to do', () => {
  const chart = starChartOf(universe)
  expect(readStarChart(JSON.parse(JSON.stringify(chart)))).toEqual(chart)
  for (const wrong of [null, {}, universe, { ...chart, version: 2 }]) {
    expect(() => readStarChart(wrong)).toThrow(expect.objectContaining({ code: 'star_chart_unknown' }))
  }
})
