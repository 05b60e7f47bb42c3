import { expect, test } from 'vitest'
import { regionTitle } from './region-title.js'

test.each([
  ['region-7', false, 'Region 7'],
  ['aster', false, 'Aster'],
  ['Vel-Tar Reach', false, 'Vel-Tar Reach'],
  ['nexus', true, 'Central Nexus'],
])('%s is shown as a person would write it', (name, isNexus, title) => {
  expect(regionTitle({ name, isNexus })).toBe(title)
})
