import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import type { WorldWorkload } from '../contract.js'
import { MovingWorld } from '../servers/moving-world.js'

/** Positions are whole thousandths of a unit: about the precision of the 32-bit floats that they come from. */
const SCALE = 1000

const entities = pgTable('entities', {
  id: integer().primaryKey(),
  x: integer().notNull(),
  y: integer().notNull(),
})
/** When the tick was made; seen by everybody. */
const pulse = pgTable('pulse', { id: integer().primaryKey(), stamp: text().notNull() })

/** Entities that move in an open world; player `p7` follows entity 7. */
export function openWorld(workload: WorldWorkload) {
  const moving = new MovingWorld(workload)
  const radius = moving.radius * SCALE
  return defineWorld({
    name: 'fanout-world',
    kinds: {
      entities: kind(entities, { visible: { to: 'nearby', x: 'x', y: 'y' } }),
      pulse: kind(pulse, { visible: { to: 'everyone' } }),
    },
    interest: {
      hz: workload.hz,
      radius,
      cell: radius / 3,
      follow: (tables, player) => tables.entities.get(Number(player.slice(1))),
    },
    inputs: {
      step: {
        args: z.object({ stamp: z.string() }),
        apply(tx, { stamp }) {
          moving.step()
          for (let id = 0; id < workload.entities; id++) tx.entities.update(id, at(moving, id))
          tx.pulse.update(0, { stamp })
        },
      },
    },
    init(tx) {
      for (let id = 0; id < workload.entities; id++) tx.entities.insert({ id, ...at(moving, id) })
      tx.pulse.insert({ id: 0, stamp: '' })
    },
  })
}

function at(moving: MovingWorld, id: number): { x: number; y: number } {
  return { x: Math.round((moving.x[id] ?? 0) * SCALE), y: Math.round((moving.y[id] ?? 0) * SCALE) }
}
