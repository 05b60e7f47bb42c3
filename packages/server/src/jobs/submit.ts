import { randomUUID } from 'node:crypto'
import { type CombatConfig, compileCombat, parseCombatConfig } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { parseSentinelConfig, type SentinelConfig, variantCount, variantOf } from '@terrane/node'
import type { NewJob, PostgresJobs } from '@terrane/store-postgres'
import type { GameDataBundle, GameDataSource } from './game-data-source.js'

/** A user's jobs that have not ended. */
const OPEN_JOBS_MAX = 50

/** Variants that are checked between two looks at other requests. */
const CHECKS_PER_TURN = 20

export interface Submission {
  readonly userId: string
  /** JSON, or the value that it is of. */
  readonly simConfig: unknown
  readonly sentinelConfig: unknown
}

/**
 * Checks all of a job that can be checked before it runs, and puts it at `pending`. Returns its id.
 * @throws TerraneError `bad_json`, `bad_combat_config`, `bad_sentinel_config`, `too_many_jobs`
 */
export async function submitJob(
  { jobs, gameData }: { jobs: PostgresJobs; gameData: GameDataSource },
  { userId, ...given }: Submission,
): Promise<string> {
  const sentinelConfig = parseSentinelConfig(jsonValue(given.sentinelConfig ?? {}, 'the sentinel config'))
  const simConfig = parseCombatConfig(jsonValue(given.simConfig, 'the simulation config'))
  const bundle = await gameData.current()
  await checkVariants(bundle, simConfig, sentinelConfig)
  if ((await jobs.openCount(userId)) >= OPEN_JOBS_MAX) {
    throw new TerraneError('too_many_jobs', `${OPEN_JOBS_MAX} of your jobs have not ended`, {
      hint: 'Wait for one of them, or cancel it.',
      retry: 'later',
    })
  }
  const job: NewJob = {
    id: randomUUID(),
    userId,
    simConfig: JSON.stringify(simConfig),
    sentinelConfig: JSON.stringify(sentinelConfig),
    meta: { spec: simConfig.spec, strategy: sentinelConfig.strategy, variants: variantCount(sentinelConfig) },
    priority: sentinelConfig.priority,
    revision: bundle.hash,
  }
  await jobs.create(job)
  return job.id
}

/** Every variant must be one that can fight: a job that fails after an hour helps nobody. */
async function checkVariants({ data }: GameDataBundle, base: CombatConfig, sentinel: SentinelConfig): Promise<void> {
  for (let number = 0; number < variantCount(sentinel); number++) {
    if (number % CHECKS_PER_TURN === CHECKS_PER_TURN - 1) await new Promise<void>((resolve) => setImmediate(resolve))
    try {
      compileCombat(data, parseCombatConfig(variantOf(sentinel, base, number)))
    } catch (error) {
      if (number === 0 || !(error instanceof TerraneError)) throw error
      throw new TerraneError(error.code, `variant ${number}: ${error.message}`, {
        hint: 'The candidates do not all go together; leave one of them out.',
        cause: error,
      })
    }
  }
}

function jsonValue(given: unknown, what: string): unknown {
  if (typeof given !== 'string') return given
  try {
    return JSON.parse(given)
  } catch (error) {
    throw new TerraneError('bad_json', `${what} is no JSON`, { hint: 'Send JSON.', cause: error })
  }
}
