import { expect, test } from 'vitest'
import { parseMetrics, quantileBetween } from './metrics-reader.js'

const reading = (below10: number, below20: number, all: number) =>
  parseMetrics(`# HELP took time
# TYPE took counter
took_bucket{tick="ride",le="0.01"} ${below10}
took_bucket{tick="ride",le="0.02"} ${below20}
took_bucket{tick="ride",le="+Inf"} ${all}
took_bucket{tick="other",le="+Inf"} 1000000
up 1
`)
const ride = { name: 'took', labels: 'tick="ride"' }

test('samples are read by name and labels', () => {
  expect(reading(1, 2, 3).get('took_bucket{tick="ride",le="+Inf"}')).toBe(3)
  expect(reading(1, 2, 3).get('up')).toBe(1)
})

test('a quantile counts what came between two readings, and nothing that was before', () => {
  const before = reading(0, 0, 500)
  expect(quantileBetween(before, reading(99, 100, 600), { ...ride, q: 0.99 })).toBeCloseTo(0.01)
  expect(quantileBetween(before, reading(50, 100, 600), { ...ride, q: 0.75 })).toBeCloseTo(0.015)
  expect(quantileBetween(before, reading(90, 98, 600), { ...ride, q: 0.99 })).toBe(Number.POSITIVE_INFINITY)
  expect(quantileBetween(before, before, { ...ride, q: 0.99 })).toBeNull()
})
