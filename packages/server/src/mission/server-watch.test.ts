import { expect, test } from 'vitest'
import { ServerWatch } from './server-watch.js'

const zone = (id: string, epoch: number, clock: Record<string, number>) => ({
  id,
  epoch,
  ops: { clock, buffered: 0, deadLetters: 0 },
})

test('clocks that grow are fine; one that goes back, or forgets a zone, is not', () => {
  const watch = new ServerWatch('http://127.0.0.1:9')
  watch.see([zone('car-1', 1, { 'car-1': 3 }), zone('car-2', 1, { 'car-1': 2 })])
  watch.see([zone('car-1', 1, { 'car-1': 3, 'car-2': 1 }), zone('car-2', 1, { 'car-1': 3 })])
  expect(watch).toMatchObject({ samples: 4, regressions: 0, restarts: 0 })
  watch.see([zone('car-1', 1, { 'car-1': 2, 'car-2': 1 })])
  watch.see([zone('car-2', 1, {})])
  expect(watch.regressions).toBe(2)
})

test('a car whose zone was opened anew is a restart; a persona zone that was put away is none', () => {
  const watch = new ServerWatch('http://127.0.0.1:9')
  watch.see([zone('car-1', 1, {}), zone('persona-1', 1, {})])
  watch.see([zone('car-1', 1, {}), zone('persona-1', 2, {})])
  expect(watch.restarts).toBe(0)
  watch.see([zone('car-1', 2, {})])
  expect(watch.restarts).toBe(1)
})
