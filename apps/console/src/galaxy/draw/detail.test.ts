import { expect, test } from 'vitest'
import { detailAt } from './detail.js'

const SCALES = Array.from({ length: 60 }, (_, i) => 0.05 * 1.1 ** i)

test('from afar there are only sectors and regions; close up everything has its sign and its name', () => {
  expect(detailAt(0.08)).toMatchObject({
    warps: 0,
    arrow: 0,
    formations: 0,
    markSize: 0,
    regionNames: 1,
    sectorNames: 0,
  })
  const close = detailAt(4)
  expect(close).toMatchObject({ warps: 1, formations: 1, regionNames: 0, clusterNames: 0, sectorNames: 1 })
  expect(Math.min(close.arrow, close.markSize)).toBeGreaterThan(5)
})

test('arrows come before sectors have names, and never without warps', () => {
  const first = (is: (scale: number) => boolean) => SCALES.find(is) ?? Number.NaN
  expect(first((scale) => detailAt(scale).arrow > 0)).toBeLessThan(first((scale) => detailAt(scale).sectorNames > 0))
  for (const scale of SCALES) if (detailAt(scale).arrow > 0) expect(detailAt(scale).warps).toBeGreaterThan(0.5)
})

test('dots grow with the scale, and always leave their neighbours room', () => {
  for (const [i, scale] of SCALES.entries()) {
    const { dotRadius } = detailAt(scale)
    expect(dotRadius).toBeGreaterThan(i === 0 ? 0 : detailAt(SCALES[i - 1] as number).dotRadius)
    expect(2 * dotRadius).toBeLessThan(Math.max(2, 26 * scale))
  }
})
