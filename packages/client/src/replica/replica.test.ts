import { Prng } from '@terrane/core'
import {
  ENTRY_CHANGED,
  ENTRY_FULL,
  ENTRY_GONE,
  FORM_DELTA,
  FORM_LEFT,
  FORM_SNAPSHOT,
  type StateEntry,
  type WireKind,
} from '@terrane/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blocksOf } from '../test-support/state-payload.js'
import { Replica } from './replica.js'
import type { AnyRow } from './table.js'

const KINDS: WireKind[] = [
  { name: 'ships', columns: ['id', 'x', 'name'], types: ['text', 'integer', 'text'], key: 0 },
  { name: 'rocks', columns: ['size', 'code'], types: ['double?', 'integer'], key: 1 },
]

function open(epoch = 1) {
  const thrown: unknown[] = []
  const replica = new Replica({ listenersMax: 10, report: (each) => thrown.push(each) })
  replica.onJoined({ epoch, kinds: KINDS })
  const events: unknown[] = []
  for (const [name, table] of replica.tables) {
    table.subscribe({
      insert: (row, key) => events.push(['insert', name, key, row]),
      update: (row, previous, key) => events.push(['update', name, key, row, previous]),
      remove: (previous, key) => events.push(['remove', name, key, previous]),
    })
  }
  const ships = replica.tables.get('ships')
  if (ships === undefined) throw new Error('no table')
  return { replica, events, thrown, ships }
}

const encode = blocksOf(KINDS)
const full = (id: number, key: string, x: number, name = 'n'): StateEntry => {
  return { id, kind: 0, op: ENTRY_FULL, mask: 0b111, values: [key, x, name] }
}
const changed = (id: number, mask: number, ...values: unknown[]): StateEntry => {
  return { id, kind: 0, op: ENTRY_CHANGED, mask, values }
}
const gone = (id: number): StateEntry => ({ id, kind: 0, op: ENTRY_GONE, mask: 0, values: [] })
const snapshot = (cell: number, version: number, ...entries: StateEntry[]) =>
  encode(cell, FORM_SNAPSHOT, version, version, entries)
const delta = (cell: number, version: number, previous: number, ...entries: StateEntry[]) =>
  encode(cell, FORM_DELTA, version, previous, entries)
const left = (cell: number) => encode(cell, FORM_LEFT, 0, 0, [])
const frame = (...blocks: Uint8Array[]) => Buffer.concat(blocks)

