import { Prng } from '@terrane/core'
import type {
  AuraColumns,
  CombatPlan,
  EffectColumns,
  Modifiers,
  PoolColumns,
  PowerColumns,
  ProcColumns,
  RotationProgram,
  SpellColumns,
} from '../plan/plan.js'
import { STACK_DEPTH_MAX } from '../rotation/code.js'
import { Tally } from './tally.js'
import { Timers } from './timers.js'
import type { Trace } from './trace.js'

/** Missiles under way at once; one more arrives at once. */
export const MISSILES_MAX = 64

/** Kinds of timers; the player's come first, so their numbers are those of the timers themselves. */
export const TIMER = {
  /** The player may choose. */
  READY: 0,
  CAST: 1,
  CHANNEL: 2,
  SWING: 3,
  POOL: 4,
  MISSILE: 5,
  EXPIRE: 6,
  TICK: 7,
} as const

const MAIN_HAND_TIMER = 3
export const FIRST_POOL_TIMER = 5

/**
 * All that changes in a fight, in columns that are made once and used for every fight of a job. Modules beside this
 * one are the rules; each takes the state as its first argument. Times are whole milliseconds.
 */
export class FightState {
  readonly plan: CombatPlan
  /** The plan's parts, within easy reach. */
  readonly spells: SpellColumns
  readonly effects: EffectColumns
  readonly auras: AuraColumns
  readonly powers: PowerColumns
  readonly pools: PoolColumns
  readonly procs: ProcColumns
  readonly modifiers: Modifiers
  readonly rotation: RotationProgram
  readonly swings: CombatPlan['swings']
  readonly enemies: number
  readonly durationMs: number
  readonly tally: Tally
  readonly timers: Timers
  readonly timerKind: Uint8Array
  /** Which hand, pool, missile or aura instance. */
  readonly timerArgument: Int32Array
  readonly firstMissileTimer: number
  readonly firstExpireTimer: number
  readonly firstTickTimer: number

  prng = new Prng(0)
  trace: Trace | null = null
  nowMs = 0
  /** Damage of this fight. */
  damage = 0
  events = 0
  /** Times that the player found nothing to do and waited. */
  waits = 0

  /** Current factors; auras change them. */
  haste = 1
  power = 0

  castSpell = -1
  castTarget = 0
  channelSpell = -1
  channelTarget = 0
  channelTicksDone = 0
  channelStartMs = 0
  channelMs = 0
  previousSpell = -1
  /** Nothing was possible when the player last looked. */
  isWaiting = false
  /** When what was too expensive can be paid: the next moment to look. */
  wakesMs = 0

  readonly charges: Int32Array
  /** By spell: how many of its pools are empty. */
  readonly emptyPools: Uint8Array
  readonly poolMs: Int32Array

  readonly powerAmount: Float64Array
  readonly powerRate: Float64Array
  readonly powerSyncedMs: Int32Array

  /** By aura instance. */
  readonly stacks: Int32Array
  readonly expiresMs: Int32Array
  readonly appliedMs: Int32Array
  readonly tickedMs: Int32Array
  readonly tickPeriodMs: Int32Array

  readonly procTriedMs: Int32Array
  readonly procHappenedMs: Int32Array

  readonly missileSpell: Int32Array
  readonly missileTarget: Int32Array
  readonly missileFactor: Float64Array
  readonly missileCrit: Float64Array
  nextMissile = 0

  /** See NUMBER. */
  readonly numbers = new Float64Array(2)
  readonly stack = new Float64Array(STACK_DEPTH_MAX + 1)

  constructor(plan: CombatPlan) {
    const { pools, auras, powers, procs } = plan
    this.plan = plan
    this.spells = plan.spells
    this.effects = plan.effects
    this.auras = auras
    this.powers = powers
    this.pools = pools
    this.procs = procs
    this.modifiers = plan.modifiers
    this.rotation = plan.rotation
    this.swings = plan.swings
    this.enemies = plan.enemies
    this.durationMs = plan.durationMs
    this.tally = new Tally(plan)
    this.firstMissileTimer = FIRST_POOL_TIMER + pools.count
    this.firstExpireTimer = this.firstMissileTimer + MISSILES_MAX
    this.firstTickTimer = this.firstExpireTimer + auras.instances
    const count = this.firstTickTimer + auras.instances
    this.timers = new Timers(count)
    this.timerKind = new Uint8Array(count)
    this.timerArgument = new Int32Array(count)
    this.#nameTimers()
    this.charges = new Int32Array(pools.count)
    this.emptyPools = new Uint8Array(plan.spells.count)
    this.poolMs = new Int32Array(pools.count)
    this.powerAmount = new Float64Array(powers.count)
    this.powerRate = new Float64Array(powers.count)
    this.powerSyncedMs = new Int32Array(powers.count)
    this.stacks = new Int32Array(auras.instances)
    this.expiresMs = new Int32Array(auras.instances)
    this.appliedMs = new Int32Array(auras.instances)
    this.tickedMs = new Int32Array(auras.instances)
    this.tickPeriodMs = new Int32Array(auras.instances)
    this.procTriedMs = new Int32Array(procs.count)
    this.procHappenedMs = new Int32Array(procs.count)
    this.missileSpell = new Int32Array(MISSILES_MAX)
    this.missileTarget = new Int32Array(MISSILES_MAX)
    this.missileFactor = new Float64Array(MISSILES_MAX)
    this.missileCrit = new Float64Array(MISSILES_MAX)
  }

  #nameTimers(): void {
    const name = (first: number, end: number, kind: number) => {
      for (let timer = first; timer < end; timer++) {
        this.timerKind[timer] = kind
        this.timerArgument[timer] = timer - first
      }
    }
    name(TIMER.READY, TIMER.READY + 1, TIMER.READY)
    name(TIMER.CAST, TIMER.CAST + 1, TIMER.CAST)
    name(TIMER.CHANNEL, TIMER.CHANNEL + 1, TIMER.CHANNEL)
    name(MAIN_HAND_TIMER, FIRST_POOL_TIMER, TIMER.SWING)
    name(FIRST_POOL_TIMER, this.firstMissileTimer, TIMER.POOL)
    name(this.firstMissileTimer, this.firstExpireTimer, TIMER.MISSILE)
    name(this.firstExpireTimer, this.firstTickTimer, TIMER.EXPIRE)
    name(this.firstTickTimer, this.timerKind.length, TIMER.TICK)
  }

  /** As before the first moment of a fight; the tally goes on. */
  reset(prng: Prng): void {
    const { plan } = this
    this.prng = prng
    this.timers.reset()
    this.nowMs = 0
    this.damage = 0
    this.events = 0
    this.waits = 0
    this.haste = plan.haste
    this.power = plan.power
    this.castSpell = -1
    this.channelSpell = -1
    this.previousSpell = -1
    this.nextMissile = 0
    this.charges.set(plan.pools.charges)
    this.emptyPools.fill(0)
    this.wakesMs = 0
    this.isWaiting = false
    this.powerAmount.set(plan.powers.start)
    this.powerSyncedMs.fill(0)
    this.stacks.fill(0)
    this.missileSpell.fill(-1)
  }

  swingTimer(hand: number): number {
    return MAIN_HAND_TIMER + hand
  }

  poolTimer(pool: number): number {
    return FIRST_POOL_TIMER + pool
  }
}
