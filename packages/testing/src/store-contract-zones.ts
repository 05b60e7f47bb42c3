import { describe, expect, test } from 'vitest'
import type { ContractContext } from './store-contract.js'
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

    test('zones are listed by name', async () => {
      const { store } = get()
      const names = (await store.zones.list()).map(({ zone }) => zone)
      expect(names).toEqual([...names].sort())
    })
  })
}
