import { type CombatConfigInput, decodeJobResult, parseCombatConfig } from '@terrane/combat'
import { messageOf, TerraneError } from '@terrane/core'
import type { Job, Strategy } from '@terrane/jobs'
import {
  Computation,
  encodeContext,
  hashOf,
  parseSentinelConfig,
  type SentinelConfig,
  variantCount,
} from '@terrane/node'
import type { JobHold, TakenJob } from '@terrane/store-postgres'
import type { Expected } from './combat-results.js'
import type { GameDataSource } from './game-data-source.js'

/** A job that this sentinel has: what its chunks share, and what results of it must be. */
export class RunningJob {
  readonly hold: JobHold
  readonly config: SentinelConfig
  readonly meta: Readonly<Record<string, unknown>>
  /** As nodes get it. */
  readonly context: string
  /** For the runtime. */
  readonly job: Job
  readonly #computation: Computation
  readonly #expected = new Map<number, Expected>()
  readonly #seed: string

  private constructor(
    taken: TakenJob,
    config: SentinelConfig,
    seed: string,
    context: string,
    hash: string,
    data: string,
  ) {
    this.hold = taken.hold
    this.config = config
    this.meta = taken.meta
    this.context = context
    this.#seed = seed
    this.#computation = new Computation(JSON.parse(context), data)
    this.job = {
      id: taken.id,
      owner: taken.userId,
      epoch: taken.hold.epoch,
      workHash: hash,
      strategy: strategyOf(config),
      priority: taken.priority,
      access: config.access,
      ...(config.chunks === undefined ? {} : { chunks: config.chunks }),
    }
  }

  /** Throws a TerraneError that is the reason why the job has to fail. */
  static async open(taken: TakenJob, gameData: GameDataSource): Promise<RunningJob> {
    const bundle = await gameData.find(taken.revision)
    if (bundle === undefined) {
      throw new TerraneError('game_data_gone', 'the game data that this job was submitted for is not kept any more', {
        hint: 'Submit it again.',
      })
    }
    const sentinelConfig = parseSentinelConfig(parse(taken.sentinelConfig))
    const simConfig = parseCombatConfig(parse(taken.simConfig)) as CombatConfigInput
    const seed = sentinelConfig.seed ?? taken.id
    // Only what results depend on: jobs of one configuration and seed share a context.
    const context = encodeContext({ seed, simConfig, sentinelConfig, gameData: bundle.hash })
    return new RunningJob(taken, sentinelConfig, seed, context, await hashOf(context), bundle.text)
  }

  expectedOf(variant: number): Expected {
    let expected = this.#expected.get(variant)
    if (expected === undefined) {
      const { fingerprint, spec, durationMs, enemies } = this.#computation.planOf(variant)
      const sample = decodeJobResult(this.#computation.run({ variant, first: 0, count: 1 }))
      expected = { fingerprint, seed: this.#seed, spec, durationMs, enemies, sample }
      this.#expected.set(variant, expected)
    }
    return expected
  }

  /** The story of one fight, fought again. */
  timeline(variant: number, iteration: number): Uint8Array {
    return this.#computation.timeline(variant, iteration)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TerraneError('bad_json', `a configuration is no JSON: ${messageOf(error)}`)
  }
}

function strategyOf(config: SentinelConfig): Strategy {
  const { strategy, iterations: units, targetError, minIterations: minUnits } = config
  const stop = targetError === undefined ? {} : { stop: { targetError, minUnits } }
  if (strategy === 'single') return { kind: 'single', units, ...stop }
  if (strategy === 'stat_weights') {
    return { kind: 'stat_weights', units, perturbations: variantCount(config) - 1, ...stop }
  }
  const ladder = (config.tournament?.phases ?? []).map(({ iterations, keep }) => ({ units: iterations, keep }))
  return { kind: 'tournament', variants: variantCount(config), ladder, ...stop }
}
