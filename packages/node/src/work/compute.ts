import {
  type CombatPlan,
  CombatRunner,
  compileCombat,
  encodeJobResult,
  encodeTimeline,
  type GameData,
  parseCombatConfig,
  parseGameData,
  recordTimeline,
} from '@terrane/combat'
import { variantOf } from './variants.js'
import type { WorkContext } from './work-context.js'

/** Iterations `first` … `first + count − 1` of a variant. */
export interface Piece {
  readonly variant: number
  readonly first: number
  readonly count: number
}

/** Variants whose memory is kept; the rest of a tournament is compiled again when its turn comes. */
const RUNNERS_MAX = 8

/** Computes pieces of one job. */
export class Computation {
  readonly #context: WorkContext
  readonly #data: GameData
  readonly #runners = new Map<number, { readonly plan: CombatPlan; readonly runner: CombatRunner }>()

  /** @param gameData the texts of the tables, as the server hands them out */
  constructor(context: WorkContext, gameData: string) {
    this.#context = context
    this.#data = parseGameData(JSON.parse(gameData) as Record<string, string>)
  }

  /** An encoded `JobResult`. Throws what `compileCombat` and `CombatRunner.run` throw. */
  run({ variant, first, count }: Piece): Uint8Array {
    return encodeJobResult(this.#of(variant).runner.run({ seed: this.#context.seed, first, count }))
  }

  /** An encoded `Timeline` of one iteration. */
  timeline(variant: number, iteration: number): Uint8Array {
    return encodeTimeline(recordTimeline(this.#of(variant).plan, this.#context.seed, iteration))
  }

  /** What results of the variant must say they are of. */
  planOf(variant: number): CombatPlan {
    return this.#of(variant).plan
  }

  #of(variant: number) {
    const known = this.#runners.get(variant)
    // Moves it to the end, so that the first is the one that was not needed for longest.
    if (known !== undefined) this.#runners.delete(variant)
    else if (this.#runners.size >= RUNNERS_MAX) this.#runners.delete(this.#runners.keys().next().value ?? -1)
    const current = known ?? this.#compile(variant)
    this.#runners.set(variant, current)
    return current
  }

  #compile(variant: number) {
    const { sentinelConfig, simConfig } = this.#context
    const plan = compileCombat(this.#data, parseCombatConfig(variantOf(sentinelConfig, simConfig, variant)))
    return { plan, runner: new CombatRunner(plan) }
  }
}
