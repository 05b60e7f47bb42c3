import type { CheckpointStore, CheckpointWrite, Store, StreamPosition } from '@terrane/engine'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ContractContext, ContractOptions } from './store-contract.js'
import { anyThings, changesOf, collectRows, SLOTS, THINGS } from './store-contract-kinds.js'

const LEASE_MS = 60_000

async function claimed(store: Store, zone: string): Promise<number> {
  const claim = await store.zones.claim(zone, 'owner', LEASE_MS)
  if (!claim.claimed) throw new Error(`${zone} is held`)
  return claim.epoch
}

function writeOf(zone: string, from: number, to: number, more: Partial<CheckpointWrite> = {}): CheckpointWrite {
  return { zone, from, to, changes: [], streams: [], endedStreams: [], ...more }
}

async function collectStreams(checkpoints: CheckpointStore, zone: string): Promise<StreamPosition[]> {
  const streams: StreamPosition[] = []
  for await (const chunk of checkpoints.streams(zone)) streams.push(...chunk)
  return streams.sort((a, b) => (a.stream < b.stream ? -1 : 1))
}

const slots = (count: number, note: string, from = 0): unknown[][] =>
  Array.from({ length: count }, (_, i) => [from + i, note])

export function checkpointContract(get: () => ContractContext, { runs }: ContractOptions): void {
  describe('checkpoints', () => {
    test('S6: a checkpoint applies at the position that the zone has, and moves it', async () => {
      const { store, other, zone } = get()
      const name = zone()
      await claimed(store, name)
      const changes = [changesOf(SLOTS, slots(3, 'first'))]
      expect(await store.checkpoints.write(writeOf(name, 0, 5, { changes }))).toBe('written')
      expect((await other.zones.list()).find((each) => each.zone === name)?.checkpoint).toBe(5)
      expect((await collectRows(other.checkpoints.rows(name, SLOTS))).size).toBe(3)
    })

    test('S6: at any other position it is fenced and changes nothing', async () => {
      const { store, zone } = get()
      const name = zone()
      await claimed(store, name)
      await store.checkpoints.write(writeOf(name, 0, 5, { changes: [changesOf(SLOTS, slots(3, 'first'))] }))
      const stale = {
        changes: [changesOf(SLOTS, slots(9, 'stale'), [0])],
        streams: [{ stream: 's', lastInput: 1, at: 1 }],
      }
      for (const from of [0, 4, 6]) {
        expect(await store.checkpoints.write(writeOf(name, from, 7, stale))).toBe('fenced')
      }
      expect([...(await collectRows(store.checkpoints.rows(name, SLOTS))).values()]).toEqual(slots(3, 'first'))
      expect(await collectStreams(store.checkpoints, name)).toEqual([])
      expect(await store.checkpoints.write(writeOf(zone(), 0, 1))).toBe('fenced')
    })

    test('S6: a checkpoint of an owner that was replaced is fenced', async () => {
      const { store, other, zone } = get()
      const name = zone()
      const old = await claimed(store, name)
      const now = await claimed(other, name)
      expect(await store.checkpoints.write(writeOf(name, 0, 5, { epoch: old }))).toBe('fenced')
      expect(await other.checkpoints.write(writeOf(name, 0, 5, { epoch: now }))).toBe('written')
    })

    test('S6: of two checkpoints from one position exactly one applies', async () => {
      const { store, other, zone } = get()
      const name = zone()
      await claimed(store, name)
      for (let from = 0; from < 10; from++) {
        const write = (from_: Store, note: string) =>
          from_.checkpoints.write(writeOf(name, from, from + 1, { changes: [changesOf(SLOTS, slots(50, note))] }))
        const results = await Promise.all([write(store, 'a'), write(other, 'b')])
        expect([...results].sort()).toEqual(['fenced', 'written'])
        const rows = [...(await collectRows(store.checkpoints.rows(name, SLOTS))).values()]
        expect(rows).toEqual(slots(50, results[0] === 'written' ? 'a' : 'b'))
      }
    })

    test('S6: a large checkpoint may come in slices that leave the position where it is', async () => {
      const { store, zone } = get()
      const name = zone()
      await claimed(store, name)
      for (let slice = 0; slice < 4; slice++) {
        const changes = [changesOf(SLOTS, slots(6_000, `slice ${slice}`, slice * 6_000))]
        expect(await store.checkpoints.write(writeOf(name, 0, slice === 3 ? 8 : 0, { changes }))).toBe('written')
      }
      const rows = await collectRows(store.checkpoints.rows(name, SLOTS))
      expect(rows.size).toBe(24_000)
      expect(rows.get(23_999)).toEqual([23_999, 'slice 3'])
    })

    test('S11: rows that stay are read, however others come and go meanwhile', async () => {
      const { store, zone } = get()
      const name = zone()
      await claimed(store, name)
      const count = 12_000
      const changes = [changesOf(SLOTS, slots(count, 'before'))]
      expect(await store.checkpoints.write(writeOf(name, 0, 1, { changes }))).toBe('written')
      const seen = new Map<unknown, unknown>()
      let at = 1
      for await (const { columns } of store.checkpoints.rows(name, SLOTS)) {
        columns[0]?.forEach((key, r) => void seen.set(key, columns[1]?.[r]))
        if (at > 4) continue
        // Every third row goes, of those that have been read and of those that have not.
        const gone = Array.from({ length: count / 12 }, (_, i) => (i * 4 + at - 1) * 3)
        const next = changesOf(SLOTS, slots(1, `after ${at}`, count + at), gone)
        expect(await store.checkpoints.write(writeOf(name, at, ++at, { changes: [next] }))).toBe('written')
      }
      for (let key = 0; key < count; key++) if (key % 3 !== 0) expect(seen.get(key), `row ${key}`).toBe('before')
    })

    test('rows are overwritten, deleted, and kept apart by zone', async () => {
      const { store, zone } = get()
      const [here, there] = [zone(), zone()]
      await claimed(store, here)
      await claimed(store, there)
      await store.checkpoints.write(writeOf(here, 0, 1, { changes: [changesOf(SLOTS, slots(5, 'here'))] }))
      await store.checkpoints.write(writeOf(there, 0, 1, { changes: [changesOf(SLOTS, slots(5, 'there'))] }))
      const changes = [
        changesOf(
          SLOTS,
          [
            [3, 'new'],
            [9, null],
          ],
          [1, 2, 77],
        ),
      ]
      await store.checkpoints.write(writeOf(here, 1, 2, { changes }))
      const rows = [...(await collectRows(store.checkpoints.rows(here, SLOTS))).values()]
      expect(rows.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
        [0, 'here'],
        [3, 'new'],
        [4, 'here'],
        [9, null],
      ])
      expect([...(await collectRows(store.checkpoints.rows(there, SLOTS))).values()]).toEqual(slots(5, 'there'))
    })

    test('deletes come before writes of the same key', async () => {
      const { store, zone } = get()
      const name = zone()
      await claimed(store, name)
      await store.checkpoints.write(writeOf(name, 0, 1, { changes: [changesOf(SLOTS, [[1, 'kept']], [1])] }))
      expect([...(await collectRows(store.checkpoints.rows(name, SLOTS))).values()]).toEqual([[1, 'kept']])
    })

    test('input streams move and end', async () => {
      const { store, other, zone } = get()
      const name = zone()
      await claimed(store, name)
      const streams = ['a', 'b', 'c "quoted" \\ {}'].map((stream, i) => ({
        stream,
        lastInput: i + 1,
        at: 1_700_000_000_123.5 + i,
      }))
      await store.checkpoints.write(writeOf(name, 0, 1, { streams }))
      expect(await collectStreams(other.checkpoints, name)).toEqual(streams)
      const moved = { stream: 'b', lastInput: 2 ** 53 - 1, at: 5 }
      await store.checkpoints.write(writeOf(name, 1, 2, { streams: [moved], endedStreams: ['a', 'unknown'] }))
      expect(await collectStreams(other.checkpoints, name)).toEqual([moved, streams[2]])
      expect(await collectStreams(other.checkpoints, zone())).toEqual([])
    })

    test('every value of every column type comes back as it was written', async () => {
      const { store, other, zone } = get()
      await fc.assert(
        fc.asyncProperty(anyThings, async (rows) => {
          const name = zone()
          await claimed(store, name)
          await store.checkpoints.write(writeOf(name, 0, 1, { changes: [changesOf(THINGS, rows)] }))
          const found = await collectRows(other.checkpoints.rows(name, THINGS))
          expect(found.size).toBe(rows.length)
          for (const row of rows) expect(found.get(row[0])).toEqual(row)
          const gone = rows.slice(0, 5).map((row) => row[0] as string)
          await store.checkpoints.write(writeOf(name, 1, 2, { changes: [changesOf(THINGS, [], gone)] }))
          expect((await collectRows(other.checkpoints.rows(name, THINGS))).size).toBe(rows.length - gone.length)
        }),
        { numRuns: runs },
      )
    })
  })
}
