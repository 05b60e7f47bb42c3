import { readFileSync } from 'node:fs'
import { TABLE_NAMES } from '@terrane/combat'
import { expect, test } from 'vitest'
import { CLIENT_TABLE_NAMES } from './client-columns.js'
import { inventedTexts } from './test-tables/files.js'

const GUIDE = readFileSync(new URL('../../../../docs/guides/client-tables.md', import.meta.url), 'utf8')

test('the guide names every client table that is read, and what is made of them', () => {
  const words = new Set(GUIDE.match(/\w+/g))
  expect(CLIENT_TABLE_NAMES.filter((name) => !words.has(name))).toEqual([])
  const made = GUIDE.replace('`…_mult_by_ilvl`', 'combat_ratings_mult_by_ilvl')
  expect(TABLE_NAMES.filter((name) => !new RegExp(`\\b${name}\\b`).test(made))).toEqual([])
})

test('there is an invented table of each', () => {
  const names = Object.keys(inventedTexts()).map((name) => name.replace(/\..*$/, ''))
  expect(names.sort()).toEqual([...CLIENT_TABLE_NAMES].sort())
})
