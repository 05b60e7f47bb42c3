import { connect } from '@terrane/client'
import type { Prng } from '@terrane/core'
import { ACCOUNTS, STRUCTURE_SLOTS, WORLD_SIZE } from './kinds.js'
import { PLAYER_OPTIONS, Player } from './player.js'
import type { ChaosWorld } from './world.js'

const KINDS_OF_INPUTS = { transfer: 0.55, move: 0.25, build: 0.14 }

/** A player of the world with one zone. */
export async function joinWorld(url: string, random: Prng): Promise<Player> {
  const client = await connect<ChaosWorld>(url, PLAYER_OPTIONS)
  const { inputs } = client
  return new Player(client, client.tables.marks, (mark) => {
    const dice = random.float()
    if (dice < KINDS_OF_INPUTS.transfer) {
      // Often more than there is, so that refusals mix with what is accepted.
      const amount = random.between(1, 400)
      return inputs.transfer({ mark, from: random.below(ACCOUNTS), to: random.below(ACCOUNTS), amount })
    }
    if (dice < KINDS_OF_INPUTS.transfer + KINDS_OF_INPUTS.move) {
      return inputs.move({ mark, x: random.float() * WORLD_SIZE, y: random.float() * WORLD_SIZE })
    }
    if (dice < KINDS_OF_INPUTS.transfer + KINDS_OF_INPUTS.move + KINDS_OF_INPUTS.build) {
      return inputs.build({ mark, slot: random.below(STRUCTURE_SLOTS), account: random.below(ACCOUNTS) })
    }
    return inputs.refuse({ mark })
  })
}
