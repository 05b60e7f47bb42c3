import { create } from '@bufbuild/protobuf'
import { TerraneError } from '@terrane/core'
import { fight, type Play } from '../fight/fight.js'
import { FightState } from '../fight/state.js'
import type { Tally } from '../fight/tally.js'
import { compilePlay } from '../generate/compile-play.js'
import { type JobResult, JobResultSchema } from '../generated/terrane/combat/v1/result_pb.js'
import type { CombatPlan } from '../plan/plan.js'
import { bucketOf } from '../results/histogram.js'
import { squaresFields } from '../results/merge.js'

/** Iteration numbers are stored in 32 bits. */
export const ITERATION_MAX = 0xffff_ffff
/** After so many fights the tally is emptied into whole numbers of any size. */
const FIGHTS_PER_FLUSH = 1_024
/** Of one fight. So many fights add up to less than 2⁵³. */
const DAMAGE_MAX = 2 ** 42

export interface IterationsRequest {
  /** The job's. Together with the number of an iteration it decides all randomness of that iteration. */
  readonly seed: string
  /** Number of the first iteration in the whole job. */
  readonly first: number
  readonly count: number
}

/** Fights iterations of a job, one after the other, with memory that is made once. */
export class CombatRunner {
  readonly #plan: CombatPlan
  readonly #state: FightState
  readonly #play: Play | undefined

  constructor(plan: CombatPlan) {
    this.#plan = plan
    this.#state = new FightState(plan)
    this.#play = compilePlay(this.#state)
  }

  /**
   * Iterations `first` to `first + count − 1`. The same iterations give the same bytes, however they are split and
   * merged. Throws `bad_iterations`, naming the field, and `runaway_fight`.
   */
  run(request: IterationsRequest): JobResult {
    checkRequest(request)
    const { seed, first, count } = request
    const state = this.#state
    state.tally.reset()
    const sums = new Sums(state.tally)
    const buckets = new Map<number, { count: number; iteration: number }>()
    let squares = 0n
    let sum = 0n
    let events = 0
    let min = Number.POSITIVE_INFINITY
    let max = 0
    for (let iteration = first; iteration < first + count; iteration++) {
      fight(state, seed, iteration, this.#play)
      const { damage } = state
      if (damage > DAMAGE_MAX) throw tooMuch(damage, iteration)
      const exact = BigInt(damage)
      sum += exact
      squares += exact * exact
      events += state.events
      if (damage < min) min = damage
      if (damage > max) max = damage
      const index = bucketOf(damage)
      const bucket = buckets.get(index)
      if (bucket === undefined) buckets.set(index, { count: 1, iteration })
      else bucket.count++
      if ((iteration - first + 1) % FIGHTS_PER_FLUSH === 0) sums.take()
    }
    sums.take()
    return create(JobResultSchema, {
      fingerprint: this.#plan.fingerprint,
      seed,
      spec: this.#plan.spec,
      durationMs: this.#plan.durationMs,
      enemies: this.#plan.enemies,
      ranges: [{ first, count }],
      damageSum: sum,
      ...squaresFields(squares),
      damageMin: BigInt(min),
      damageMax: BigInt(max),
      events: BigInt(events),
      histogram: [...buckets]
        .sort(([left], [right]) => left - right)
        .map(([index, bucket]) => ({ index, count: BigInt(bucket.count), iteration: bucket.iteration })),
      ...this.#rows(sums),
    })
  }

  #rows({ of }: Sums) {
    const { spells, auras, powers, enemies } = this.#plan
    return {
      spells: Array.from(spells.id, (id, i) => ({
        id,
        token: spells.token[i] as string,
        casts: of('casts', i),
        hits: of('hits', i),
        crits: of('crits', i),
        ticks: of('ticks', i),
        tickCrits: of('tickCrits', i),
        damage: of('damage', i),
        hitMax: of('hitMax', i),
      })),
      auras: Array.from(auras.spell, (spell, i) => ({
        spellId: spells.id[spell] as number,
        token: spells.token[spell] as string,
        holders: auras.onEnemy[i] === 1 ? enemies : 1,
        applications: of('applications', i),
        refreshes: of('refreshes', i),
        uptimeMs: of('uptimeMs', i),
      })),
      powers: Array.from(powers.id, (id, i) => ({
        id,
        token: powers.token[i] as string,
        gained: of('gained', i),
        wasted: of('wasted', i),
        spent: of('spent', i),
        cappedMs: of('cappedMs', i),
      })),
    }
  }
}

type Column = Exclude<keyof Tally, 'reset'>

/** The tally's columns, without bounds. */
class Sums {
  readonly #tally: Tally
  readonly #columns = new Map<Column, bigint[]>()

  constructor(tally: Tally) {
    this.#tally = tally
    for (const name of Object.keys(tally) as Column[]) {
      this.#columns.set(
        name,
        Array.from(tally[name], () => 0n),
      )
    }
  }

  /** Empties the tally. */
  take(): void {
    for (const [name, sums] of this.#columns) {
      const column = this.#tally[name]
      for (let i = 0; i < sums.length; i++) {
        const value = BigInt(column[i] as number)
        const before = sums[i] as bigint
        if (name !== 'hitMax') sums[i] = before + value
        else if (value > before) sums[i] = value
      }
    }
    this.#tally.reset()
  }

  readonly of = (name: Column, index: number): bigint => this.#columns.get(name)?.[index] ?? 0n
}

function checkRequest({ seed, first, count }: IterationsRequest): void {
  if (typeof seed !== 'string' || seed === '') throw badIterations('seed', String(seed), 'a text that is not empty')
  if (!Number.isSafeInteger(first) || first < 0) throw badIterations('first', String(first), 'a whole number from 0')
  if (!Number.isSafeInteger(count) || count < 1) throw badIterations('count', String(count), 'a whole number above 0')
  if (first + count - 1 > ITERATION_MAX) {
    throw badIterations('count', String(count), `so small that no iteration has a number above ${ITERATION_MAX}`)
  }
}

function badIterations(field: string, value: string, needed: string): TerraneError {
  return new TerraneError('bad_iterations', `${field} is ${value}`, { hint: `It must be ${needed}.` })
}

function tooMuch(damage: number, iteration: number): TerraneError {
  return new TerraneError('damage_out_of_range', `iteration ${iteration} deals ${damage} damage`, {
    hint: `Sums are exact up to ${DAMAGE_MAX} per fight. Scale the game data down.`,
  })
}
