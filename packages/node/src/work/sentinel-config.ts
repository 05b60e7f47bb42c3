import { GEAR_SLOTS, STATS } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { z } from 'zod'

/** Each variant's aggregate is a few kilobytes, in memory, in every checkpoint and in the result. */
const VARIANTS_MAX = 1_000
const ITERATIONS_MAX = 10_000_000
const RUNGS_MAX = 8
const CHUNKS_MAX = 100_000

const Iterations = z.int().min(1).max(ITERATIONS_MAX)

const Gear = z.strictObject({
  item: z.union([z.int().positive(), z.string().min(1).max(100)]),
  bonuses: z.array(z.int().positive()).max(20).default([]),
  dropLevel: z.int().min(1).max(80).optional(),
})

const CONFIG = z.strictObject({
  strategy: z.enum(['single', 'stat_weights', 'tournament']).default('single'),
  /** Fights of each variant at most; a tournament's phases have their own. */
  iterations: Iterations.default(10_000),
  /** Stop when the standard error of the mean is below this fraction of the mean: 0.001 is 0.1 %. */
  targetError: z.number().gt(0).max(1).optional(),
  /** The error of a few fights is itself a guess: it counts from so many on. */
  minIterations: Iterations.default(1_000),
  /** Higher goes first. */
  priority: z.int().min(-100).max(100).default(0),
  /** Whose nodes may compute it: each includes those before it. */
  access: z.enum(['own', 'guild', 'friends', 'public']).default('public'),
  /** What all randomness is drawn from; default: the job's id. Jobs with equal seeds and configurations are equal. */
  seed: z.string().min(1).max(100).optional(),
  /** Cuts each phase into so many chunks; default: by how fast nodes are. */
  chunks: z.int().min(1).max(CHUNKS_MAX).optional(),
  /** What one more point of each stat is worth, from `points` of them. */
  statWeights: z
    .strictObject({
      stats: z
        .array(z.enum(STATS))
        .min(1)
        .max(STATS.length)
        .default([...STATS]),
      points: z.int().min(1).max(100_000).default(500),
    })
    .optional(),
  tournament: z
    .strictObject({
      /** Each phase: fights of a variant in all, and the fraction of variants that go on. */
      phases: z
        .array(z.strictObject({ iterations: Iterations, keep: z.number().gt(0).max(1) }))
        .min(1)
        .max(RUNGS_MAX),
      /** What may be worn in a slot instead of what the configuration wears. */
      candidates: z
        .partialRecord(z.enum(GEAR_SLOTS as unknown as readonly [string, ...string[]]), z.array(Gear).min(1).max(50))
        .refine((slots) => Object.keys(slots).length > 0, 'must name at least one slot'),
    })
    .optional(),
})

/** How a simulation is to be run: with which strategy, how exactly, and on whose machines. */
export type SentinelConfig = z.infer<typeof CONFIG>

/** Throws `bad_sentinel_config`, naming each field that is wrong. */
export function parseSentinelConfig(input: unknown): SentinelConfig {
  const parsed = CONFIG.safeParse(input)
  if (!parsed.success) {
    throw badSentinelConfig(
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the config'}: ${message}`).join('; '),
    )
  }
  const config = parsed.data
  for (const part of ['statWeights', 'tournament'] as const) {
    const strategy = part === 'statWeights' ? 'stat_weights' : 'tournament'
    if (config[part] !== undefined && config.strategy !== strategy) {
      throw badSentinelConfig(`${part}: it is for the strategy "${strategy}", and the strategy is "${config.strategy}"`)
    }
  }
  if (config.strategy === 'tournament' && config.tournament === undefined) {
    throw badSentinelConfig('tournament: a tournament needs phases and candidates')
  }
  if (variantCount(config) > VARIANTS_MAX) {
    throw badSentinelConfig(
      `tournament.candidates: they make ${variantCount(config)} variants, ${VARIANTS_MAX} are the most`,
    )
  }
  return config
}

/** How many variants are compared, the configuration itself among them. */
export function variantCount(config: SentinelConfig): number {
  if (config.strategy === 'stat_weights') return 1 + statsOf(config).length
  if (config.strategy !== 'tournament') return 1
  return Object.values(config.tournament?.candidates ?? {}).reduce(
    (count, gear) => count * (1 + (gear?.length ?? 0)),
    1,
  )
}

export function statsOf({ statWeights }: SentinelConfig): readonly (typeof STATS)[number][] {
  return statWeights === undefined ? STATS : [...new Set(statWeights.stats)]
}

function badSentinelConfig(message: string): TerraneError {
  return new TerraneError('bad_sentinel_config', message, {
    hint: 'Correct the field that is named and send it again.',
  })
}
