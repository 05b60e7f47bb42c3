import { GAME_TABLES } from '@terrane/gamedata'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GameApi, openGameApi } from './test-api/game-api.js'

let api: GameApi

beforeAll(async () => {
  api = await openGameApi()
})

afterAll(() => api?.close())

/** What works where a value or a name becomes part of a statement's text. */
const INJECTIONS = [
  "1'; DROP TABLE game.spells; --",
  '1) OR 1=1 --',
  "' OR ''='",
  "'; SELECT pg_sleep(60); --",
  '1; DELETE FROM game.meta',
  '"; DROP SCHEMA game CASCADE; --',
  "$1; COMMIT; UPDATE game.current_revision SET revision = 'x'; --",
  "\\'; DROP TABLE jobs; --",
  "{1,2}'::int8[])) UNION SELECT rolpassword FROM pg_authid --",
  '(SELECT rolpassword FROM pg_authid LIMIT 1)',
  '101 UNION ALL SELECT passwd FROM pg_shadow',
  '\0',
  '%00',
  "a' || (SELECT version()) || '",
  '-- comment',
  '/* comment */',
]

/** Every place of a request where a caller's text goes. */
const PLACES: Readonly<Record<string, (text: string) => string>> = {
  table: (text) => encodeURIComponent(text),
  value: (text) => `spells?name=eq.${encodeURIComponent(text)}`,
  number: (text) => `spells?id=eq.${encodeURIComponent(text)}`,
  flag: (text) => `spells?passive=is.${encodeURIComponent(text)}`,
  like: (text) => `spells?name=ilike.${encodeURIComponent(text)}`,
  list: (text) => `spells?name=in.(${encodeURIComponent(text)})`,
  'list of numbers': (text) => `spells?id=in.("${encodeURIComponent(text)}")`,
  operator: (text) => `spells?id=${encodeURIComponent(text)}.1`,
  'whole filter': (text) => `spells?id=${encodeURIComponent(text)}`,
  column: (text) => `spells?${encodeURIComponent(text)}=eq.1`,
  or: (text) => `spells?or=(${encodeURIComponent(text)})`,
  'value in or': (text) => `spells?or=(name.eq.${encodeURIComponent(text)},id.eq.1)`,
  'quoted in or': (text) => `spells?or=(name.eq."${encodeURIComponent(text)}",id.eq.1)`,
  select: (text) => `spells?select=${encodeURIComponent(text)}`,
  alias: (text) => `spells?select="${encodeURIComponent(text.replaceAll('"', '\\"'))}":id&limit=1`,
  cast: (text) => `spells?select=id::${encodeURIComponent(text)}`,
  embedded: (text) => `spells?select=id,${encodeURIComponent(text)}(id)`,
  hint: (text) => `spells?select=id,spell_effects!${encodeURIComponent(text)}(kind)`,
  'embedded filter': (text) =>
    `spells?select=id,spell_effects!inner(kind)&spell_effects.kind=eq.${encodeURIComponent(text)}`,
  order: (text) => `spells?order=${encodeURIComponent(text)}`,
  direction: (text) => `spells?order=id.${encodeURIComponent(text)}`,
  limit: (text) => `spells?limit=${encodeURIComponent(text)}`,
  offset: (text) => `spells?offset=${encodeURIComponent(text)}`,
  revision: (text) => `spells?revision=eq.${encodeURIComponent(text)}`,
}

