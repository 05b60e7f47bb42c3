import { type MapRange, type Store, ZoneMap } from '@terrane/engine'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ContractContext, ContractOptions } from './store-contract.js'
import { changesOf, collectRows, SCORES } from './store-contract-kinds.js'
import { appendRange, bytesOf, readAll } from './store-contract-log.js'

const CODE_MAX = 2 ** 30 - 1
const HALF = 2 ** 29
const PLAYER = '0b8f2f6a-3a9e-4d37-9c5e-6f1c1a527d11'

const halves = (authority: MapRange['authority'], first = 'a', second = 'b'): readonly MapRange[] => [
  { authority, lo: 0, hi: HALF - 1, zone: first },
  { authority, lo: HALF, hi: CODE_MAX, zone: second },
]

const present = async ({ map }: Store): Promise<ZoneMap> => {
  const { version, ranges } = await map.read()
  return ZoneMap.of(version, ranges)
}

/** Changes, of which some do not fit the map that they meet. */
const anySteps = fc.array(
  fc.record({
    process: fc.constantFrom(0, 1),
    isLate: fc.boolean(),
    authority: fc.constantFrom<MapRange['authority'][]>('spatial', 'persona'),
    change: fc.constantFrom('split', 'merge', 'move'),
    code: fc.nat(15).map((sixteenth) => sixteenth * 2 ** 26),
    from: fc.constantFrom('a', 'b', 'c'),
    into: fc.constantFrom('a', 'b', 'c'),
  }),
  { maxLength: 12 },
)

