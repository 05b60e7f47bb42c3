import { assert, TerraneError } from '@terrane/core'
import type { ColumnType } from '@terrane/engine'
import { timestampText } from './timestamp.js'

/**
 * Columns of values as PostgreSQL array literals: one text parameter per column carries a whole chunk.
 * Written by hand because the driver's general serialiser looks at every value's type anew and escapes
 * with two regular expressions per element; here the type is known per column.
 */

/** Most texts need no escape; testing first is three times cheaper than replacing always. */
const NEEDS_ESCAPE = /["\\]/
const ESCAPED = /["\\]/g

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(ESCAPED, '\\$&')}"` : `"${text}"`
}

function numberText(value: number): string {
  // String(-0) is "0": recovery would turn it into another value than the one in memory.
  return value === 0 && 1 / value < 0 ? '-0' : String(value)
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value)
  // Functions and symbols have no JSON.
  return text === undefined ? 'NULL' : quoted(text)
}

function dateText(value: unknown): string {
  const ms = value instanceof Date ? value.getTime() : Number.NaN
  if (Number.isNaN(ms)) throw new TerraneError('unstorable_value', `not a valid date: ${String(value)}`)
  return `"${timestampText(ms)}"`
}

function bytesText(value: Uint8Array): string {
  return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}"`
}

/** `values[start…end)` as an array literal; null and undefined are NULL. */
export function arrayLiteral(type: ColumnType, values: readonly unknown[], start = 0, end = values.length): string {
  assert(start >= 0 && end <= values.length && start <= end, `array literal of [${start}, ${end}) of ${values.length}`)
  let text = '{'
  for (let i = start; i < end; i++) {
    if (i > start) text += ','
    const value = values[i]
    if (value === null || value === undefined) {
      text += 'NULL'
      continue
    }
    switch (type) {
      case 'integer':
        text += value
        break
      case 'float':
        text += numberText(value as number)
        break
      case 'boolean':
        text += value ? 't' : 'f'
        break
      case 'text':
        text += quoted(value as string)
        break
      case 'json':
        text += jsonText(value)
        break
      case 'date':
        text += dateText(value)
        break
      case 'bytes':
        text += bytesText(value as Uint8Array)
        break
    }
  }
  return `${text}}`
}
