import { type CarZone, COURIER, TERMINAL } from '@terrane/world-maglev'
import type { Observations, Passenger } from '@terrane/world-maglev/mission'
import { BOTS, isOver, type MissionCrew } from './crew.js'
import { type RunsSeen, seeRuns } from './run-watch.js'
import type { Stage } from './stage.js'

/** In each direction. */
const LATENCY_MS = 100
const LOSS_SHARE = 0.02
/**
 * A lost segment is sent again when no acknowledgement has come for Linux's shortest time-out (200 ms) beyond the time
 * of the round trip. Fast retransmission would be sooner: this is the bad case each time.
 */
const RETRANSMISSION_MS = 200 + 2 * LATENCY_MS

/** Behind the storm, before the weather turns. */
const CALM_SHARE = 0.2
const STORM_AT_SHARE = 0.15
/** A bot that is not back by then never comes. */
const RESYNC_MS_MAX = 30_000

export interface BadNetwork {
  readonly mission: number
  readonly runs: RunsSeen
  readonly observed: { readonly storm: Omit<NonNullable<Observations['storm']>, 'restarts'> } & Required<
    Pick<Observations, 'badNetwork'>
  >
}

/** A mission in which all bots are cut off at once, and in whose second half the network is bad for everybody. */
export async function playInBadNetwork(
  stage: Stage,
  crew: MissionCrew,
  { seconds, seed, tell }: { seconds: number; seed: number; tell: (line: string) => void },
): Promise<BadNetwork> {
  const { bots, others } = stage.ways
  crew.play()
  const mission = await crew.start(seconds, seed)
  const seeing = seeRuns(crew, stage.runs, mission)
  await crew.pause(seconds * STORM_AT_SHARE * 1_000)
  tell('cutting off all bots at once')
  const resyncing = crew.passengers.slice(0, BOTS).map((bot) => backInStep(crew, bot, mission))
  bots.reset()
  const resyncMs = (await Promise.all(resyncing)).filter((ms) => ms !== undefined)
  tell(`${resyncMs.length} of ${BOTS} bots are back`)
  await crew.pause(seconds * CALM_SHARE * 1_000)
  tell(`${LATENCY_MS} ms of latency each way, ${LOSS_SHARE * 100} % of the segments lost`)
  for (const way of [bots, others]) {
    way.latency(LATENCY_MS)
    way.loss(LOSS_SHARE, RETRANSMISSION_MS)
  }
  await crew.end(mission)
  const runs = await seeing
  // What is still on its way belongs to the comparison.
  await crew.pause(LATENCY_MS + 2 * RETRANSMISSION_MS)
  await Promise.all([bots.heal(), others.heal()])
  return { mission, runs, observed: { storm: { dropped: BOTS, resyncMs }, badNetwork: crew.compare([mission]) } }
}

/**
 * How long until a bot that is cut off now shows of both cars what came later, be it the mission's end; undefined when it
 * does not come back.
 */
async function backInStep(crew: MissionCrew, bot: Passenger, mission: number): Promise<number | undefined> {
  const cutMs = performance.now()
  const cutAt = [COURIER, TERMINAL].map((zone) => ({ zone, tick: crew.tickOf(zone, bot.player) }))
  const wasAway = awayOnce(bot)
  const isBack = () =>
    wasAway() &&
    bot.isOnline &&
    cutAt.every(
      ({ zone, tick }) =>
        (crew.sightings.standOf(bot.player, zone)?.tick ?? 0) > tick || isOver(bot.cars[zone], mission),
    )
  try {
    await crew.until('a bot is back', isBack, RESYNC_MS_MAX)
    return performance.now() - cutMs
  } catch {
    return undefined
  }
}

/** Whether both connections have been lost since. */
function awayOnce({ clients }: Passenger): () => boolean {
  const away = new Set<CarZone>()
  const ends = clients.map((client) =>
    client.on('status', (status) => {
      if (status !== 'online') away.add(client.zone as CarZone)
      if (away.size === clients.length) for (const end of ends) end()
    }),
  )
  return () => away.size === clients.length
}
