import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import type { RoomsWorkload } from '../contract.js'
import { cellCount } from '../servers/cells.js'

const cells = pgTable('cells', { id: integer().primaryKey(), data: text().notNull() })

/** Rooms with one text each. */
export function roomsWorld(workload: RoomsWorkload) {
  return defineWorld({
    name: 'fanout-rooms',
    kinds: { cells: kind(cells, { visible: { to: 'room', column: 'id' } }) },
    interest: { hz: workload.hz },
    inputs: {
      set: {
        args: z.object({ cell: z.int(), data: z.string() }),
        apply(tx, { cell, data }) {
          tx.cells.update(cell, { data })
        },
      },
    },
    init(tx) {
      for (let id = 0; id < cellCount(workload); id++) tx.cells.insert({ id, data: '' })
    },
  })
}
