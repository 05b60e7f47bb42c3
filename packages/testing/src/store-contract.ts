import type { Store } from '@terrane/engine'
import { afterAll, beforeAll, describe } from 'vitest'
import { checkpointContract } from './store-contract-checkpoints.js'
import { logContract } from './store-contract-log.js'
import { mapContract } from './store-contract-map.js'
import { modelContract } from './store-contract-model.js'
import { zoneContract } from './store-contract-zones.js'

export { CONTRACT_KINDS, SCORES, SLOTS, THINGS } from './store-contract-kinds.js'

/** One durable place with the tables of `CONTRACT_KINDS`, and ways to reach and to trouble it. */
export interface StoreFixture {
  /** A further process' store over the same data. */
  open(): Promise<Store> | Store
  /** Lets time pass on the clock that measures leases. */
  pass(ms: number): Promise<void> | void
  /** Starts `call` and breaks the connection of `store` at some moment of it; resolves when `call` has settled. */
  interrupt(store: Store, call: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

export interface ContractContext {
  readonly fixture: StoreFixture
  /** The store of the process under test; closed by the suite. */
  readonly store: Store
  /** Another process on the same data. */
  readonly other: Store
  /** A zone name that no other test uses. */
  zone(): string
}

export interface ContractOptions {
  /** How often each property runs. */
  readonly runs: number
}

/** Holds an adapter to the rules S1–S13 of the engine's `Store` port. */
export function describeStoreContract(
  name: string,
  makeFixture: () => Promise<StoreFixture>,
  options: ContractOptions = { runs: 50 },
): void {
  describe(`store contract: ${name}`, () => {
    let context: ContractContext | undefined
    let zones = 0

    beforeAll(async () => {
      const fixture = await makeFixture()
      const [store, other] = [await fixture.open(), await fixture.open()]
      context = { fixture, store, other, zone: () => `zone-${++zones}` }
    })

    afterAll(async () => {
      await context?.store.close()
      await context?.other.close()
      await context?.fixture.close()
    })

    const get = (): ContractContext => {
      if (context === undefined) throw new Error('the fixture is not made yet')
      return context
    }
    logContract(get)
    zoneContract(get)
    checkpointContract(get, options)
    mapContract(get, options)
    modelContract(get, options)
  })
}
