import { defineWorld, kind, persona } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const runs = pgTable('arena_runs', { player: text().primaryKey(), cores: integer().notNull() })
const scores = pgTable('arena_scores', { player: text().primaryKey(), points: integer().notNull() })

export default defineWorld({
  name: 'arena',
  zones: { spatial: ['red', 'blue'], persona: { count: 4 } },
  kinds: {
    runs: kind(runs),
    // Written by the player's own zone alone, whichever arena it plays in.
    scores: kind(scores, { persist: 'commit', placed: { by: 'player', column: 'player' } }),
  },
  inputs: {
    slot: {
      args: z.object({}),
      apply(tx) {
        const { player } = tx
        const cores = (tx.runs.get(player)?.cores ?? 0) + 1
        if (cores === 1) tx.runs.insert({ player, cores })
        else tx.runs.update(player, { cores })
        tx.send(persona(player), 'score', { player, points: 10 })
      },
    },
  },
  ops: {
    score: {
      args: z.object({ player: z.string(), points: z.int().positive() }),
      apply(tx, { player, points }) {
        const held = tx.scores.get(player)
        if (held === undefined) tx.scores.insert({ player, points })
        else tx.scores.update(player, { points: held.points + points })
      },
    },
  },
})
