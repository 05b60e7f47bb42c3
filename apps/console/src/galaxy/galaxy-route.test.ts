import { expect, test } from 'vitest'
import { formatRoute, type GalaxyRoute, parseRoute } from './galaxy-route.js'

const NOTHING: GalaxyRoute = { target: undefined, seed: undefined }

test.each<[string, GalaxyRoute]>([
  ['#/galaxy', NOTHING],
  ['#/galaxy/region-7', { ...NOTHING, target: { kind: 'region', region: 'region-7' } }],
  ['#/galaxy/region-7/412', { ...NOTHING, target: { kind: 'sector', region: 'region-7', number: 412 } }],
  [
    "#/galaxy/nexus/cluster/Marker's%20Edge%20%2F%202",
    { ...NOTHING, target: { kind: 'cluster', region: 'nexus', name: "Marker's Edge / 2" } },
  ],
  [
    '#/galaxy/a%20b/formation/Vero%20Drift?seed=%3F%26+x&regions=50&sectors=1100',
    {
      target: { kind: 'formation', region: 'a b', name: 'Vero Drift' },
      seed: { seed: '?& x', regions: 50, sectors: 1_100 },
    },
  ],
])('%s is an address, both ways', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route)
  expect(formatRoute(route)).toBe(hash)
})

test('other pages have other addresses', () => {
  for (const hash of ['', '#', '#/', '#/galaxies', '#galaxy']) expect(parseRoute(hash)).toBeUndefined()
})

test('whatever somebody types is read as well as it can be', () => {
  expect(parseRoute('#/galaxy/100%/x?seed=')).toEqual({ target: { kind: 'region', region: '100%' }, seed: undefined })
  expect(parseRoute('#/galaxy?seed=1&regions=9999&sectors=many')?.seed).toEqual({
    seed: '1',
    regions: 500,
    sectors: 600,
  })
})
