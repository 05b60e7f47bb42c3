import {
  type AppendResult,
  type CommitLog,
  type KindChanges,
  type LogEntry,
  TransientStoreError,
} from '@terrane/engine'
import { describe, expect, test } from 'vitest'
import type { ContractContext } from './store-contract.js'
import { changesOf, collectRows, SCORES, SLOTS } from './store-contract-kinds.js'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const PLAYER = '6f1c1a52-3a9e-4d37-9c5e-0b8f2f6a7d11'

export async function readAll(log: CommitLog, zone: string, after = 0): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const chunk of log.read(zone, after)) entries.push(...chunk)
  return entries
}

/** Appends batches `from`…`to`, whose payloads are their positions. */
export async function appendRange(log: CommitLog, zone: string, from: number, to: number, epoch = 1): Promise<void> {
  for (let seq = from; seq <= to; seq++) {
    expect(await log.append([{ zone, seq, epoch, payload: bytesOf(`${seq}`) }])).toEqual(['committed'])
  }
}

export function logContract(get: () => ContractContext): void {
  describe('commit log', () => {
    test('S1: what was committed is there for another process, byte for byte', async () => {
      const { store, other, zone } = get()
      const name = zone()
      const payloads = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, i) => i),
        new Uint8Array(300_000).fill(7),
      ]
      for (const [i, payload] of payloads.entries()) {
        expect(await store.log.append([{ zone: name, seq: i + 1, epoch: 3, payload }])).toEqual(['committed'])
      }
      const entries = await readAll(other.log, name)
      expect(entries.map(({ zone, seq, epoch }) => ({ zone, seq, epoch }))).toEqual(
        payloads.map((_, i) => ({ zone: name, seq: i + 1, epoch: 3 })),
      )
      for (const [i, entry] of entries.entries()) {
        expect(Buffer.compare(entry.payload, payloads[i] as Uint8Array)).toBe(0)
      }
    })

    test('S1: a payload that is a view into a larger buffer is stored as the view alone', async () => {
      const { store, zone } = get()
      const name = zone()
      const whole = bytesOf('before|payload|after')
      await store.log.append([{ zone: name, seq: 1, epoch: 1, payload: whole.subarray(7, 14) }])
      whole.fill(0)
      expect(new TextDecoder().decode((await readAll(store.log, name))[0]?.payload)).toBe('payload')
    })

    test('S1: many zones in one call', async () => {
      const { store, zone } = get()
      const names = Array.from({ length: 150 }, zone)
      const results = await store.log.append(names.map((zone) => ({ zone, seq: 1, epoch: 1, payload: bytesOf(zone) })))
      expect(results).toEqual(names.map(() => 'committed'))
      const last = names.at(-1) as string
      expect(await readAll(store.log, last)).toMatchObject([{ zone: last, seq: 1 }])
    })

    test('S2: an append at a taken position is fenced and changes nothing; other zones are unaffected', async () => {
      const { store, other, zone } = get()
      const [taken, free, further] = [zone(), zone(), zone()]
      await appendRange(store.log, taken, 1, 2)
      const results = await other.log.append([
        { zone: free, seq: 1, epoch: 9, payload: bytesOf('free') },
        { zone: taken, seq: 2, epoch: 9, payload: bytesOf('mine') },
        { zone: further, seq: 1, epoch: 9, payload: bytesOf('further') },
      ])
      expect(results).toEqual(['committed', 'fenced', 'committed'])
      expect(await store.log.headOf(taken)).toEqual({ seq: 2, epoch: 1 })
      expect(await store.log.headOf(free)).toEqual({ seq: 1, epoch: 9 })
      expect(await store.log.headOf(further)).toEqual({ seq: 1, epoch: 9 })
    })

    test('S2: an append of an epoch behind a batch of a later one is fenced, though its position is free', async () => {
      const { store, other, zone } = get()
      const [name, bystander] = [zone(), zone()]
      await appendRange(store.log, name, 1, 2, 4)
      await appendRange(other.log, name, 3, 3, 5)
      // It slept, and was told of the new batches without being told whose they are.
      const entries = [
        { zone: name, seq: 4, epoch: 4, payload: bytesOf('late') },
        { zone: bystander, seq: 1, epoch: 1, payload: bytesOf('here') },
      ]
      expect(await store.log.append(entries)).toEqual(['fenced', 'committed'])
      const rows = [changesOf(SCORES, [[PLAYER, 99]])]
      expect(await store.log.append([{ zone: name, seq: 4, epoch: 4, payload: bytesOf('late'), rows }])).toEqual([
        'fenced',
      ])
      expect(await store.log.headOf(name)).toEqual({ seq: 3, epoch: 5 })
      await appendRange(other.log, name, 4, 4, 5)
    })

    test('S2: an append behind a gap is fenced', async () => {
      const { store, zone } = get()
      const name = zone()
      expect(await store.log.append([{ zone: name, seq: 2, epoch: 1, payload: bytesOf('2') }])).toEqual(['fenced'])
      expect(await store.log.headOf(name)).toBeUndefined()
    })

    test('S2: of two owners racing for every position exactly one commits', async () => {
      const { store, other, zone } = get()
      const name = zone()
      for (let seq = 1; seq <= 40; seq++) {
        const race = (log: CommitLog, epoch: number) =>
          log.append([{ zone: name, seq, epoch, payload: bytesOf(`${epoch}:${seq}`) }])
        const results: AppendResult[] = (await Promise.all([race(store.log, 1), race(other.log, 2)])).flat()
        expect([...results].sort()).toEqual(['committed', 'fenced'])
        expect(await store.log.headOf(name)).toEqual({ seq, epoch: results[0] === 'committed' ? 1 : 2 })
      }
      expect((await readAll(store.log, name)).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 40 }, (_, i) => i + 1),
      )
    })

    test('S3: after a broken append headOf tells whether the batch is in the log, and it is whole or not at all', async () => {
      const { fixture, zone } = get()
      const name = zone()
      const victim = await fixture.open()
      let seq = 0
      for (let round = 0; round < 12; round++) {
        const payload = new Uint8Array(100_000).fill(round)
        let outcome: readonly AppendResult[] | unknown
        await fixture.interrupt(victim, async () => {
          outcome = await victim.log
            .append([{ zone: name, seq: seq + 1, epoch: 1, payload }])
            .catch((error: unknown) => error)
        })
        const head = (await get().other.log.headOf(name))?.seq ?? 0
        expect([seq, seq + 1]).toContain(head)
        if (Array.isArray(outcome)) expect([outcome, head]).toEqual([['committed'], seq + 1])
        else expect(outcome).toBeInstanceOf(TransientStoreError)
        if (head === seq) continue
        seq = head
        const newest = (await readAll(get().other.log, name, seq - 1))[0]
        expect(Buffer.compare(newest?.payload ?? new Uint8Array(), payload)).toBe(0)
      }
      // The store recovers by itself.
      expect(await victim.log.append([{ zone: name, seq: seq + 1, epoch: 1, payload: bytesOf('after') }])).toEqual([
        'committed',
      ])
      await victim.close()
    })

    test('S4: read yields batches in order without gaps from after + 1, in several chunks', async () => {
      const { store, zone } = get()
      const name = zone()
      await appendRange(store.log, name, 1, 60)
      expect((await readAll(store.log, name)).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 60 }, (_, i) => i + 1),
      )
      expect((await readAll(store.log, name, 57)).map(({ seq }) => seq)).toEqual([58, 59, 60])
      expect(await readAll(store.log, name, 60)).toEqual([])
      expect(await readAll(store.log, zone())).toEqual([])
    })

    test('S7: rows of a batch are written with it, and not when it is fenced', async () => {
      const { store, other, zone } = get()
      const name = zone()
      const append = (seq: number, points: number, from = store) =>
        from.log.append([
          { zone: name, seq, epoch: 1, payload: bytesOf(`${seq}`), rows: [changesOf(SCORES, [[PLAYER, points]])] },
        ])
      expect(await append(1, 10)).toEqual(['committed'])
      expect([...(await collectRows(other.checkpoints.rows(name, SCORES))).values()]).toEqual([[PLAYER, 10]])
      expect(await append(1, 99, other)).toEqual(['fenced'])
      expect([...(await collectRows(other.checkpoints.rows(name, SCORES))).values()]).toEqual([[PLAYER, 10]])
      const rows = [changesOf(SCORES, [], [PLAYER])]
      expect(await store.log.append([{ zone: name, seq: 2, epoch: 1, payload: bytesOf('2'), rows }])).toEqual([
        'committed',
      ])
      expect((await collectRows(other.checkpoints.rows(name, SCORES))).size).toBe(0)
    })

    test('S7: batches with and without rows in one call, one of them fenced', async () => {
      const { store, zone } = get()
      const [plain, taken, scored] = [zone(), zone(), zone()]
      await appendRange(store.log, taken, 1, 1)
      const rows = [changesOf(SCORES, [[PLAYER, 5]])]
      const payload = bytesOf('x')
      const results = await store.log.append([
        { zone: taken, seq: 1, epoch: 1, payload, rows },
        { zone: plain, seq: 1, epoch: 1, payload },
        { zone: scored, seq: 1, epoch: 1, payload, rows },
      ])
      expect(results).toEqual(['fenced', 'committed', 'committed'])
      expect((await collectRows(store.checkpoints.rows(taken, SCORES))).size).toBe(0)
      expect((await collectRows(store.checkpoints.rows(scored, SCORES))).size).toBe(1)
    })

    test('S7: rows of several zones in one call stay those of their zones, written and deleted', async () => {
      const { store, other, zone } = get()
      const [first, second, third] = [zone(), zone(), zone()]
      const append = (seq: number, changes: Record<string, KindChanges[]>) =>
        store.log.append(
          Object.entries(changes).map(([name, rows]) => ({ zone: name, seq, epoch: 1, payload: bytesOf(name), rows })),
        )
      const scoresOf = async (name: string) => [...(await collectRows(other.checkpoints.rows(name, SCORES))).values()]
      const slotsOf = async (name: string) => [...(await collectRows(other.checkpoints.rows(name, SLOTS))).values()]
      await append(1, {
        [first]: [changesOf(SCORES, [[PLAYER, 1]]), changesOf(SLOTS, [[7, 'a "quoted", {braced} note']])],
        [second]: [changesOf(SCORES, [[PLAYER, 2]])],
        [third]: [
          changesOf(SCORES, [[PLAYER, 3]]),
          changesOf(SLOTS, [
            [7, null],
            [8, ''],
          ]),
        ],
      })
      expect([await scoresOf(first), await scoresOf(second), await scoresOf(third)]).toEqual([
        [[PLAYER, 1]],
        [[PLAYER, 2]],
        [[PLAYER, 3]],
      ])
      expect(await slotsOf(first)).toEqual([[7, 'a "quoted", {braced} note']])
      expect(await slotsOf(third)).toEqual([
        [7, null],
        [8, ''],
      ])
      await append(2, {
        [first]: [changesOf(SCORES, [], [PLAYER])],
        [second]: [changesOf(SCORES, [[PLAYER, 20]])],
        [third]: [changesOf(SLOTS, [[9, 'new']], [7, 8])],
      })
      expect([await scoresOf(first), await scoresOf(second), await scoresOf(third)]).toEqual([
        [],
        [[PLAYER, 20]],
        [[PLAYER, 3]],
      ])
      expect([await slotsOf(first), await slotsOf(third)]).toEqual([[[7, 'a "quoted", {braced} note']], [[9, 'new']]])
    })

    test('S8: trim removes what a checkpoint covers, and never the newest batch', async () => {
      const { store, zone } = get()
      const name = zone()
      await appendRange(store.log, name, 1, 10)
      expect(await store.log.trim(name, 10)).toBe(0)
      await store.zones.claim(name, 'owner', 60_000)
      await store.checkpoints.write({ zone: name, from: 0, to: 6, changes: [], streams: [], endedStreams: [] })
      expect(await store.log.trim(name, 4)).toBe(4)
      expect(await store.log.trim(name, 4)).toBe(0)
      expect(await store.log.trim(name, 100)).toBe(2)
      expect((await readAll(store.log, name, 6)).map(({ seq }) => seq)).toEqual([7, 8, 9, 10])
      await store.checkpoints.write({ zone: name, from: 6, to: 10, changes: [], streams: [], endedStreams: [] })
      expect(await store.log.trim(name, 10)).toBe(3)
      expect(await store.log.headOf(name)).toEqual({ seq: 10, epoch: 1 })
    })

    test('S2, S8: an owner that fell behind a trimmed log is fenced, though its position is free', async () => {
      const { store, other, zone } = get()
      const name = zone()
      await store.zones.claim(name, 'owner', 60_000)
      await appendRange(store.log, name, 1, 10)
      await store.checkpoints.write({ zone: name, from: 0, to: 10, changes: [], streams: [], endedStreams: [] })
      await store.log.trim(name, 10)
      for (const seq of [1, 5, 9, 10]) {
        expect(await other.log.append([{ zone: name, seq, epoch: 1, payload: bytesOf('stale') }])).toEqual(['fenced'])
      }
      await appendRange(store.log, name, 11, 11)
    })
  })
}
