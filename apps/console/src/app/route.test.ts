import { expect, test } from 'vitest'
import { parseRoute, simulationHash } from './route.js'

test('an address leads to its page, and what is none to the first one', () => {
  const jobId = '0b1c2d3e-0000-4000-8000-000000000001'
  expect(parseRoute(simulationHash(jobId))).toEqual({ page: 'simulations', jobId })
  expect(parseRoute('#/simulations')).toEqual({ page: 'simulations', jobId: undefined })
  expect(parseRoute('#/nodes')).toEqual({ page: 'nodes' })
  expect(parseRoute('#/galaxy').page).toBe('galaxy')
  expect(parseRoute('#/live')).toEqual({ page: 'live' })
  expect(parseRoute('')).toEqual({ page: 'home' })
  expect(parseRoute('#/simulations/../x')).toEqual({ page: 'home' })
})
