import { TABLE_NAMES } from '@terrane/combat'
import { expect, test } from 'vitest'
import { recogniseFormat } from './client-files.js'
import { inventedTexts } from './test-tables/files.js'

const own = TABLE_NAMES.map((name) => `${name}.csv`)
const client = Object.keys(inventedTexts())

test('a directory is recognised by its files', () => {
  expect(recogniseFormat(own)).toBe('terrane')
  expect(recogniseFormat(client)).toBe('client-tables')
  expect(recogniseFormat([...client.map((name) => name.toLowerCase()), 'notes.csv'])).toBe('client-tables')
  expect(recogniseFormat(['spells.csv'])).toBe('terrane')
  expect(recogniseFormat(['SpellName.12.0.5.66529.csv', 'AreaTable.csv'])).toBe('client-tables')
})

test('what is neither, or both, must be named', () => {
  expect(() => recogniseFormat(['AreaTable.csv', 'Map.csv'])).toThrow(
    'none of the 2 files is a table that is known: AreaTable.csv, Map.csv',
  )
  expect(() => recogniseFormat(['spells.csv', 'SpellName.csv'])).toThrow("there are as many of Terrane's own tables")
})
