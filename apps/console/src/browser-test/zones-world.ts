import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const purses = pgTable('town_purses', { player: text().primaryKey(), coins: integer().notNull() })

/** A place, and zones for what players own, which can be split and merged. */
export default defineWorld({
  name: 'town',
  zones: { spatial: ['plaza'], persona: { count: 2 } },
  kinds: {
    purses: kind(purses, { placed: { by: 'player', column: 'player' }, visible: { to: 'owner', column: 'player' } }),
  },
  commands: {
    /** Gives a purse to those of the players that are this zone's. */
    settle: {
      args: z.object({ players: z.array(z.string()) }),
      apply(tx, { players }) {
        for (const player of players) {
          if (tx.zoneOf({ persona: player }) === tx.zone) tx.purses.insert({ player, coins: 10 })
        }
      },
    },
  },
})
