import { Engine, defineWorld, kind } from '@terrane/engine'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { systemClock, systemTimers, Prng } from '@terrane/core'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { z } from 'zod'
const accounts = pgTable('accounts', { id: integer().primaryKey(), balance: integer().notNull() })
const bank = defineWorld({ name: 'bank', kinds: { accounts: kind(accounts, { visible: { to: 'nobody' } }) },
  inputs: { transfer: { args: z.object({ from: z.int(), to: z.int(), amount: z.int().positive() }),
    apply(tx, { from, to, amount }) {
      const a = tx.accounts.must(from), b = tx.accounts.must(to)
      if (a.balance < amount) tx.reject('poor','x')
      tx.accounts.update(from, { balance: a.balance - amount }); tx.accounts.update(to, { balance: b.balance + amount })
    } } },
  init(tx) { for (let id = 0; id < 100000; id++) tx.accounts.insert({ id, balance: 1e9 }) } })
const disk = new MemoryDisk()
const engine = new Engine({ world: bank, store: new MemoryStore(disk, { clock: systemClock }), clock: systemClock, timers: systemTimers, seed: 's', owner: 'o' })
await engine.start()
const zone = await engine.zone('main')
const rng = new Prng(1)
const s = zone.open('p', 'c', { onDurable() {}, onClosed() {} })
for (let round = 0; round < 8; round++) {
  const t0 = process.hrtime.bigint()
  const N = 200000
  for (let i = 0; i < N; i++) {
    const r = zone.submit(s, s.applied + 1, 0, [rng.below(100000), rng.below(100000), 1])
    if (r !== undefined) throw new Error(JSON.stringify(r))
    if (i % 1000 === 999) await new Promise((r) => setImmediate(r))
  }
  console.log(Number(process.hrtime.bigint() - t0) / N / 1000, 'us per input incl. commit to memory')
}
process.exit(0)
