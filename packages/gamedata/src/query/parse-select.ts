import type { SqlType } from '../schema/game-schema.js'
import {
  columnOf,
  type ReadableColumn,
  type ReadableTable,
  type Relationship,
  relationshipOf,
} from './readable-tables.js'
import { RestError, unsupported } from './rest-error.js'
import { Scanner } from './scanner.js'

/** Of embedded resources in each other. */
const DEPTH_MAX = 5
/** In one request: each is a query. */
const EMBEDDED_MAX = 16
const ITEMS_MAX = 500

export type SelectItem =
  | {
      readonly kind: 'column'
      readonly column: ReadableColumn
      readonly name: string
      readonly cast: SqlType | undefined
    }
  | {
      readonly kind: 'embedded'
      readonly name: string
      readonly relationship: Relationship
      readonly isInner: boolean
      readonly select: readonly SelectItem[]
    }

const CASTS: Readonly<Record<string, SqlType>> = {
  text: 'text',
  varchar: 'text',
  int: 'int8',
  int4: 'int8',
  int8: 'int8',
  integer: 'int8',
  bigint: 'int8',
  float: 'float8',
  float8: 'float8',
  'double precision': 'float8',
  bool: 'bool',
  boolean: 'bool',
}
const AGGREGATES = ['sum', 'avg', 'count', 'max', 'min']

/** What `select` names, in its order. @throws RestError */
export function parseSelect(table: ReadableTable, text: string): readonly SelectItem[] {
  const scanner = new Scanner('select parameter', text)
  const count = { embedded: 0, items: 0 }
  const found = items(table, scanner, count, 1)
  scanner.end()
  return found
}

interface Count {
  embedded: number
  items: number
}

function items(table: ReadableTable, scanner: Scanner, count: Count, depth: number): SelectItem[] {
  const found: SelectItem[] = []
  scanner.blanks()
  // Nothing: the rows themselves do not matter, only how many there are.
  if (scanner.isAtEnd || scanner.peek(')')) return found
  do {
    scanner.blanks()
    if (scanner.take('*')) {
      for (const column of table.columns.values())
        found.push({ kind: 'column', column, name: column.name, cast: undefined })
    } else if (scanner.peek('...')) {
      throw unsupported('spreading an embedded resource', 'Embed it without the three dots.')
    } else {
      found.push(item(table, scanner, count, depth))
    }
    count.items++
    if (count.items > ITEMS_MAX) throw unsupported(`selecting more than ${ITEMS_MAX} things`, 'Select fewer.')
    scanner.blanks()
  } while (scanner.take(','))
  return found
}

function item(table: ReadableTable, scanner: Scanner, count: Count, depth: number): SelectItem {
  let source = scanner.name()
  let name: string | undefined
  if (scanner.peek(':') && !scanner.peek('::')) {
    scanner.expect(':')
    name = source
    source = scanner.name()
  }
  if (scanner.peek('.') || scanner.peek('()')) {
    if (scanner.peek('()') || AGGREGATES.some((each) => scanner.peek(`.${each}()`))) {
      throw new RestError(400, 'PGRST123', 'Use of aggregate functions is not allowed')
    }
  }
  if (scanner.peek('->')) throw unsupported('a path into JSON', 'No column of game data holds JSON.')
  const { hint, isInner } = modifiers(scanner)
  if (scanner.take('(')) {
    if (depth > DEPTH_MAX || ++count.embedded > EMBEDDED_MAX) {
      throw unsupported(`embedding more than ${EMBEDDED_MAX} resources, or ${DEPTH_MAX} in each other`, 'Ask in parts.')
    }
    const relationship = relationshipOf(table, source, hint)
    const select = items(relationship.target, scanner, count, depth + 1)
    scanner.expect(')')
    return { kind: 'embedded', name: name ?? source, relationship, isInner, select }
  }
  if (hint !== undefined || isInner) throw scanner.failure('"("')
  const column = columnOf(table, source)
  return { kind: 'column', column, name: name ?? source, cast: cast(scanner) }
}

function modifiers(scanner: Scanner): { hint: string | undefined; isInner: boolean } {
  let hint: string | undefined
  let isInner = false
  while (scanner.take('!')) {
    const word = scanner.name()
    if (word === 'inner') isInner = true
    else if (word !== 'left') hint = word
  }
  return { hint, isInner }
}

function cast(scanner: Scanner): SqlType | undefined {
  if (!scanner.take('::')) return undefined
  const name = scanner.name()
  const type = Object.hasOwn(CASTS, name) ? CASTS[name] : undefined
  if (type !== undefined) return type
  throw unsupported(`a cast to "${name}"`, `Cast to one of ${Object.keys(CASTS).join(', ')}.`)
}
