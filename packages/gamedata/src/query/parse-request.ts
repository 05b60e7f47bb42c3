import { parseFilter, parseLogic } from './parse-filter.js'
import { parseSelect, type SelectItem } from './parse-select.js'
import type { Condition, OrderTerm, ReadPlan, Selected } from './read-plan.js'
import { columnOf, type ReadableTable, readableTable } from './readable-tables.js'
import { RestError, unparsable } from './rest-error.js'
import { Scanner } from './scanner.js'

/** Each is a parameter or a part of the condition. */
const PARAMETERS_MAX = 200

/** Parameters of other requests than reads, which clients may send all the same. */
const IGNORED = ['columns', 'on_conflict']
const LOGIC = ['and', 'or', 'not.and', 'not.or']

/** Rows that a request wants, counted from 0: `Range: 10-19`. */
export interface WantedRange {
  readonly first: number
  /** Undefined: all from the first on. */
  readonly last: number | undefined
}

/**
 * What a request of PostgREST's dialect asks for.
 * @param parameters as in the URL, decoded, in their order
 * @throws RestError
 */
export function parseRequest(
  tableName: string,
  parameters: Iterable<readonly [string, string]>,
  range?: WantedRange,
): ReadPlan {
  const table = readableTable(tableName)
  const all = [...parameters].filter(([key]) => !IGNORED.includes(key))
  if (all.length > PARAMETERS_MAX) {
    throw unparsable('the query', `${all.length} parameters`, `at most ${PARAMETERS_MAX} are allowed`)
  }
  const select = all.findLast(([key]) => key === 'select')?.[1] ?? '*'
  const plan = planOf(table, parseSelect(table, select), all)
  return range === undefined ? plan : { ...plan, ...within(plan, range) }
}

type Parameters = readonly (readonly [string, string])[]

function planOf(table: ReadableTable, items: readonly SelectItem[], parameters: Parameters): ReadPlan {
  const embedded = items.filter((item) => item.kind === 'embedded')
  const ofEmbedded = new Map<string, [string, string][]>(embedded.map(({ name }) => [name, []]))
  const conditions: Condition[] = []
  let order: readonly OrderTerm[] = []
  let offset = 0
  let limit: number | undefined
  for (const [key, value] of parameters) {
    if (key === 'select') continue
    else if (key === 'order') order = parseOrder(table, value)
    else if (key === 'offset') offset = wholeNumber(key, value)
    else if (key === 'limit') limit = wholeNumber(key, value)
    else if (LOGIC.includes(key)) conditions.push(parseLogic(table, key, value))
    else {
      const dot = key.indexOf('.')
      if (dot < 0) conditions.push(parseFilter(table, key, value))
      else parametersOf(ofEmbedded, key.slice(0, dot), key).push([key.slice(dot + 1), value])
    }
  }
  const where: Condition | undefined = conditions.length > 1 ? { kind: 'and', parts: conditions } : conditions[0]
  return {
    table,
    select: items.map((item) => selectedOf(item, ofEmbedded)),
    where,
    order,
    offset,
    limit,
    namesRevision: where !== undefined && speaksOfRevision(where),
  }
}

function selectedOf(item: SelectItem, ofEmbedded: ReadonlyMap<string, Parameters>): Selected {
  if (item.kind === 'column') return item
  const { name, relationship, isInner, select } = item
  const { target, here, there, isList } = relationship
  return {
    kind: 'embedded',
    name,
    here,
    there,
    isList,
    isInner,
    plan: planOf(target, select, ofEmbedded.get(name) ?? []),
  }
}

function parametersOf(ofEmbedded: Map<string, [string, string][]>, name: string, key: string): [string, string][] {
  const found = ofEmbedded.get(name)
  if (found !== undefined) return found
  throw new RestError(400, 'PGRST108', `'${name}' is not an embedded resource in this request`, {
    details: `The parameter is '${key}'.`,
    hint: `Verify that '${name}' is included in the 'select' query parameter.`,
  })
}

function parseOrder(table: ReadableTable, text: string): OrderTerm[] {
  const scanner = new Scanner('order', text)
  const terms: OrderTerm[] = []
  do {
    const column = columnOf(table, scanner.name())
    const words: string[] = []
    while (scanner.take('.')) words.push(scanner.name())
    const isDescending = words[0] === 'desc'
    if (isDescending || words[0] === 'asc') words.shift()
    // As PostgreSQL does without being told.
    let nullsFirst = isDescending
    if (words[0] === 'nullsfirst' || words[0] === 'nullslast') nullsFirst = words.shift() === 'nullsfirst'
    if (words.length > 0) throw scanner.failure('asc, desc, nullsfirst or nullslast')
    terms.push({ column, isDescending, nullsFirst })
  } while (scanner.take(','))
  scanner.end()
  return terms
}

function wholeNumber(key: string, text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number
  if (/^-\d+$/.test(text)) {
    throw new RestError(416, 'PGRST103', 'Requested range not satisfiable', {
      details: `${key === 'limit' ? 'Limit' : 'Offset'} should be greater than or equal to zero.`,
    })
  }
  throw unparsable(key, text, 'expecting a whole number')
}

/** Both count: the header says which of the rows that the parameters leave. */
function within({ offset, limit }: ReadPlan, { first, last }: WantedRange): Pick<ReadPlan, 'offset' | 'limit'> {
  const left = limit === undefined ? undefined : Math.max(0, limit - first)
  const wanted = last === undefined ? undefined : last - first + 1
  const both = [left, wanted].filter((each) => each !== undefined)
  return { offset: offset + first, limit: both.length === 0 ? undefined : Math.min(...both) }
}

function speaksOfRevision(condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.some(speaksOfRevision)
    case 'not':
      return speaksOfRevision(condition.part)
    default:
      return condition.column.name === 'revision'
  }
}