describe('replica', () => {
  test('inserts, updates and removes, told once per key and frame', () => {
    const { replica, events, ships } = open()
    replica.apply(frame(snapshot(1, 5, full(10, 'a', 1), full(11, 'b', 2))))
    replica.apply(frame(delta(1, 6, 5, changed(10, 0b10, 7), changed(10, 0b100, 'new'), gone(11))))
    expect(events).toEqual([
      ['insert', 'ships', 'a', { id: 'a', x: 1, name: 'n' }],
      ['insert', 'ships', 'b', { id: 'b', x: 2, name: 'n' }],
      ['update', 'ships', 'a', { id: 'a', x: 7, name: 'new' }, { id: 'a', x: 1, name: 'n' }],
      ['remove', 'ships', 'b', { id: 'b', x: 2, name: 'n' }],
    ])
    expect([...ships.all()]).toEqual([{ id: 'a', x: 7, name: 'new' }])
  })

  test.each([
    ['gone first', [delta(1, 6, 5, gone(10)), snapshot(2, 6, full(10, 'a', 9))]],
    ['arrived first', [snapshot(2, 6, full(10, 'a', 9)), delta(1, 6, 5, gone(10))]],
  ])('a move between cells in one frame is an update (%s)', (_, blocks) => {
    const { replica, events, ships } = open()
    replica.apply(frame(snapshot(1, 5, full(10, 'a', 1))))
    replica.apply(frame(...blocks))
    expect(events.slice(1)).toEqual([['update', 'ships', 'a', expect.objectContaining({ x: 9 }), expect.anything()]])
    replica.apply(frame(left(1)))
    expect(ships.size).toBe(1)
    replica.apply(frame(left(2)))
    expect(ships.size).toBe(0)
  })

  test('a delta that does not follow is not applied; its cell is asked for once, until a snapshot comes', () => {
    const { replica, ships } = open()
    replica.apply(frame(snapshot(1, 5, full(10, 'a', 1))))
    expect(replica.apply(frame(delta(1, 9, 8, changed(10, 0b10, 3))))).toEqual([1])
    expect(replica.apply(frame(delta(1, 10, 9, changed(10, 0b10, 4))))).toEqual([])
    expect(ships.get('a')).toMatchObject({ x: 1 })
    expect(replica.apply(frame(snapshot(1, 10, full(10, 'a', 4))))).toEqual([])
    // What was queued before the snapshot is older than it.
    expect(replica.apply(frame(delta(1, 10, 9, changed(10, 0b10, 99))))).toEqual([])
    expect(replica.apply(frame(delta(1, 11, 10, changed(10, 0b10, 5))))).toEqual([])
    expect(ships.get('a')).toMatchObject({ x: 5 })
  })

  test('a new epoch shows as the least difference', () => {
    const { replica, events, ships } = open(1)
    replica.apply(frame(snapshot(1, 5, full(10, 'same', 1), full(11, 'moved', 2), full(12, 'lost', 3))))
    expect(replica.resume()).toEqual({ epoch: 1, cells: [1, 5] })
    events.length = 0
    replica.onJoined({ epoch: 2, kinds: KINDS })
    expect(replica.resume()).toBeUndefined()
    expect(ships.size).toBe(3)
    // Numbers of entities and cells are new, and may be those of others before.
    replica.apply(frame(snapshot(7, 1, full(12, 'same', 1), full(10, 'moved', 9))))
    expect(events).toEqual([
      ['update', 'ships', 'moved', expect.objectContaining({ x: 9 }), expect.objectContaining({ x: 2 })],
      ['remove', 'ships', 'lost', expect.objectContaining({ x: 3 })],
    ])
    expect(replica.resume()).toEqual({ epoch: 2, cells: [7, 1] })
  })

  test('snapshots of a large view come in several frames, and nothing is removed before the last', () => {
    const { replica, events, ships } = open(1)
    replica.apply(frame(snapshot(1, 5, full(1, 'a', 1), full(2, 'b', 1), full(3, 'c', 1))))
    replica.onJoined({ epoch: 2, kinds: KINDS })
    events.length = 0
    replica.apply(frame(snapshot(8, 1, full(9, 'a', 1), full(10, 'big', 1, 'x'.repeat(300_000)))))
    expect(ships.size).toBe(4)
    replica.apply(frame(snapshot(9, 1, full(11, 'b', 1))))
    expect(events.map((each) => (each as unknown[]).slice(0, 3))).toEqual([
      ['insert', 'ships', 'big'],
      ['remove', 'ships', 'c'],
    ])
  })

  test('a key that passes to another entity within a frame is an update', () => {
    const { replica, events } = open()
    replica.apply(frame(snapshot(1, 5, full(10, 'a', 1))))
    replica.apply(frame(delta(1, 6, 5, full(20, 'a', 2), gone(10))))
    expect(events.slice(1)).toEqual([['update', 'ships', 'a', expect.objectContaining({ x: 2 }), expect.anything()]])
  })

  test('a subscriber that throws is reported, and the others get their events', () => {
    const { replica, thrown, ships } = open()
    const seen: AnyRow[] = []
    ships.subscribe({
      insert: () => {
        throw new Error('mine')
      },
    })
    const end = ships.subscribe({ insert: (row) => seen.push(row) })
    replica.apply(frame(snapshot(1, 5, full(10, 'a', 1))))
    end()
    replica.apply(frame(delta(1, 6, 5, full(11, 'b', 1))))
    expect(seen).toHaveLength(1)
    expect(thrown).toHaveLength(2)
    const existing: unknown[] = []
    ships.subscribe({ insert: (_, key) => existing.push(key) }, { existing: true })
    expect(existing).toEqual(['a', 'b'])
  })

  test('bytes that are no state throw, and kinds are told apart', () => {
    const { replica } = open()
    expect(() => replica.apply(Uint8Array.of(0, 1, 9))).toThrow(TypeError)
    const rock = { id: 1, kind: 1, op: ENTRY_FULL, mask: 0b11, values: [null, 5] }
    replica.apply(encode(2, FORM_SNAPSHOT, 1, 1, [rock]))
    expect([...(replica.tables.get('rocks')?.all() ?? [])]).toEqual([{ size: null, code: 5 }])
  })

  test('follows a server through moves, losses and changes of focus, and its events rebuild its tables', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        follow(new Prng(seed))
      }),
      { numRuns: 200 },
    )
  })
})

