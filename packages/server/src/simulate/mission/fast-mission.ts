import { Prng } from '@terrane/core'
import { calmExchangePlan, calmFaultPlan } from '@terrane/testing'
import { type Car, POSE_RADIUS, type Score, TICKS_PER_SECOND } from '@terrane/world-maglev'
import {
  type Comparison,
  CRITERIA,
  type CriterionName,
  judgeMission,
  type Observations,
  Sightings,
} from '@terrane/world-maglev/mission'
import { tellMission } from '../../mission/tell.js'
import { Progress } from '../../process/progress.js'
import { attackLog } from './log-attacks.js'
import { carOf, inAllOf } from './mission-check.js'
import { RunTimes } from './run-times.js'
import { SimMission, STEP_MS } from './sim-mission.js'

export interface FastMissionOptions {
  /** Of the first mission. */
  readonly seconds: number
  readonly missions: number
  readonly seed: number
  readonly json: boolean
}

/** A database call takes up to twice this, ms: half on the way there, half back. */
const DATABASE_MS = 3
const ZONES_MS = 2
const CLIENTS_MS = 10
const SHORT_SECONDS = 3
/** Most short missions are over before a core is slotted; every fifth is long enough for several. */
const LONGER_SECONDS = 15
const LONGER_EVERY = 5
/** The mission in a bad network: how long, when all bots are cut off, and from when on the weather is bad. */
const NETWORK_SECONDS_MAX = 60
const STORM_AT_SHARE = 0.15
const BAD_AT_SHARE = 0.45
/** In each direction; what is lost comes behind the shortest time-out of TCP beyond a round trip. */
const BAD = { latencyMs: 100, latencyMsMin: 100, segmentLost: 0.02, retransmitMs: 400 }
/** The last moments of a mission, in which it is noted where clients stand. */
const END_MS = 1_000
const OBSERVER = 'observer'
/** Edge of the engine's cells of interest where a world names none: a fifth of the radius. */
const CELL = POSE_RADIUS / 5
const RESYNC_MS_MAX = 30_000

/** Nothing of a server's memory can be seen in a process that simulates everything. */
const SHOWN = CRITERIA.filter((name): name is Exclude<CriterionName, 'memoryGrowthMiB'> => name !== 'memoryGrowthMiB')

/** Plays on simulated time what `terrane mission` plays at a real server, and judges it by the same criteria. */
export async function playFastMission(options: FastMissionOptions): Promise<void> {
  const progress = new Progress(3 + options.missions, process.stderr.isTTY === true)
  const startedMs = performance.now()
  const run = new FastMission(options, progress)
  try {
    const observed = await run.play()
    progress.end()
    const { violations } = run.sim
    for (const violation of violations.slice(0, 10)) process.stderr.write(`  ${violation}\n`)
    tellMission(
      {
        name: 'mission-fast',
        // A run in which something is wrong has shown nothing.
        criteria: judgeMission(violations.length === 0 ? observed : {}, SHOWN),
        figures: {
          ...run.figures(),
          violations: violations.length,
          seconds: Math.round((performance.now() - startedMs) / 100) / 10,
        },
      },
      options,
    )
  } finally {
    progress.end()
    run.sim.cluster.endAll()
  }
}

class FastMission {
  readonly sim: SimMission
  readonly #options: FastMissionOptions
  readonly #progress: Progress
  readonly #times = new RunTimes(() => this.sim.cluster.time)
  readonly #clocks = new Map<string, Readonly<Record<string, number>>>()
  readonly #interest: number[] = []
  #clockSamples = 0
  #clockRegressions = 0

  constructor(options: FastMissionOptions, progress: Progress) {
    this.#options = options
    this.#progress = progress
    this.sim = new SimMission({
      random: new Prng(`fast mission ${options.seed}`),
      plan: calmFaultPlan(DATABASE_MS, CLIENTS_MS),
      exchangePlan: calmExchangePlan(ZONES_MS),
      skewMsMax: 0,
      partitionPerSecond: 0,
      killPerSecondOfOutage: 0,
      wrapStore: (store) => this.#times.watch(store),
      stopwatch: () => performance.now(),
    })
    this.sim.afterStep = () => this.#sample()
  }

