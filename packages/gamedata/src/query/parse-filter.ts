import type { Comparison, Condition, IsWhat } from './read-plan.js'
import { columnOf, type ReadableColumn, type ReadableTable } from './readable-tables.js'
import { RestError, unparsable, unsupported } from './rest-error.js'
import { Scanner } from './scanner.js'

/** Of and/or in each other: more is no question that a person asks. */
const DEPTH_MAX = 20

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
}
const IS: readonly string[] = ['null', 'not_null', 'true', 'false', 'unknown'] satisfies IsWhat[]

/** Those of PostgREST that we have not. */
const UNSUPPORTED = [
  'match',
  'imatch',
  'isdistinct',
  'fts',
  'plfts',
  'phfts',
  'wfts',
  'cs',
  'cd',
  'ov',
  'sl',
  'sr',
  'nxr',
  'nxl',
  'adj',
]

/** `column=[not.]operator.value`. @throws RestError */
export function parseFilter(table: ReadableTable, column: string, text: string): Condition {
  const known = columnOf(table, column)
  const scanner = new Scanner('filter', text)
  return operation(known, scanner, (what) => (what === 'list' ? list(scanner) : scanner.until('')))
}

/** `and=(…)`, `or=(…)`, also with `not.` before. @throws RestError */
export function parseLogic(table: ReadableTable, key: string, text: string): Condition {
  const scanner = new Scanner('logic tree', text)
  const isNegated = key.startsWith('not.')
  const tree = logic(table, isNegated ? key.slice(4) : key, scanner, 1)
  scanner.end()
  return isNegated ? { kind: 'not', part: tree } : tree
}

function logic(table: ReadableTable, operator: string, scanner: Scanner, depth: number): Condition {
  if (depth > DEPTH_MAX) throw unparsable('logic tree', operator, `more than ${DEPTH_MAX} of and/or in each other`)
  const parts: Condition[] = []
  scanner.expect('(')
  do {
    scanner.blanks()
    parts.push(member(table, scanner, depth))
    scanner.blanks()
  } while (scanner.take(','))
  scanner.expect(')')
  return { kind: operator === 'or' ? 'or' : 'and', parts }
}

function member(table: ReadableTable, scanner: Scanner, depth: number): Condition {
  if (scanner.take('not.')) return { kind: 'not', part: member(table, scanner, depth) }
  for (const operator of ['and', 'or']) {
    if (!scanner.peek(`${operator}(`)) continue
    scanner.expect(operator)
    return logic(table, operator, scanner, depth + 1)
  }
  const column = columnOf(table, scanner.name())
  scanner.expect('.')
  return operation(column, scanner, (what) => {
    if (what === 'list') return list(scanner)
    return scanner.peek('"') ? scanner.quoted() : scanner.until(',)')
  })
}

type ReadValue = (what: 'value' | 'list') => string | readonly string[]

function operation(column: ReadableColumn, scanner: Scanner, read: ReadValue): Condition {
  if (scanner.take('not.')) return { kind: 'not', part: operation(column, scanner, read) }
  const operator = scanner.until('.(,)')
  if (UNSUPPORTED.includes(operator)) throw unsupported(`the operator "${operator}"`, HINT)
  if (scanner.peek('(')) throw unsupported(`a modifier of "${operator}"`, HINT)
  const comparison = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined
  if (comparison === undefined && !['like', 'ilike', 'in', 'is'].includes(operator))
    throw scanner.failure(`an operator; "${operator}" is none`)
  scanner.expect('.')
  if (operator === 'in') return { kind: 'in', column, values: read('list') as readonly string[] }
  const value = read('value') as string
  if (comparison !== undefined) return { kind: 'compare', column, comparison, value }
  return operator === 'is' ? is(column, value.toLowerCase()) : like(column, operator, value)
}

const HINT = 'Supported are eq, neq, gt, gte, lt, lte, like, ilike, in, is, not, and, or.'

function is(column: ReadableColumn, what: string): Condition {
  if (!IS.includes(what)) throw unparsable('filter', `is.${what}`, `expecting one of ${IS.join(', ')}`)
  if (!['null', 'not_null'].includes(what) && column.type !== 'bool') {
    const message = `argument of IS ${what.toUpperCase()} must be type boolean, not type ${column.type}`
    throw new RestError(400, '42804', message, { hint: 'Compare with eq instead.' })
  }
  return { kind: 'is', column, what: what as IsWhat }
}

function like(column: ReadableColumn, operator: string, pattern: string): Condition {
  if (column.type !== 'text') {
    throw new RestError(
      404,
      '42883',
      `operator does not exist: ${column.type} ${operator === 'like' ? '~~' : '~~*'} unknown`,
      {
        hint: `${column.name} holds no text. Compare with eq, gt, lt and so on.`,
      },
    )
  }
  // In a URL a % is hard to write, so that the dialect has a second name for it.
  return { kind: 'like', column, pattern: pattern.replaceAll('*', '%'), isCaseSensitive: operator === 'like' }
}

function list(scanner: Scanner): string[] {
  const values: string[] = []
  scanner.expect('(')
  if (scanner.take(')')) return values
  do {
    scanner.blanks()
    values.push(scanner.peek('"') ? scanner.quoted() : scanner.until(',)'))
  } while (scanner.take(','))
  scanner.expect(')')
  return values
}
