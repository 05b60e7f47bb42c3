import { expect, test } from 'vitest'
import type { JsonSchema } from './descriptor.js'
import { argsOf, fieldsOf } from './input-form.js'

const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    structure: { type: 'string' },
    action: { enum: ['repair', 'deposit'], type: 'string' },
    amount: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
    silent: { type: 'boolean' },
    path: { type: 'array' },
  },
  required: ['structure', 'action', 'path'],
}

test('a form has a field per property, in their order', () => {
  expect(fieldsOf(SCHEMA)).toMatchObject([
    { name: 'structure', type: 'text', required: true, options: undefined, initial: '' },
    { name: 'action', type: 'text', required: true, options: ['repair', 'deposit'], initial: 'repair' },
    { name: 'amount', type: 'number', required: false },
    { name: 'silent', type: 'boolean', required: false, options: ['true', 'false'], initial: '' },
    { name: 'path', type: 'json', required: true },
  ])
})

test('what was typed becomes arguments of the right types', () => {
  const texts = { structure: 'abc', amount: '7', silent: 'true', path: '[1,2]' }
  expect(argsOf(fieldsOf(SCHEMA), texts)).toEqual({
    structure: 'abc',
    action: 'repair',
    amount: 7,
    silent: true,
    path: [1, 2],
  })
})

test('optional fields that were left empty are left out; the server judges the rest', () => {
  expect(argsOf(fieldsOf(SCHEMA), { path: 'not json' })).toEqual({ structure: '', action: 'repair', path: 'not json' })
})

test('an input without arguments has no fields', () => {
  expect(fieldsOf({})).toEqual([])
})
