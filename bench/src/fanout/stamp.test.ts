import { expect, test } from 'vitest'
import { nowMicros, readStamps, stamp } from './stamp.js'

test('stamps are found among other bytes, and look-alikes are not', () => {
  const first = stamp()
  const bytes = Buffer.from(`{"a":"~T12","b":"${first}","c":"~~T${'0'.repeat(15)}7"} ~T123`)
  const found: number[] = []
  readStamps(bytes, 0, bytes.length, (micros) => found.push(micros))
  expect(found).toEqual([Number(first.slice(2)), 7])
  expect(nowMicros() - Number(first.slice(2))).toBeGreaterThanOrEqual(0)
})
