import { PostgrestClient } from '@supabase/postgrest-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GameApi, openGameApi } from './test-api/game-api.js'

type Row = Readonly<Record<string, unknown>>

let api: GameApi
let client: ReturnType<typeof clientOf>

const clientOf = (url: string) => new PostgrestClient(url, { schema: 'game' })

beforeAll(async () => {
  api = await openGameApi()
  client = clientOf(api.url)
})

afterAll(() => api?.close())

const pick = (row: Row, ...names: string[]): Row => Object.fromEntries(names.map((name) => [name, row[name]]))
const by =
  (...names: string[]) =>
  (a: Row, b: Row): number => {
    for (const name of names) {
      const [x, y] = [a[name] as string | number, b[name] as string | number]
      if (x !== y) return x < y ? -1 : 1
    }
    return 0
  }
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id)

describe('postgrest-js, unmodified', () => {
  test('all rows of a table, all columns', async () => {
    const { data, error, status } = await client.from('specs').select()
    expect({ error, status }).toEqual({ error: null, status: 200 })
    expect(data).toEqual([...api.rows('specs')].sort(by('id')))
  })

  /** A query of ids, and which of the shipped rows it must find. */
  const filters: readonly [string, string, (query: ReturnType<typeof columnsOf>) => unknown, (row: Row) => boolean][] =
    [
      ['eq', 'spells', (q) => q.eq('id', 101), (row) => row.id === 101],
      ['eq of a text', 'items', (q) => q.eq('slot', 'head'), (row) => row.slot === 'head'],
      ['eq of a flag', 'spells', (q) => q.eq('passive', true), (row) => row.passive === true],
      ['neq', 'items', (q) => q.neq('quality', 'epic'), (row) => row.quality !== 'epic'],
      ['gt', 'items', (q) => q.gt('item_level', 470), (row) => Number(row.item_level) > 470],
      ['gte', 'items', (q) => q.gte('item_level', 470), (row) => Number(row.item_level) >= 470],
      ['lt', 'spells', (q) => q.lt('gcd_ms', 1500), (row) => Number(row.gcd_ms) < 1500],
      [
        'lte of a fraction',
        'specs',
        (q) => q.lte('mastery_coefficient', 1.2),
        (row) => Number(row.mastery_coefficient) <= 1.2,
      ],
      [
        'two filters',
        'items',
        (q) => q.gt('item_level', 450).eq('slot', 'finger'),
        (row) => Number(row.item_level) > 450 && row.slot === 'finger',
      ],
      ['like', 'spells', (q) => q.like('name', 'E%'), (row) => /^E/.test(String(row.name))],
      ['ilike', 'spells', (q) => q.ilike('name', '%LANCE%'), (row) => /lance/i.test(String(row.name))],
      ['in', 'spells', (q) => q.in('id', [101, 102, 99_999]), (row) => [101, 102].includes(Number(row.id))],
      [
        'in of texts with commas, quotes and brackets',
        'spells',
        (q) => q.in('name', ['Ember Lance', 'a,b', 'c"d', '(e)']),
        (row) => row.name === 'Ember Lance',
      ],
      ['is true', 'spells', (q) => q.is('gcd_hasted', true), (row) => row.gcd_hasted === true],
      ['is null', 'spells', (q) => q.is('name', null), () => false],
      [
        'not',
        'items',
        (q) => q.not('slot', 'in', '(head,neck)'),
        (row) => !['head', 'neck'].includes(String(row.slot)),
      ],
      ['not is null', 'specs', (q) => q.not('name', 'is', null), () => true],
      [
        'or',
        'items',
        (q) => q.or('slot.eq.neck,and(slot.eq.head,item_level.gte.470)'),
        (row) => row.slot === 'neck' || (row.slot === 'head' && Number(row.item_level) >= 470),
      ],
      [
        'or with not, in and quotes',
        'spells',
        (q) => q.or('name.eq."Ember Lance",not.and(id.gt.200,id.not.in.(500,501))'),
        (row) => row.name === 'Ember Lance' || !(Number(row.id) > 200 && ![500, 501].includes(Number(row.id))),
      ],
      ['filter', 'items', (q) => q.filter('item_level', 'gte', '480'), (row) => Number(row.item_level) >= 480],
      [
        'match',
        'items',
        (q) => q.match({ slot: 'head', quality: 'epic' }),
        (row) => row.slot === 'head' && row.quality === 'epic',
      ],
    ]
  const columnsOf = (table: string) => client.from(table).select('id')

  test.each(filters)('%s', async (_, table, apply, isMeant) => {
    const { data, error } = await (apply(columnsOf(table)) as ReturnType<typeof columnsOf>)
    expect(error).toBe(null)
    expect(ids(data ?? [])).toEqual(ids(api.rows(table).filter(isMeant).sort(by('id'))))
  })

  test('columns, aliases and casts', async () => {
    const { data } = await client.from('spells').select('number:id,name,cost:gcd_ms::text,passive::text').eq('id', 101)
    expect(data).toEqual([{ number: 101, name: 'Ember Lance', cost: '1500', passive: 'false' }])
  })

  test('order by several columns, and limit', async () => {
    const { data } = await client
      .from('items')
      .select('id,slot,item_level')
      .order('item_level', { ascending: false })
      .order('slot', { nullsFirst: true })
      .limit(15)
    const expected = api
      .rows('items')
      .map((row) => ({ ...pick(row, 'id', 'slot', 'item_level'), below: -Number(row.item_level) }))
      .sort(by('below', 'slot', 'id'))
      .slice(0, 15)
      .map((row) => pick(row, 'id', 'slot', 'item_level'))
    expect(data).toEqual(expected)
  })

  test('pages by range, with the count', async () => {
    const { data, count, status } = await client
      .from('items')
      .select('id', { count: 'exact' })
      .order('id')
      .range(20, 29)
    const all = ids(api.rows('items').sort(by('id')))
    expect({ data: ids(data ?? []), count, status }).toEqual({
      data: all.slice(20, 30),
      count: all.length,
      status: 206,
    })
  })

  test('a count alone', async () => {
    const { data, count, error } = await client.from('spells').select('*', { count: 'exact', head: true }).gt('id', 300)
    expect({ data, error }).toEqual({ data: null, error: null })
    expect(count).toBe(api.rows('spells').filter(({ id }) => Number(id) > 300).length)
  })

  test('a range behind the end', async () => {
    const { error, status } = await client.from('specs').select('id', { count: 'exact' }).range(50, 59)
    expect(status).toBe(416)
    expect(error).toMatchObject({
      code: 'PGRST103',
      details: 'An offset of 50 was requested, but there are only 4 rows.',
    })
  })

  test('single and maybeSingle', async () => {
    const one = await client.from('spells').select('id').eq('id', 102).single()
    expect(one.data).toEqual({ id: 102 })
    const none = await client.from('spells').select('id').eq('id', 1).single()
    expect(none).toMatchObject({ status: 406, error: { code: 'PGRST116', details: 'The result contains 0 rows' } })
    const several = await client.from('spells').select('id').in('id', [101, 102]).single()
    expect(several.error).toMatchObject({ code: 'PGRST116', details: 'The result contains 2 rows' })
    const maybe = await client.from('spells').select('id').eq('id', 1).maybeSingle()
    expect(maybe).toMatchObject({ data: null, error: null })
  })

  test('CSV', async () => {
    const { data } = await client.from('power_types').select('id,token').order('id').limit(2).csv()
    expect(data).toBe('id,token\n1,ember\n2,aether')
  })

  const effectsOf = (spell: unknown) =>
    api
      .rows('spell_effects')
      .filter((row) => row.spell_id === spell)
      .sort(by('position'))

  test('embedded: the rows that refer to a row', async () => {
    const { data, error } = await client
      .from('spells')
      .select('id,spell_effects(position,kind)')
      .lte('id', 103)
      .order('id')
    expect(error).toBe(null)
    const expected = api
      .rows('spells')
      .filter(({ id }) => Number(id) <= 103)
      .sort(by('id'))
      .map(({ id }) => ({ id, spell_effects: effectsOf(id).map((row) => pick(row, 'position', 'kind')) }))
    expect(data).toEqual(expected)
  })

  test('embedded: the row that is referred to, within one that refers', async () => {
    const { data } = await client
      .from('spec_spells')
      .select('spec:specs(name),spell:spells(id,name,spell_power(cost))')
      .eq('spec_id', 1)
      .eq('spell_id', 101)
      .single()
    expect(data).toEqual({
      spec: { name: 'Cinderwright' },
      spell: { id: 101, name: 'Ember Lance', spell_power: [{ cost: 250 }] },
    })
  })

  test('embedded: filters, order and limit of the embedded rows', async () => {
    const { data } = await client
      .from('spells')
      .select('id,effects:spell_effects(position)')
      .eq('id', 101)
      .gte('effects.position', 0)
      .order('position', { referencedTable: 'effects', ascending: false })
      .limit(1, { referencedTable: 'effects' })
    const last = effectsOf(101).at(-1)?.position
    expect(data).toEqual([{ id: 101, effects: [{ position: last }] }])
  })

  test('embedded: !inner leaves out rows without any', async () => {
    const { data, count } = await client
      .from('spells')
      .select('id,spell_effects!inner(kind)', { count: 'exact' })
      .eq('spell_effects.kind', 'mod_haste')
      .order('id')
    const wanted = [
      ...new Set(
        api
          .rows('spell_effects')
          .filter(({ kind }) => kind === 'mod_haste')
          .map((row) => row.spell_id),
      ),
    ]
    expect(ids(data ?? [])).toEqual(wanted.sort((a, b) => Number(a) - Number(b)))
    expect(count).toBe(wanted.length)
  })

  test('an older revision by its name, and all of them', async () => {
    const [first, ...others] = api.tables.spells
    if (first === undefined) throw new Error('there are no spells')
    await api.load('second', [{ ...first, name: 'Renamed' }, ...others])
    const now = await client.from('spells').select('revision,name').eq('id', first.id)
    expect(now.data).toEqual([{ revision: 'second', name: 'Renamed' }])
    const before = await client.from('spells').select('revision,name').eq('id', first.id).eq('revision', 'first')
    expect(before.data).toEqual([{ revision: 'first', name: first.name }])
    const all = await client.from('meta').select('revision').not('revision', 'is', null).order('revision')
    expect(all.data).toEqual([{ revision: 'first' }, { revision: 'second' }])
    const current = await client.from('meta').select('*').single()
    expect(current.data).toMatchObject({ revision: 'second', loaded_at: expect.stringMatching(/T.*\+00:00$/) })
    await api.load('first')
  })

  test.each([
    ['an unknown table', () => client.from('secrets').select(), 404, 'PGRST205'],
    ['another schema', () => client.schema('public').from('jobs').select(), 406, 'PGRST106'],
    ['a table of another schema', () => client.from('public.jobs').select(), 404, 'PGRST205'],
    ['an unknown column', () => client.from('spells').select('id,password'), 400, '42703'],
    ['an unknown column in a filter', () => client.from('spells').select('id').eq('password', 1), 400, '42703'],
    ['an unknown column in order', () => client.from('spells').select('id').order('password'), 400, '42703'],
    ['a value of another type', () => client.from('spells').select('id').eq('id', 'x'), 400, '22P02'],
    ['a number that is too large', () => client.from('spells').select('id').eq('id', '9'.repeat(30)), 400, '22003'],
    ['an unknown operator', () => client.from('spells').select('id').filter('id', 'equals', 1), 400, 'PGRST100'],
    ['an operator that we have not', () => client.from('spells').select('id').contains('name', ['x']), 400, 'PGRST127'],
    ['a table that is not related', () => client.from('items').select('id,specs(name)'), 400, 'PGRST200'],
    ['a filter of what is not embedded', () => client.from('items').select('id').eq('specs.id', 1), 400, 'PGRST108'],
    ['an aggregate', () => client.from('items').select('item_level.max()'), 400, 'PGRST123'],
    ['text operators on numbers', () => client.from('items').select('id').like('id', '1%'), 404, '42883'],
    ['an insert', () => client.from('items').insert({ id: 1 }), 405, 'PGRST117'],
    ['an update', () => client.from('items').update({ id: 1 }).eq('id', 1), 405, 'PGRST117'],
    ['a deletion', () => client.from('items').delete().eq('id', 1), 405, 'PGRST117'],
    ['a function', () => client.rpc('version'), 404, 'PGRST202'],
    ['a plan', () => client.from('items').select('id').explain(), 406, 'PGRST107'],
  ])('refuses %s', async (_, ask, status, code) => {
    const answer = await ask()
    expect({ status: answer.status, code: (answer.error as { code?: string } | null)?.code }).toEqual({ status, code })
    expect((answer.error as { message?: string } | null)?.message).not.toBe('')
  })
})