export function mapContract(get: () => ContractContext, { runs }: ContractOptions): void {
  describe('zone map', () => {
    test('S12: a map replaces the version that it was made from, and no other', async () => {
      const { store, other } = get()
      const { version: from } = await store.map.read()
      const ranges = [...halves('spatial'), ...halves('persona', 'c', 'd')]
      expect(await store.map.write({ from, ranges, appends: [] })).toBe('written')
      expect(await other.map.read()).toEqual({ version: from + 1, ranges })
      for (const stale of [from, from + 2]) {
        expect(await other.map.write({ from: stale, ranges: halves('spatial'), appends: [] })).toBe('stale')
      }
      expect(await store.map.read()).toEqual({ version: from + 1, ranges })
    })

    test('S12: of many that write at once exactly one does', async () => {
      const { fixture, store } = get()
      const { version: from } = await store.map.read()
      const stores = await Promise.all(Array.from({ length: 4 }, () => fixture.open()))
      const results = await Promise.all(
        stores.map(({ map }, i) => map.write({ from, ranges: halves('persona', `zone-${i}`, 'rest'), appends: [] })),
      )
      expect(results.filter((result) => result === 'written')).toHaveLength(1)
      expect(results.filter((result) => result === 'stale')).toHaveLength(3)
      const winner = `zone-${results.indexOf('written')}`
      expect((await store.map.read()).ranges).toEqual(halves('persona', winner, 'rest'))
      await Promise.all(stores.map((each) => each.close()))
    })

    const [first, second] = halves('persona') as [MapRange, MapRange]
    test.each([
      ['the first code', [{ ...first, lo: 1 }, second], 'ranges_incomplete'],
      ['a code between', [{ ...first, hi: HALF - 2 }, second], 'ranges_incomplete'],
      ['the last code', [first, { ...second, hi: CODE_MAX - 1 }], 'ranges_incomplete'],
    ])('S12: one that leaves out %s is refused, and changes nothing', async (_, ranges, code) => {
      const { store } = get()
      const before = await store.map.read()
      const write = async () => store.map.write({ from: before.version, ranges, appends: [] })
      await expect(write()).rejects.toMatchObject({ code })
      expect(await store.map.read()).toEqual(before)
    })

    test('S12: one that gives a code twice is refused, and changes nothing', async () => {
      const { store } = get()
      const before = await store.map.read()
      const write = async () =>
        store.map.write({ from: before.version, ranges: [first, { ...second, lo: HALF - 1 }], appends: [] })
      await expect(write()).rejects.toMatchObject({ code: 'ranges_overlap' })
      expect(await store.map.read()).toEqual(before)
    })

    test('S12: any sequence of splits, merges and moves by two processes keeps every code at one zone', async () => {
      await fc.assert(
        fc.asyncProperty(anySteps, async (steps) => {
          const { store, other } = get()
          const stores = [store, other] as const
          const { version } = await store.map.read()
          const begin = [...halves('spatial'), ...halves('persona')]
          expect(await store.map.write({ from: version, ranges: begin, appends: [] })).toBe('written')
          let map = await present(store)
          let before = map
          for (const { process, isLate, authority, change, code, from, into } of steps) {
            const base = isLate ? before : map
            let next: ZoneMap
            try {
              if (change === 'split') next = base.split({ authority, code }, into)
              else if (change === 'merge') next = base.merge(authority, from, into)
              else next = base.move({ authority, lo: code, hi: code + 2 ** 25 }, into)
            } catch {
              continue
            }
            const result = await stores[process].map.write({ from: base.version, ranges: next.ranges, appends: [] })
            expect(result).toBe(base.version === map.version ? 'written' : 'stale')
            if (result === 'written') [before, map] = [map, next]
            const found = await present(stores[1 - process] as Store)
            expect({ version: found.version, ranges: found.ranges }).toEqual({
              version: map.version,
              ranges: map.ranges,
            })
          }
        }),
        { numRuns: Math.ceil(runs / 5) },
      )
    })

    test('S13: batches that come with a map are in their logs with it, with their rows', async () => {
      const { store, other, zone } = get()
      const [from, into] = [zone(), zone()]
      await appendRange(store.log, from, 1, 2)
      const { version } = await store.map.read()
      const appends = [
        { zone: from, seq: 3, epoch: 1, payload: bytesOf('gone'), rows: [changesOf(SCORES, [], [PLAYER])] },
        { zone: into, seq: 1, epoch: 1, payload: bytesOf('come'), rows: [changesOf(SCORES, [[PLAYER, 5]])] },
      ]
      expect(await store.map.write({ from: version, ranges: halves('persona', from, into), appends })).toBe('written')
      expect((await other.map.read()).ranges).toEqual(halves('persona', from, into))
      expect((await readAll(other.log, from, 2)).map(({ seq }) => seq)).toEqual([3])
      expect((await readAll(other.log, into)).map(({ seq }) => seq)).toEqual([1])
      expect([...(await collectRows(other.checkpoints.rows(into, SCORES))).values()]).toEqual([[PLAYER, 5]])
    })

    test('S13: when one of the batches is fenced, or the map is late, nothing changes', async () => {
      const { store, zone } = get()
      const [mine, lost] = [zone(), zone()]
      await appendRange(store.log, lost, 1, 1, 2)
      const before = await store.map.read()
      const batch = (name: string, seq: number, epoch: number) => ({
        zone: name,
        seq,
        epoch,
        payload: bytesOf('moved'),
        rows: [changesOf(SCORES, [[PLAYER, 9]])],
      })
      const ranges = halves('spatial', mine, lost)
      const write = (from: number, ...appends: ReturnType<typeof batch>[]) => store.map.write({ from, ranges, appends })
      expect(await write(before.version, batch(mine, 1, 1), batch(lost, 1, 2))).toBe('fenced')
      expect(await write(before.version, batch(mine, 1, 1), batch(lost, 2, 1))).toBe('fenced')
      expect(await write(before.version - 1, batch(mine, 1, 1), batch(lost, 2, 2))).toBe('stale')
      expect(await store.map.read()).toEqual(before)
      expect(await readAll(store.log, mine)).toEqual([])
      expect((await collectRows(store.checkpoints.rows(mine, SCORES))).size).toBe(0)
      expect(await write(before.version, batch(mine, 1, 1), batch(lost, 2, 2))).toBe('written')
    })
  })
}
