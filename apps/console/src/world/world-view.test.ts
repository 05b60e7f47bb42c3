import { expect, test } from 'vitest'
import type { WorldDescriptor } from './descriptor.js'
import { worldView } from './world-view.js'

const WORLD: WorldDescriptor = {
  name: 'meadow',
  zones: ['main'],
  guests: true,
  kinds: [
    {
      name: 'animals',
      columns: [
        { name: 'id', type: 'text' },
        { name: 'name', type: 'text' },
        { name: 'lat', type: 'float' },
        { name: 'lon', type: 'float' },
        { name: 'owner', type: 'text' },
      ],
      key: 'id',
      visible: { to: 'nearby', x: 'lon', y: 'lat' },
    },
    { name: 'weather', columns: [{ name: 'id', type: 'integer' }], key: 'id', visible: { to: 'everyone' } },
  ],
  inputs: [],
}

test('a world without visuals of its own gets a scatter of what has a position', () => {
  const view = worldView(WORLD, {})
  expect(view.title).toBe('meadow')
  expect(view.map.points.map(({ kind, x, y, owner }) => ({ kind, x, y, owner }))).toEqual([
    { kind: 'animals', x: 'lon', y: 'lat', owner: 'owner' },
  ])
  expect(view.map.legend[0]?.entries.map(({ label }) => label)).toEqual(['Animals'])
  expect(view.label('animals', { id: 'a', name: 'Ewe' })).toBe('Ewe')
  expect(view.label('weather', { id: 1 })).toBeUndefined()
})
