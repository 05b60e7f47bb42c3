import { Prng } from '@terrane/core'

/** One kill: when, and of what. */
export interface Kill {
  /** `starting`: before the server, started after the kill before, has come to serve. */
  readonly during: 'serving' | 'starting'
  /** Since the server serves, or since its process was started, ms. */
  readonly afterMs: number
  /** When PostgreSQL is killed too, before (negative) or after the server, ms; undefined: it is left running. */
  readonly postgresOffsetMs: number | undefined
}

const SERVING_MS = { min: 1_000, max: 4_000 }
/** A start takes about half a second when nothing is to be recovered from. */
const STARTING_MS = { min: 50, max: 900 }
/** Early enough for the server to notice, to refuse inputs, to start PostgreSQL again, and to die in the midst of it. */
const POSTGRES_MS = { min: -3_000, max: 300 }
const STARTING_CHANCE = 0.15

/** The kills of a seed. The first one finds a server that serves, and every third takes PostgreSQL along. */
export function scheduleOf(seed: string, kills: number): readonly Kill[] {
  const random = new Prng(`chaos ${seed}`)
  return Array.from({ length: kills }, (_, i): Kill => {
    const isStarting = random.chance(STARTING_CHANCE) && i > 0
    const { min, max } = isStarting ? STARTING_MS : SERVING_MS
    const afterMs = random.between(min, max)
    const offsetMs = random.between(POSTGRES_MS.min, POSTGRES_MS.max)
    const hitsPostgres = i % 3 === 2
    return {
      during: isStarting ? 'starting' : 'serving',
      afterMs,
      postgresOffsetMs: hitsPostgres ? Math.max(-afterMs, offsetMs) : undefined,
    }
  })
}

export function describeKill({ during, afterMs, postgresOffsetMs }: Kill): string {
  const server = `server ${afterMs} ms after it ${during === 'starting' ? 'was started' : 'began to serve'}`
  if (postgresOffsetMs === undefined) return server
  return `${server}, PostgreSQL ${Math.abs(postgresOffsetMs)} ms ${postgresOffsetMs < 0 ? 'before' : 'after'} it`
}
