import { expect, test } from 'vitest'
import islands from '../test-process/islands-world.js'
import { sharedZonesOf } from './shared-zones.js'

const ALONE = { bus: [], zones: undefined, standby: false }
const ONE_OF_MANY = { ...ALONE, bus: ['nats://127.0.0.1:4222'] }

test('a process alone shares nothing; one of many prefers what it is told, a standby nothing', () => {
  expect(sharedZonesOf(ALONE, islands)).toBeUndefined()
  expect(sharedZonesOf(ONE_OF_MANY, islands)).toEqual({ prefers: undefined })
  expect(sharedZonesOf({ ...ONE_OF_MANY, zones: ['east'] }, islands)).toEqual({ prefers: ['east'] })
  expect(sharedZonesOf({ ...ONE_OF_MANY, standby: true }, islands)).toEqual({ prefers: [] })
  expect(sharedZonesOf({ ...ONE_OF_MANY, zones: ['east'], standby: true }, islands)).toEqual({ prefers: ['east'] })
})

test.each([
  [{ ...ALONE, zones: ['east'] }, 'zones_without_bus'],
  [{ ...ALONE, standby: true }, 'zones_without_bus'],
  [{ ...ONE_OF_MANY, zones: ['east', 'north'] }, 'unknown_zone'],
])('refuses %o', (options, code) => {
  expect(() => sharedZonesOf(options, islands)).toThrow(expect.objectContaining({ code }))
})
