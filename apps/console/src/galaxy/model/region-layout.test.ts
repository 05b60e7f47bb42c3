import { expect, test } from 'vitest'
import { layoutRegions, type RegionSize } from './region-layout.js'

const owned = (sectors: number): RegionSize => ({ sectors, isNexus: false })
const NEXUS: RegionSize = { sectors: 5_000, isNexus: true }

test.each([
  ['the whole universe', [NEXUS, ...Array.from({ length: 50 }, () => owned(1_100))]],
  ['no Nexus', Array.from({ length: 12 }, () => owned(400))],
  ['all sizes', [owned(1_500), owned(100), NEXUS, owned(700), owned(300), owned(1_500), owned(120)]],
  ['very many', [NEXUS, ...Array.from({ length: 500 }, (_, i) => owned(100 + ((i * 37) % 1_400)))]],
])('regions do not overlap: %s', (_, sizes) => {
  const places = layoutRegions(sizes)
  expect(places).toHaveLength(sizes.length)
  const overlapping = places.flatMap((a, i) =>
    places.slice(i + 1).filter((b) => Math.hypot(a.x - b.x, a.y - b.y) <= a.radius + b.radius),
  )
  expect(overlapping).toEqual([])
})

test('the Nexus is in the middle, and a region alone too', () => {
  expect(layoutRegions([owned(100), NEXUS])[1]).toMatchObject({ x: 0, y: 0 })
  expect(layoutRegions([owned(100)])[0]).toMatchObject({ x: 0, y: 0 })
})

test('sectors are equally dense everywhere', () => {
  const [small, large] = layoutRegions([owned(100), owned(900)])
  expect((large?.scale ?? 0) / (small?.scale ?? 1)).toBeCloseTo(3)
})