/** A server with entities in cells, as plainly as can be; deltas get lost, which resyncs must mend. */
function follow(random: Prng): void {
  const { replica, thrown } = open()
  const rebuilt = new Map<unknown, AnyRow>()
  replica.tables.get('ships')?.subscribe({
    insert: (row, key) => {
      expect(rebuilt.has(key)).toBe(false)
      rebuilt.set(key, row)
    },
    update: (row, previous, key) => {
      expect(rebuilt.get(key)).toEqual(previous)
      rebuilt.set(key, row)
    },
    remove: (previous, key) => {
      expect(rebuilt.get(key)).toEqual(previous)
      rebuilt.delete(key)
    },
  })
  const cells = [1, 2, 3, 4]
  const versions = new Map(cells.map((cell) => [cell, 0]))
  const entities = new Map<number, { key: string; x: number; cell: number }>()
  const inSight = new Set<number>()
  const wanted = new Set<number>()
  const whole = (cell: number) => {
    const rows = [...entities].filter(([, each]) => each.cell === cell).map(([id, each]) => full(id, each.key, each.x))
    return snapshot(cell, versions.get(cell) ?? 0, ...rows)
  }
  let version = 0
  let nextId = 1
  for (let round = 0; round < 40; round++) {
    version++
    const entries = new Map<number, StateEntry[]>()
    const touch = (cell: number, entry: StateEntry) => entries.set(cell, [...(entries.get(cell) ?? []), entry])
    for (let change = random.below(5); change > 0; change--) {
      const id = random.chance(0.3) || entities.size === 0 ? nextId++ : random.pick([...entities.keys()])
      const entity = entities.get(id)
      const cell = random.pick(cells)
      // One change per entity and publication, as a real server's.
      if ([...entries.values()].flat().some((entry) => entry.id === id)) continue
      if (entity === undefined) {
        entities.set(id, { key: `k${id}`, x: 0, cell })
        touch(cell, full(id, `k${id}`, 0))
      } else if (random.chance(0.2)) {
        entities.delete(id)
        touch(entity.cell, gone(id))
      } else {
        entity.x = random.below(1000)
        if (entity.cell === cell) touch(cell, changed(id, 0b10, entity.x))
        else {
          touch(entity.cell, gone(id))
          entity.cell = cell
          touch(cell, full(id, entity.key, entity.x))
        }
      }
    }
    const blocks = new Map<number, Uint8Array>()
    for (const [cell, list] of entries) {
      const previous = versions.get(cell) ?? 0
      versions.set(cell, version)
      // One in ten gets lost; the next one of its cell shows that.
      if (inSight.has(cell) && !random.chance(0.1)) blocks.set(cell, delta(cell, version, previous, ...list))
    }
    for (const cell of wanted) if (inSight.has(cell)) blocks.set(cell, whole(cell))
    wanted.clear()
    const cell = random.pick(cells)
    if (random.chance(0.3)) {
      if (inSight.delete(cell)) blocks.set(cell, left(cell))
      else {
        inSight.add(cell)
        blocks.set(cell, whole(cell))
      }
    }
    if (blocks.size === 0) continue
    for (const each of replica.apply(frame(...random.shuffle([...blocks.values()])))) wanted.add(each)
  }
  for (const cell of inSight) {
    for (const each of replica.apply(delta(cell, version + 1, versions.get(cell) ?? 0))) wanted.add(each)
    if (wanted.has(cell)) replica.apply(whole(cell))
  }
  expect(thrown).toEqual([])
  const expected = [...entities.values()].filter((each) => inSight.has(each.cell)).map((each) => [each.key, each.x])
  const held = [...(replica.tables.get('ships')?.all() ?? [])].map((row) => [row.id, row.x])
  expect(new Map(held as [string, number][])).toEqual(new Map(expected as [string, number][]))
  expect(new Map([...rebuilt].map(([key, row]) => [key, row.x]))).toEqual(new Map(expected as [string, number][]))
}
