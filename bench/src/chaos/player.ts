import { type Client, connect, InputRejected } from '@terrane/client'
import type { Prng } from '@terrane/core'
import { ACCOUNTS, STRUCTURE_SLOTS, WORLD_SIZE } from './kinds.js'
import type { Outcome } from './outcomes.js'
import type { ChaosWorld } from './world.js'

/** Inputs that wait to become durable; while the server is away a player goes on until it has so many. */
const PENDING_MAX = 64

/** Pauses of clients that come back, ms: shorter than a person's, so that the time up is used for playing. */
const RECONNECT = { baseMs: 100, capMs: 1_000 }

const KINDS_OF_INPUTS = { transfer: 0.55, move: 0.25, build: 0.14 }

/** A client that plays, and remembers what it was told of each of its inputs. */
export class Player {
  readonly client: Client<ChaosWorld>
  readonly outcomes: Outcome[] = []
  /** Codes of the failures that no input of a healthy server has. */
  readonly failures: string[] = []
  durable = 0
  rejected = 0
  readonly #random: Prng

  private constructor(client: Client<ChaosWorld>, random: Prng) {
    this.client = client
    this.#random = random
  }

  static async join(url: string, random: Prng): Promise<Player> {
    const client = await connect<ChaosWorld>(url, {
      guest: true,
      presence: false,
      acks: 'durable',
      // An answer that was lost proves nothing, and must not pass for an acknowledgement.
      unknownOutcome: 'reject',
      reconnect: RECONNECT,
      timeoutMs: 60_000,
    })
    return new Player(client, random)
  }

  /** Sends one input, unless too many wait. */
  play(): void {
    if (this.client.status === 'closed' || this.client.pending >= PENDING_MAX) return
    const mark = this.outcomes.length
    const input = this.#send(mark)
    this.outcomes.push('pending')
    input.durable.then(
      () => {
        this.outcomes[mark] = 'durable'
        this.durable++
      },
      (error: unknown) => {
        this.outcomes[mark] = outcomeOf(error)
        if (this.outcomes[mark] === 'rejected') this.rejected++
        if (this.outcomes[mark] === 'failed') this.failures.push(String(error))
      },
    )
  }

  #send(mark: number) {
    const { inputs } = this.client
    const random = this.#random
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
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof InputRejected) return 'rejected'
  return (error as { code?: unknown }).code === 'outcome_unknown' ? 'unknown' : 'failed'
}
