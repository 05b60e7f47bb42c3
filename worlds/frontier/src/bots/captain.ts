import { pause, unlessAborted } from '@terrane/client/bots'
import { type Prng, TerraneError } from '@terrane/core'
import type { Order } from './errands.js'
import { Mind } from './mind.js'
import { type Sight, viewOf } from './view.js'

/** Between two decisions of one bot, ms: one to three inputs a second, as people play. */
const DECIDE_MS_MIN = 330
const DECIDE_MS_MAX = 900

/** An input as a client answers it; only `applied` is waited for. */
interface Sent {
  readonly applied: Promise<unknown>
}

/** What a bot needs of a client. */
export interface Playable {
  readonly status: string
  readonly player: string
  now(): number
  readonly tables: Sight
  readonly inputs: { readonly [N in Order['input']]: (args: Extract<Order, { input: N }>['args']) => Sent }
}

export interface BotCounters {
  inputs: number
  rejected: number
}

/** Plays until the client is closed or the signal says stop. Never has more than one input under way. */
export async function play(client: Playable, prng: Prng, counters: BotCounters, signal: AbortSignal): Promise<void> {
  const mind = new Mind(prng)
  while (!signal.aborted && client.status !== 'closed') {
    await pause(prng.between(DECIDE_MS_MIN, DECIDE_MS_MAX), signal)
    if (signal.aborted || client.status !== 'online') continue
    const view = viewOf(client.tables, client.player, client.now())
    const order = view === undefined ? undefined : mind.next(view)
    if (order === undefined) continue
    counters.inputs++
    try {
      await unlessAborted(send(client, order).applied, signal)
    } catch (thrown) {
      if (!(thrown instanceof TerraneError)) throw thrown
      if (thrown.code === 'closed') return
      counters.rejected++
      mind.refused(thrown.code)
    }
  }
}

function send({ inputs }: Playable, order: Order): Sent {
  switch (order.input) {
    case 'move':
      return inputs.move(order.args)
    case 'harvest':
      return inputs.harvest(order.args)
    case 'build':
      return inputs.build(order.args)
    case 'craft':
      return inputs.craft(order.args)
    case 'interact':
      return inputs.interact(order.args)
  }
}
