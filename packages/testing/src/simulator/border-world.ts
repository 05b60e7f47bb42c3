import { boxes, defineWorld, kind, type Transaction } from '@terrane/engine'
import { integer, pgTable, real, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const walkers = pgTable('border_walkers', {
  id: text().primaryKey(),
  x: real().notNull(),
  /** Units per second. */
  speed: real().notNull(),
  /** Counts every change, and goes along: a copy with fewer steps is older. */
  steps: integer().notNull(),
  moves: integer().notNull(),
})
const purses = pgTable('border_purses', { walker: text().primaryKey(), gold: integer().notNull() })
/** What became of walkers and of payments, durable exactly when it is so. */
const history = pgTable('border_history', {
  id: text().primaryKey(),
  what: text().notNull(),
  of: text().notNull(),
})

const kinds = {
  walkers: kind(walkers, {
    replicate: {
      position: ({ x }) => ({ x, y: 0, z: 0 }),
      motion: ({ speed }) => ({ velocity: { x: speed, y: 0, z: 0 } }),
      reach: 40,
    },
  }),
  purses: kind(purses),
  history: kind(history, { visible: { to: 'nobody' } }),
}

export const BORDER_ZONES = ['west', 'middle', 'east'] as const
const WALKERS_PER_ZONE = 4
const GOLD_EACH = 1_000
const EDGE = 150
const open = Number.POSITIVE_INFINITY
const box = (from: number, to: number) => ({ min: { x: from, y: -open, z: -open }, max: { x: to, y: open, z: open } })
const BEGINS: Readonly<Record<string, number>> = { west: -100, middle: 0, east: 100 }

export const BORDER_WALKERS = BORDER_ZONES.length * WALKERS_PER_ZONE
export const BORDER_GOLD = BORDER_WALKERS * GOLD_EACH

const payment = z.object({ id: z.string(), from: z.string(), to: z.string(), gold: z.int().positive() })

function note(tx: Transaction<typeof kinds>, what: string, of: string): void {
  tx.history.insert({ id: tx.newId(), what, of })
}

function add(tx: Transaction<typeof kinds>, walker: string, gold: number): void {
  tx.purses.update(walker, { gold: tx.purses.must(walker).gold + gold })
  const { steps } = tx.walkers.must(walker)
  tx.walkers.update(walker, { steps: steps + 1 })
}

/** Walkers that go to and fro across borders, and pay each other over them by what they see of the other side. */
export const borderWorld = defineWorld({
  name: 'borders',
  kinds,
  zones: BORDER_ZONES,
  borders: boxes({ west: box(-open, 0), middle: box(0, 100), east: box(100, open) }),
  handovers: {
    walkers: {
      related: (_, { id }) => ({ purses: [id] }),
      left: (tx, { id, moves }) => note(tx, 'gave', `${id} ${moves}`),
      arrived(tx, { id, moves, steps }) {
        note(tx, 'took', `${id} ${moves}`)
        tx.walkers.update(id, { moves: moves + 1, steps: steps + 1 })
      },
    },
  },
  ticks: {
    walk: {
      everyMs: 100,
      apply(tx, elapsedMs) {
        for (const { id, x, speed, steps } of [...tx.walkers.all()]) {
          const next = x + (speed * elapsedMs) / 1000
          const isBeyond = next < -EDGE + 50 || next > EDGE + 50
          tx.walkers.update(id, isBeyond ? { speed: -speed, steps: steps + 1 } : { x: next, steps: steps + 1 })
        }
      },
    },
  },
  inputs: {
    /** From one of the zone's own walkers to any that it sees, here or on the other side. */
    pay: {
      args: z.object({ id: z.string(), gold: z.int().positive() }),
      apply(tx, { id, gold }) {
        const own = [...tx.walkers.all()]
        const seen = [...tx.replicas.walkers.all()]
        const payer = own[tx.randomInt(0, Math.max(0, own.length - 1))]
        if (payer === undefined) return tx.reject('nobody_here', 'nobody is here to pay')
        if (tx.purses.must(payer.id).gold < gold) tx.reject('insufficient_funds', 'not enough gold')
        const target = seen[tx.randomInt(0, Math.max(0, seen.length - 1))]
        add(tx, payer.id, -gold)
        note(tx, 'paid', id)
        if (target !== undefined) tx.send(target.zone, 'pay', { id, from: payer.id, to: target.row.id, gold })
        else {
          add(tx, (own[tx.randomInt(0, own.length - 1)] as typeof payer).id, gold)
          note(tx, 'received', id)
        }
      },
    },
  },
  ops: {
    pay: {
      args: payment,
      apply(tx, { id, to, gold }) {
        add(tx, to, gold)
        note(tx, 'received', id)
      },
      // Whoever paid may have left meanwhile: then another one here gets it, or it follows the next who comes.
      refused(tx, { id, from, gold }) {
        const [first] = tx.walkers.all()
        const heir = tx.walkers.has(from) ? from : first?.id
        if (heir !== undefined) add(tx, heir, gold)
        else tx.purses.insert({ walker: `lost ${id}`, gold })
        note(tx, 'received', id)
      },
    },
  },
  init(tx) {
    for (let i = 0; i < WALKERS_PER_ZONE; i++) {
      const id = `${tx.zone}-${i}`
      const x = (BEGINS[tx.zone] ?? 0) + tx.randomInt(1, 99)
      tx.walkers.insert({ id, x, speed: tx.randomInt(20, 80) * (i % 2 === 0 ? 1 : -1), steps: 0, moves: 0 })
      tx.purses.insert({ walker: id, gold: GOLD_EACH })
    }
  },
})
