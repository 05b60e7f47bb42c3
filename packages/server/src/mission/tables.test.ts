import { expect, test } from 'vitest'
import { isStored, schemaOf, storedRows } from './tables.js'

test('rows are read by their columns, those of one zone when one is named', async () => {
  const asked: unknown[] = []
  const rows = await storedRows(
    async (sql, values) => {
      asked.push(sql, values)
      return [['7', '1', '2', '0', '0', null, 'ann']]
    },
    'cores',
    'car-1',
  )
  expect(asked).toEqual([
    'SELECT "id", "x", "y", "vx", "vy", "touched_by", "carried_by" FROM "maglev_cores" WHERE terrane_zone = $1',
    ['car-1'],
  ])
  expect([...rows]).toEqual([['7', { id: '7', x: '1', y: '2', vx: '0', vy: '0', touchedBy: null, carriedBy: 'ann' }]])
})

test('a row is the stored one when every column is', () => {
  const stored = { id: '7', x: '1', touchedBy: null }
  expect(isStored({ id: 7, x: 1, touchedBy: null }, stored)).toBe(true)
  expect(isStored({ id: 7, x: 2, touchedBy: null }, stored)).toBe(false)
  expect(isStored({ id: 7, x: 1, touchedBy: 'ann' }, stored)).toBe(false)
  expect(isStored({ id: 7, x: 2 }, stored, ['id'])).toBe(true)
  expect(isStored(undefined, stored)).toBe(false)
  expect(isStored({ id: 7 }, undefined)).toBe(false)
  expect(isStored(undefined, undefined)).toBe(true)
  expect(schemaOf('scores').persist).toBe('commit')
})