describe('HTTP', () => {
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${api.url}/${path}`, { headers })

  test('an ETag follows the revision', async () => {
    const first = await get('spells?select=id')
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('game-revision')).toBe('first')
    expect((await get('spells?select=id', { 'if-none-match': etag })).status).toBe(304)
    await api.load(
      'third',
      api.tables.spells.map((spell) => ({ ...spell, name: `New ${spell.name}` })),
    )
    const fresh = await get('spells?select=id', { 'if-none-match': etag })
    expect(fresh.status).toBe(200)
    expect(fresh.headers.get('etag')).not.toBe(etag)
    await api.load('first')
    expect((await get('spells?select=id', { 'if-none-match': etag })).status).toBe(304)
    // What is found by name may go while the current revision stays.
    expect((await get('spells?select=id&revision=eq.third')).headers.get('etag')).toBe(null)
  })

  test.each([
    ['0-4', '', '0-4/*', 5, 200],
    ['items=198-', '', '198-/*', undefined, 200],
    ['2-3', 'count=exact', '2-3/', 2, 206],
  ])('Range: %s, Prefer: %s', async (range, prefer, contentRange, length, status) => {
    const total = api.rows('items').length
    const answer = await get('items?select=id&order=id', { range, ...(prefer === '' ? {} : { prefer }) })
    const rows = (await answer.json()) as Row[]
    expect(answer.status).toBe(status)
    expect(rows).toHaveLength(length ?? total - 198)
    const whole = contentRange.endsWith('/')
      ? `${contentRange}${total}`
      : contentRange.replace('198-', `198-${total - 1}`)
    expect(answer.headers.get('content-range')).toBe(whole)
  })

  test('a range that is upside down', async () => {
    const answer = await get('items', { range: '5-2' })
    expect(answer.status).toBe(416)
    expect(await answer.json()).toMatchObject({ code: 'PGRST103', hint: null })
  })

  test('HEAD has the headers and no body', async () => {
    const answer = await fetch(`${api.url}/specs`, { method: 'HEAD', headers: { prefer: 'count=exact' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-range')).toBe('0-3/4')
    expect(await answer.text()).toBe('')
  })

  test('a limit of 0, and nothing selected', async () => {
    expect(await (await get('specs?limit=0')).json()).toEqual([])
    expect(await (await get('specs?select=')).json()).toEqual([{}, {}, {}, {}])
  })

  test('a limit below 0', async () => {
    expect((await get('specs?limit=-1')).status).toBe(416)
    expect((await get('specs?limit=x')).status).toBe(400)
  })
})