/** The answer's status; whatever it is, it is one that we meant, in the form that clients can read. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await fetch(`${api.url}/${path}`, { headers })
  const body = (await answer.json()) as unknown
  expect(answer.status, `${path}: ${JSON.stringify(body)}`).toBeLessThan(500)
  if (answer.status >= 300) {
    expect(body).toMatchObject({ code: expect.any(String), message: expect.any(String) })
  } else {
    expect(Array.isArray(body)).toBe(true)
  }
  return answer.status
}

async function state(): Promise<unknown> {
  const counts = GAME_TABLES.map(({ name }) => `(SELECT count(*) FROM game.${name})`)
  return api.query(`SELECT revision, ARRAY[${counts.join(', ')}]::text AS rows FROM game.current_revision`)
}

describe('SQL that comes as data', () => {
  test.each(Object.entries(PLACES))('stays data: %s', async (place, pathOf) => {
    const before = await state()
    for (const injection of INJECTIONS) {
      const status = await ask(pathOf(injection))
      // As a text it is one that no row has; in all other places it is refused.
      const isText = ['value', 'like', 'list', 'value in or', 'quoted in or', 'alias', 'embedded filter', 'revision']
      if (!isText.includes(place)) expect(status, `${place}: ${injection}`).toBeGreaterThanOrEqual(400)
    }
    expect(await state()).toEqual(before)
  })

  test('a value that would end a literal finds the row that has it', async () => {
    const [first, ...others] = api.tables.spells
    if (first === undefined) throw new Error('there are no spells')
    const names = ["O'Brien; --", 'a"b\\c', '100% {x},(y)', 'tab\tline\nend', '$1 ::text', '😀', '*']
    for (const [index, name] of names.entries()) {
      await api.load(`named-${index}`, [{ ...first, name }, ...others])
      const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`
      for (const path of [
        `name=eq.${encodeURIComponent(name)}`,
        `name=in.(${encodeURIComponent(quoted)})`,
        `or=(name.eq.${encodeURIComponent(quoted)})`,
      ]) {
        const rows = await (await fetch(`${api.url}/spells?select=id,name&${path}`)).json()
        expect(rows, path).toEqual([{ id: first.id, name }])
      }
    }
    await api.load('first')
  })
})

describe('never a 500', () => {
  const columns = fc.constantFrom('id', 'name', 'passive', 'proc_chance', 'revision', 'nothing', '', 'id.x', '*')
  const operators = fc.constantFrom(
    'eq',
    'neq',
    'gt',
    'like',
    'ilike',
    'in',
    'is',
    'not.eq',
    'not.is',
    'fts',
    'cs',
    'x',
    '',
  )
  const values = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...INJECTIONS, 'null', 'true', '(1,2)', '("a","b")', '{1}', '1e400', 'NaN', '-0', '%\\', '()'),
    fc.integer().map(String),
    fc.double().map(String),
  )
  const filters = fc.tuple(columns, operators, values).map(([c, o, v]) => [c, `${o}.${v}`] as const)
  const members = fc.tuple(columns, operators, values).map(([c, o, v]) => `${c}.${o}.${v}`)
  const trees = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      members,
      fc
        .tuple(fc.constantFrom('and', 'or', 'not.and', 'x'), fc.array(tie('tree'), { maxLength: 3 }))
        .map(([o, parts]) => `${o}(${parts.join(',')})`),
    ),
  })).tree
  const selects = fc.array(
    fc.constantFrom(
      '*',
      'id',
      'a:id',
      'id::text',
      'name::int8',
      'passive::float8',
      'spell_effects(*)',
      'x:spell_power!inner(cost)',
      'specs(',
      '(',
      ')',
      ',',
      '::',
      '!',
      '"',
      'spell_effects(spells(spell_effects(kind)))',
    ),
    { maxLength: 4 },
  )
  const others = fc.tuple(
    fc.constantFrom('order', 'limit', 'offset', 'and', 'or', 'not.or', 'select', 'spell_effects.kind'),
    values,
  )
  const parameters = fc.array(
    fc.oneof(
      filters,
      trees.map((tree) => ['or', `(${tree})`] as const),
      selects.map((items) => ['select', items.join(',')] as const),
      others,
    ),
    { maxLength: 5 },
  )
  const headers = fc.record(
    {
      range: fc.constantFrom('0-1', '5-2', '3-', '-', 'items=1-2', 'bytes=0-1', '99999999999999999999-'),
      prefer: fc.constantFrom('count=exact', 'count=planned', 'nonsense'),
      accept: fc.constantFrom('*/*', 'application/json', 'image/png'),
      'accept-profile': fc.constantFrom('game', 'public'),
    },
    { requiredKeys: [] },
  )

  test('whatever is asked', async () => {
    await fc.assert(
      fc.asyncProperty(parameters, headers, async (query, given) => {
        const text = query.map(
          ([key, value]) => `${encodeURIComponent(wellFormed(key))}=${encodeURIComponent(wellFormed(value))}`,
        )
        await ask(`spells?limit=20&${text.join('&')}`, given as Record<string, string>)
      }),
      { numRuns: 250 },
    )
  })
})

/** Half a character cannot be in a URL. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}
