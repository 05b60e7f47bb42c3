import { expect, test, vi } from 'vitest'
import { RowChanges } from './row-changes.js'

test('a row that changed often is told once, as it is now', () => {
  const changes = new RowChanges()
  const batches = vi.fn()
  changes.watchAll(batches)
  changes.note('ships', 'a', { x: 1 })
  changes.note('ships', 'a', { x: 2 })
  changes.note('ships', 'b', { x: 5 })
  changes.note('ships', 'b', undefined)
  expect(batches).not.toHaveBeenCalled()
  changes.flush()
  changes.flush()
  expect(batches.mock.calls).toEqual([
    [
      [
        { kind: 'ships', key: 'a', row: { x: 2 } },
        { kind: 'ships', key: 'b', row: undefined },
      ],
    ],
  ])
})

test('who watches a row or a kind hears of it and of nothing else, until they stop', () => {
  const changes = new RowChanges()
  const row = vi.fn()
  const kind = vi.fn()
  const stopRow = changes.watchRow({ kind: 'ships', key: 'a' }, row)
  const stopKind = changes.watchKind('ships', kind)
  changes.note('ships', 'b', {})
  changes.note('sectors', 'a', {})
  changes.flush()
  expect([row.mock.calls.length, kind.mock.calls.length]).toEqual([0, 1])
  changes.note('ships', 'a', {})
  changes.flush()
  expect([row.mock.calls.length, kind.mock.calls.length]).toEqual([1, 2])
  stopRow()
  stopKind()
  changes.note('ships', 'a', {})
  changes.flush()
  expect([row.mock.calls.length, kind.mock.calls.length]).toEqual([1, 2])
})
