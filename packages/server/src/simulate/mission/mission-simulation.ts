import { Prng } from '@terrane/core'
import { type ClusterFigures, drawExchangePlan, drawFaultPlan, type FaultPlan } from '@terrane/testing'
import { COURIER, TERMINAL } from '@terrane/world-maglev'
import { carOf } from './mission-check.js'
import { PERSONA_ZONES, SimMission, STEP_MS } from './sim-mission.js'

export interface MissionSimulationOptions {
  readonly seed: number
  /** Simulated time under faults, ms. */
  readonly durationMs: number
}

export interface MissionFigures extends ClusterFigures {
  missions: number
  slotEvents: number
  statesCompared: number
  handoversTaken: number
  opsResent: number
  opsDuplicate: number
  longestAbsenceMs: number
}

const SKEW_MS_MAX = 500
/** Long enough for cores to reach the terminal, short enough for several in a run. */
const SECONDS_MIN = 10
const SECONDS_MAX = 16
/** Some runs are about what is lost with a process that has not reached its database for a while. */
const FRAGILE_SHARE = 0.3
const FRAGILE_OUTAGES_PER_SECOND = 0.3
const FRAGILE_KILLS_PER_SECOND_OF_OUTAGE = 1
const DROP_ALL_PER_SECOND = 0.03

/**
 * Missions that are played while processes die and freeze, the database and the way between the zones fail, and
 * clients are cut off. At every moment the world's invariants hold, nobody has two runners, no core is twice or one
 * too many, no score is ahead of what was slotted, and no client shows what the authority did not; in the end all that
 * was slotted is in scores, in runs and at every client, once, and nobody but the persona zones wrote it.
 */
export class MissionSimulation {
  readonly #options: MissionSimulationOptions
  readonly #random: Prng
  readonly #plan: FaultPlan
  readonly #mission: SimMission

  constructor(options: MissionSimulationOptions) {
    this.#options = options
    const random = new Prng(`mission simulation ${options.seed}`)
    this.#random = random
    const isFragile = random.chance(FRAGILE_SHARE)
    const plan = milder(drawFaultPlan(random.fork('faults')), random.fork('network'))
    this.#plan = isFragile ? { ...plan, outagePerSecond: FRAGILE_OUTAGES_PER_SECOND } : plan
    this.#mission = new SimMission({
      random,
      plan: this.#plan,
      exchangePlan: drawExchangePlan(random.fork('exchange')),
      skewMsMax: SKEW_MS_MAX,
      partitionPerSecond: random.chance(0.3) ? 0.1 : 0,
      killPerSecondOfOutage: isFragile ? FRAGILE_KILLS_PER_SECOND_OF_OUTAGE : 0,
      // Longer than a player needs from the door to the terminal: scores come before what they follow from.
      cuts: { perSecond: random.chance(0.5) ? 0.5 : 0, msMax: 10_000, from: [COURIER], to: PERSONA_ZONES },
    })
  }

  async run(): Promise<{ seed: number; violations: readonly string[]; figures: MissionFigures }> {
    const { seed, durationMs } = this.#options
    const mission = this.#mission
    const { cluster } = mission
    for (let at = 0; at < durationMs && mission.violations.length === 0; at += STEP_MS) {
      if (mission.isOver) mission.want(this.#random.between(SECONDS_MIN, SECONDS_MAX), this.#random.below(1_000_000))
      cluster.injectFaults(STEP_MS)
      this.#troubleClients()
      await mission.step()
    }
    cluster.calm()
    Object.assign(mission.link, { frameTwice: 0, frameLate: 0, segmentLost: 0 })
    if (mission.violations.length === 0) await mission.rest()
    const cars = mission.cars
    const stats = cluster.stats()
    const terminal = cars && carOf(cars[TERMINAL])
    const figures = {
      ...cluster.figures,
      missions: terminal?.mission ?? 0,
      slotEvents: terminal?.slotEvents ?? 0,
      statesCompared: mission.seats.reduce((sum, { compared }) => sum + compared, 0),
      handoversTaken: stats.get('handoversTaken') ?? 0,
      opsResent: stats.get('opsResent') ?? 0,
      opsDuplicate: stats.get('opsDuplicate') ?? 0,
      longestAbsenceMs: mission.longestAbsenceMs,
    }
    cluster.endAll()
    return { seed, violations: mission.violations, figures }
  }

  #troubleClients(): void {
    const { dropPerSecond, congestPerSecond } = this.#plan
    const happens = (perSecond: number) => this.#random.chance((perSecond * STEP_MS) / 1000)
    if (dropPerSecond > 0 && happens(DROP_ALL_PER_SECOND)) {
      this.#mission.drop(this.#mission.players.filter(({ gear }) => gear === 'bot'))
    }
    for (const { connection } of this.#mission.seats) {
      if (connection === undefined) continue
      if (happens(dropPerSecond / 4)) connection.break()
      else if (happens(congestPerSecond)) connection.congest(this.#random.below(1_500))
    }
  }
}

/** So that missions get somewhere: what fails all the time shows less than what fails in between. */
function milder(plan: FaultPlan, random: Prng): FaultPlan {
  return {
    ...plan,
    killPerSecond: plan.killPerSecond / 5,
    freezePerSecond: plan.freezePerSecond / 5,
    freezeMs: plan.freezeMs / 2,
    outagePerSecond: plan.outagePerSecond / 4,
    outageMs: plan.outageMs / 2,
    callSlow: plan.callSlow / 4,
    latencyMs: random.chance(0.3) ? 100 : plan.latencyMs,
    frameLate: plan.frameLate / 100,
    segmentLost: random.chance(0.5) ? 0.02 : 0,
    retransmitMs: 200,
  }
}