  async play(): Promise<Observations> {
    const { sim } = this
    const { missions, seed } = this.#options
    this.#progress.step('boarding the train')
    await sim.board()
    this.#progress.step('the mission')
    const first = await this.#playFirst()
    for (let i = 1; i <= missions; i++) {
      this.#progress.step(`short missions: ${i} of ${missions}`)
      sim.want(i % LONGER_EVERY === 0 ? LONGER_SECONDS : SHORT_SECONDS, seed + i)
      await sim.until('a short mission over', () => sim.isOver)
    }
    this.#progress.step('a mission in a bad network')
    const network = await this.#playInBadNetwork()
    await sim.rest()
    const attacks = await attackLog(sim.cluster)
    return {
      ...first,
      ...network,
      rest: sim.atRest,
      attacks,
      slots: this.#slots(),
      copies: this.#copies(),
      clocks: { samples: this.#clockSamples, regressions: this.#clockRegressions },
      interestZones: median(this.#interest),
      scoreVisibleMs: this.#times.visibleMs,
    }
  }

  figures(): Record<string, number> {
    const { players, compared, cluster } = this.sim
    return {
      clients: players.length,
      statesCompared: compared.compared,
      scoresTimed: this.#times.visibleMs.length,
      handoversTaken: cluster.stats().get('handoversTaken') ?? 0,
      databaseMsMax: 2 * DATABASE_MS,
    }
  }

  async #playFirst(): Promise<Pick<Observations, 'states' | 'end' | 'pace'>> {
    const { sim } = this
    const { seconds, seed } = this.#options
    const before = sim.compared
    sim.want(seconds, seed)
    await sim.until('the mission begun', () => sim.phase === 'running')
    const { endsAt } = sim.terminal as Car
    const left = () => endsAt - sim.cluster.time.now()
    await sim.until('the mission almost over', () => left() < END_MS, seconds * 1_000)
    const sightings = new Sightings()
    sim.shown = (viewer, zone, view) => sightings.saw(viewer ?? OBSERVER, zone, view)
    await sim.until('the mission over', () => sim.phase !== 'running')
    const end = sightings.standing(OBSERVER)
    sim.shown = undefined
    const tickP99Ms = sim.cluster.tickMs('ride').quantile(0.99)
    await sim.until('the lobby open', () => sim.isOver)
    const ticks = Math.min(...Object.values(sim.cars ?? {}).map((zone) => carOf(zone).tick))
    return {
      states: since(before, sim.compared),
      end,
      pace: { ticksPerSecond: ticks / seconds, tickP99Ms },
    }
  }

  async #playInBadNetwork(): Promise<Pick<Observations, 'storm' | 'badNetwork'>> {
    const { sim } = this
    const { time } = sim.cluster
    const calm = { ...sim.link }
    const seconds = Math.min(this.#options.seconds, NETWORK_SECONDS_MAX)
    sim.want(seconds, this.#options.seed)
    await sim.until('the mission begun', () => sim.phase === 'running')
    const startedAt = time.now()
    const after = (share: number) => () => time.now() - startedAt >= share * seconds * 1_000
    await sim.until('the storm', after(STORM_AT_SHARE))
    const bots = sim.players.filter(({ gear }) => gear === 'bot')
    const restartsBefore = sim.restarts
    sim.drop(bots)
    const cutAt = time.now()
    const resyncMs = new Map<string, number>()
    const areAllBack = () => {
      for (const { name, isCurrent } of bots) {
        if (isCurrent && !resyncMs.has(name)) resyncMs.set(name, time.now() - cutAt)
      }
      return resyncMs.size === bots.length
    }
    await sim.until('all bots back', areAllBack, RESYNC_MS_MAX)
    await sim.until('bad weather', after(BAD_AT_SHARE))
    const before = sim.compared
    Object.assign(sim.link, BAD)
    await sim.until('the mission over', () => sim.isOver)
    const badNetwork = since(before, sim.compared)
    Object.assign(sim.link, calm)
    return {
      badNetwork,
      storm: { dropped: bots.length, resyncMs: [...resyncMs.values()], restarts: sim.restarts - restartsBefore },
    }
  }

  /** Once a second: the zones' clocks, and where players look. */
  #sample(): void {
    const { cluster, players, phase } = this.sim
    if (Math.round(cluster.time.now() / STEP_MS) % TICKS_PER_SECOND !== 0) return
    for (const zone of cluster.zones()) {
      const { clock } = zone.status().ops
      const before = Object.entries(this.#clocks.get(zone.id) ?? {})
      if (before.some(([other, count]) => (clock[other] ?? 0) < count)) this.#clockRegressions++
      this.#clockSamples++
      this.#clocks.set(zone.id, clock)
    }
    if (phase !== 'running') return
    const cells = players.flatMap(({ place }) => {
      if (place === undefined) return []
      const { x, y } = place.runner
      return [`${place.zone} ${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`]
    })
    this.#interest.push(new Set(cells).size)
  }

  #slots(): NonNullable<Observations['slots']> {
    const zones = this.sim.cluster.zones()
    const scores = inAllOf<Score>(zones, 'scores')
    return {
      events: this.sim.terminal?.slotEvents ?? 0,
      inScores: sum(scores, ({ cores }) => cores),
      inRuns: this.#times.cores,
      outOfOrder: sum(scores, ({ outOfOrder }) => outOfOrder),
    }
  }

  #copies(): NonNullable<Observations['copies']> {
    const cars = Object.values(this.sim.cars ?? {}).map(carOf)
    return {
      told: cars.map(({ tallies }) => tallies),
      events: this.sim.terminal?.slotEvents ?? 0,
      staleTold: sum(cars, ({ talliesStale }) => talliesStale),
      wrong: sum(cars, ({ talliesWrong }) => talliesWrong),
      rest: this.sim.scoreCopies,
    }
  }
}

function since(before: Comparison, now: Comparison): Comparison {
  return { compared: now.compared - before.compared, differing: now.differing - before.differing }
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
}
