import { OUTBOX } from '@terrane/engine'
import { describe, expect, test } from 'vitest'
import type { ContractContext } from './store-contract.js'
import { changesOf, collectRows } from './store-contract-kinds.js'
import { appendRange } from './store-contract-log.js'

const LEASE_MS = 60_000
/** Short enough to wait for on a real clock, long enough not to run out between two statements. */
const SHORT_LEASE_MS = 700

export function zoneContract(get: () => ContractContext): void {
  describe('zone directory', () => {
    test('S5: each claim gets a greater epoch, also that of the same owner', async () => {
      const { store, zone } = get()
      const name = zone()
      const epochs: number[] = []
      for (let i = 0; i < 4; i++) {
        const claim = await store.zones.claim(name, 'owner', LEASE_MS)
        expect(claim.claimed).toBe(true)
        if (claim.claimed) epochs.push(claim.epoch)
      }
      expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b))
    })

    test('S5: a held zone says by whom and until when', async () => {
      const { store, other, zone } = get()
      const name = zone()
      await store.zones.claim(name, 'first', LEASE_MS)
      const held = await other.zones.claim(name, 'second', LEASE_MS)
      expect(held).toMatchObject({ claimed: false, owner: 'first' })
      const record = (await store.zones.list()).find((each) => each.zone === name)
      expect(record).toMatchObject({ owner: 'first', epoch: 1, checkpoint: 0 })
      expect(held).toMatchObject({ leaseUntil: record?.leaseUntil })
      expect(record?.leaseLeftMs).toBeGreaterThan(0)
      expect(record?.leaseLeftMs).toBeLessThanOrEqual(LEASE_MS)
    })

    test('S5: a zone is free again once released, but only its owner can release it', async () => {
      const { store, other, zone } = get()
      const name = zone()
      await store.zones.claim(name, 'first', LEASE_MS)
      await other.zones.release(name, 'second')
      expect(await other.zones.claim(name, 'second', LEASE_MS)).toMatchObject({ claimed: false })
      await store.zones.release(name, 'first')
      expect((await store.zones.list()).find((each) => each.zone === name)).toMatchObject({
        owner: undefined,
        leaseUntil: 0,
        leaseLeftMs: 0,
      })
      expect(await other.zones.claim(name, 'second', LEASE_MS)).toMatchObject({ claimed: true, epoch: 2 })
    })

    test('S5: a zone is free again once its lease has run out; renewing keeps it', async () => {
      const { fixture, store, other, zone } = get()
      const [kept, lost] = [zone(), zone()]
      await store.zones.claim(kept, 'first', SHORT_LEASE_MS)
      await store.zones.claim(lost, 'first', SHORT_LEASE_MS)
      expect(await store.zones.renew('first', [kept], LEASE_MS)).toEqual([])
      await fixture.pass(SHORT_LEASE_MS + 50)
      expect(await other.zones.claim(kept, 'second', LEASE_MS)).toMatchObject({ claimed: false, owner: 'first' })
      expect(await other.zones.claim(lost, 'second', LEASE_MS)).toMatchObject({ claimed: true, epoch: 2 })
      expect(await store.zones.renew('first', [kept, lost, zone()], LEASE_MS)).toHaveLength(2)
    })

    test('S5: of many processes that claim at once exactly one gets the zone', async () => {
      const { fixture, zone } = get()
      const name = zone()
      const stores = await Promise.all(Array.from({ length: 4 }, () => fixture.open()))
      const claims = await Promise.all(stores.map((each, i) => each.zones.claim(name, `owner-${i}`, LEASE_MS)))
      expect(claims.filter((claim) => claim.claimed)).toHaveLength(1)
      await Promise.all(stores.map((each) => each.close()))
    })

    test('S5: a zone exists once something was committed, not merely claimed', async () => {
      const { store, zone } = get()
      const name = zone()
      expect(await store.zones.claim(name, 'owner', LEASE_MS)).toMatchObject({ existed: false, checkpoint: 0 })
      expect(await store.zones.claim(name, 'owner', LEASE_MS)).toMatchObject({ existed: false })
      await appendRange(store.log, name, 1, 3)
      expect(await store.zones.claim(name, 'owner', LEASE_MS)).toMatchObject({ existed: true, checkpoint: 0 })
      await store.checkpoints.write({ zone: name, from: 0, to: 3, changes: [], streams: [], endedStreams: [] })
      expect(await store.zones.claim(name, 'owner', LEASE_MS)).toMatchObject({ existed: true, checkpoint: 3 })
    })

    test('S9: a zone has one number for ever, from whichever call mentions it first', async () => {
      const { store, other, zone } = get()
      const [registered, claimed] = [zone(), zone()]
      const first = await store.zones.register(registered)
      expect(await other.zones.register(registered)).toBe(first)
      expect(await other.zones.claim(registered, 'owner', LEASE_MS)).toMatchObject({ number: first, epoch: 1 })
      const claim = await store.zones.claim(claimed, 'owner', LEASE_MS)
      expect(claim).toMatchObject({ claimed: true, number: first + 1 })
      expect(await store.zones.claim(claimed, 'owner', LEASE_MS)).toMatchObject({ number: first + 1, epoch: 2 })
      expect(await other.zones.register(claimed)).toBe(first + 1)
    })

    test('S9: registering takes no ownership, and does not make the zone exist', async () => {
      const { store, other, zone } = get()
      const name = zone()
      const number = await store.zones.register(name)
      const record = (await other.zones.list()).find((each) => each.zone === name)
      expect(record).toEqual({
        zone: name,
        number,
        owner: undefined,
        epoch: 0,
        leaseUntil: 0,
        leaseLeftMs: 0,
        checkpoint: 0,
      })
      expect(await other.zones.claim(name, 'owner', LEASE_MS)).toMatchObject({ claimed: true, existed: false })
    })

    test('S9: many processes at once get each zone the same number, without gaps', async () => {
      const { fixture, store, zone } = get()
      const names = Array.from({ length: 6 }, () => zone())
      const before = await store.zones.register(zone())
      const stores = await Promise.all(Array.from({ length: 4 }, () => fixture.open()))
      const numbers = await Promise.all(
        stores.map((each) => Promise.all(names.map((name) => each.zones.register(name)))),
      )
      for (const each of numbers) expect(each).toEqual(numbers[0])
      expect([...(numbers[0] ?? [])].sort((a, b) => a - b)).toEqual(names.map((_, i) => before + 1 + i))
      await Promise.all(stores.map((each) => each.close()))
    })

    test('S10: a zone is unsettled while its log is ahead of its tables, or its outbox holds an op', async () => {
      const { store, other, zone } = get()
      const [name, calm] = [zone(), zone()]
      await store.zones.claim(name, 'owner', LEASE_MS)
      await store.zones.claim(calm, 'owner', LEASE_MS)
      const isUnsettled = async () => {
        const unsettled = await other.zones.unsettled()
        expect(unsettled).not.toContain(calm)
        return unsettled.includes(name)
      }
      expect(await isUnsettled()).toBe(false)
      await appendRange(store.log, name, 1, 3)
      expect(await isUnsettled()).toBe(true)
      const write = { zone: name, streams: [], endedStreams: [] }
      const row = [7, 'there', 1_700_000_000_000, Uint8Array.of(0, 92, 255, 34)]
      await store.checkpoints.write({ ...write, from: 0, to: 3, changes: [changesOf(OUTBOX, [row])] })
      expect(await isUnsettled()).toBe(true)
      expect([...(await collectRows(other.checkpoints.rows(name, OUTBOX))).values()]).toEqual([row])
      await store.checkpoints.write({ ...write, from: 3, to: 3, changes: [changesOf(OUTBOX, [], [7])] })
      expect(await isUnsettled()).toBe(false)
    })

    test('zones are listed by name', async () => {
      const { store } = get()
      const names = (await store.zones.list()).map(({ zone }) => zone)
      expect(names).toEqual([...names].sort())
    })
  })
}
