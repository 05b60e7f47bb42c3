import { expect, test } from 'vitest'
import type { Key, Row } from '../world/row.js'
import { holds, MapScene, type RowChange } from './map-scene.js'
import type { MapTheme } from './map-theme.js'

const THEME: MapTheme = {
  places: {
    kind: 'towns',
    position: (row) => ({ x: Number(row.x), y: Number(row.y) }),
    label: (row) => String(row.id),
    color: () => 0xffffff,
    size: () => 3,
    glow: () => 0,
    glowRadius: 10,
  },
  links: { kind: 'roads', ends: (row) => [String(row.from), String(row.to)], color: () => 0 },
  points: [
    {
      kind: 'trees',
      x: 'x',
      y: 'y',
      look: () => ({ color: 0, size: 2, shape: 'diamond' }),
      label: () => 'tree',
      labelBelow: 1,
      pulse: true,
    },
    {
      kind: 'carts',
      x: 'x',
      y: 'y',
      owner: 'owner',
      look: (_row, mine) => ({ color: mine ? 0xff : 0, size: 4, shape: 'dart' }),
      label: () => 'cart',
      labelBelow: 1,
      pulse: false,
    },
  ],
  legend: [],
}

function sceneOf(changes: readonly RowChange[], theme: MapTheme = THEME) {
  const rows = new Map<string, Row>()
  const scene = new MapScene(theme, { get: (kind: string, key: Key) => rows.get(`${kind} ${key}`) })
  for (const { kind, key, row } of changes) if (row !== undefined) rows.set(`${kind} ${key}`, row)
  scene.apply(changes, false, 1)
  return scene
}

const town = (key: Key, x: number, y: number): RowChange => ({ kind: 'towns', key, row: { id: key, x, y } })
const road = (key: Key, from: Key, to: Key): RowChange => ({ kind: 'roads', key, row: { from, to } })
const tree = (key: Key, x: number, y: number): RowChange => ({ kind: 'trees', key, row: { x, y } })
const cart = (key: Key, x: number, y: number): RowChange => ({ kind: 'carts', key, row: { x, y, owner: 'ada' } })

test('a road that comes before its towns waits for them', () => {
  const scene = sceneOf([road(1, 'a', 'b'), town('a', 0, 0), town('b', 10, 0)])
  expect(scene.places.graph.size).toBe(1)
  scene.apply([{ kind: 'towns', key: 'b', row: undefined }], true, 2)
  expect([scene.places.graph.order, scene.places.graph.size]).toEqual([1, 0])
})

test('the whole view holds all places with a margin, and not what roams beyond', () => {
  const scene = sceneOf([town('a', 0, 0), town('b', 1000, 500), cart('c', 9000, 0)])
  expect(scene.extent(1)).toEqual({ left: -20, right: 1020, bottom: -20, top: 520 })
})

test('without places, the view holds all points', () => {
  const scene = sceneOf([tree(1, 0, 0), cart('c', 1000, 0)], { points: THEME.points, legend: [] })
  expect(scene.extent(1)).toMatchObject({ left: -20, right: 1020 })
  expect(sceneOf([], { points: [], legend: [] }).extent(1)).toBeUndefined()
})

test('what is drawn on top is picked first, unless something else is much nearer', () => {
  const scene = sceneOf([tree(1, 0, 0), cart('c', 2, 0), town('a', 30, 0)])
  expect(scene.pick(0, 0, 12, 1, 2)).toEqual({ kind: 'carts', key: 'c' })
  expect(scene.pick(-6, 0, 12, 1, 2)).toEqual({ kind: 'carts', key: 'c' })
  expect(scene.pick(29, 0, 12, 1, 2)).toEqual({ kind: 'towns', key: 'a' })
  expect(scene.pick(0, 500, 12, 1, 2)).toBeUndefined()
  // Zoomed out, a finger reaches further.
  expect(scene.pick(0, 500, 24, 100, 2)?.kind).toBe('carts')
})

test('rows without a position are not on the map', () => {
  const scene = sceneOf([{ kind: 'carts', key: 'c', row: { x: null, y: null } }])
  expect(scene.position({ kind: 'carts', key: 'c' }, 1)).toBeUndefined()
  expect(scene.position({ kind: 'weather', key: 1 }, 1)).toBeUndefined()
})

test('the first state does not pulse; what appears later does', () => {
  const scene = sceneOf([tree(1, 0, 0)])
  expect(scene.busyUntilS).toBe(0)
  scene.apply([tree(2, 5, 5)], true, 10)
  expect(scene.busyUntilS).toBeGreaterThan(11)
})

test('the player’s own rows change their look when the player is known', () => {
  const scene = sceneOf([cart('c', 0, 0)])
  const carts = scene.pointKind('carts')
  carts?.set.takeDirty()
  scene.setPlayer('ada', 2)
  expect(carts?.set.takeDirty()).toEqual({ from: 0, to: 1 })
  expect(scene.isMine(carts?.theme, { owner: 'ada' })).toBe(true)
  expect(scene.isMine(carts?.theme, { owner: 'bob' })).toBe(false)
})

test('an area holds another that does not reach beyond it', () => {
  const outer = { left: 0, right: 10, bottom: 0, top: 10 }
  expect(holds(outer, { left: 0, right: 10, bottom: 3, top: 4 })).toBe(true)
  expect(holds(outer, { left: 0, right: 11, bottom: 3, top: 4 })).toBe(false)
})
