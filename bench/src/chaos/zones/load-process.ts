/** The players of the chaos test with several processes, in a process of their own. */
import { connect } from '@terrane/client'
import { Prng } from '@terrane/core'
import { childOptions } from '../../child.js'
import { type LoadOptions, serveLoad } from '../load.js'
import { PLAYER_OPTIONS, Player } from '../player.js'
import { START_COINS, VAULTS, ZONES } from './kinds.js'
import type { TradeWorld } from './trade-world.js'

export interface TradeLoadOptions extends LoadOptions {
  /** Servers: each player has one of them, and a zone that need not be there. */
  readonly urls: readonly string[]
  readonly seed: string
}

const REFUSE_SHARE = 0.06
/** Now and then more than there is. */
const TOO_MUCH_SHARE = 0.03
const COINS_MAX = 50

const options = childOptions<TradeLoadOptions>()
const random = new Prng(`load ${options.seed}`)
await serveLoad(options, (index) => joinTrade(index, random.fork(`player ${index}`)))

async function joinTrade(index: number, dice: Prng): Promise<Player> {
  const url = options.urls[index % options.urls.length] as string
  const zone = ZONES[Math.floor(index / options.urls.length) % ZONES.length] as (typeof ZONES)[number]
  const others = ZONES.filter((other) => other !== zone)
  const client = await connect<TradeWorld>(url, { ...PLAYER_OPTIONS, zone })
  return new Player(client, client.tables.marks, (mark) => {
    const to = others[dice.below(others.length)] as (typeof ZONES)[number]
    if (dice.chance(REFUSE_SHARE)) return client.inputs.refuse({ mark, to })
    const coins = dice.chance(TOO_MUCH_SHARE) ? START_COINS + 1 : dice.between(1, COINS_MAX)
    return client.inputs.pay({ mark, to, vault: dice.below(VAULTS), coins })
  })
}
