import type { Prng } from '@terrane/core'
import type { Job, Strategy, TrustPolicy } from '@terrane/jobs'

/** How hostile a run is, and what there is to do in it. Probabilities are per message, call, chunk or second as named. */
export interface JobsPlan {
  readonly mode: 'checkpointed' | 'volatile'
  readonly sentinels: number
  readonly trust: TrustPolicy
  readonly reviewsMax: number
  readonly nodes: readonly NodePlan[]
  readonly jobs: readonly PlannedJob[]
  readonly messageLost: number
  readonly messageTwice: number
  readonly messageMs: number
  readonly messageLate: number
  readonly lateMs: number
  readonly callMs: number
  readonly callLost: number
  readonly answerLost: number
  readonly sentinelDiesPerSecond: number
  readonly sentinelFreezesPerSecond: number
  readonly nodeDiesPerSecond: number
  readonly consentChangesPerSecond: number
}

export interface NodePlan {
  readonly id: string
  readonly owner: string
  readonly cores: number
  readonly msPerUnit: number
  readonly lies: number
  /** Keeps a chunk, alive and silent about it. */
  readonly sits: number
  readonly fails: number
  /** Brings a chunk again, the same or another result. */
  readonly repeats: number
  readonly contradicts: number
  readonly wrongHash: number
}

export type PlannedJob = Omit<Job, 'epoch' | 'workHash'> & {
  readonly submitAt: number
  /** A unit that fails on every machine. */
  readonly poison: number | undefined
}

const TRUST_ALL: TrustPolicy = { agreement: 1, resultsMax: 1, confirmations: 0, sample: 0 }
/** Without collusion so many users suffice to outvote the liars of a plan. */
const HONEST_USERS = 4

export function drawJobsPlan(random: Prng, durationMs: number): JobsPlan {
  const some = (share: number, value: number) => (random.chance(share) ? value * random.float() : 0)
  const trust = random.pick<TrustPolicy>([
    TRUST_ALL,
    { agreement: 2, resultsMax: 4, confirmations: 1_000_000, sample: 1 },
    { agreement: 2, resultsMax: 4, confirmations: 1_000_000, sample: 1 },
    { agreement: 3, resultsMax: 5, confirmations: 1_000_000, sample: 1 },
    { agreement: 2, resultsMax: 4, confirmations: 2, sample: 0.4 },
  ])
  // Where a name counts, liars make themselves one first.
  const liesMin = trust.sample === 1 ? 0.3 : 0.05
  const liars = trust.agreement > 1 ? random.below(3) : 0
  const honest = HONEST_USERS + random.below(3)
  const nodes = Array.from({ length: honest + liars }, (_, i): NodePlan => {
    const isLiar = i >= honest
    return {
      id: isLiar ? `liar${i}` : `node${i}`,
      // Jobs are of other users: what a node computes for its own is believed.
      owner: `user${i}`,
      cores: 1 + random.below(4),
      msPerUnit: 0.2 + 2 * random.float(),
      lies: isLiar ? liesMin * (1 + 2 * random.float()) : 0,
      sits: some(0.4, 0.15),
      fails: some(0.3, 0.1),
      repeats: some(0.6, 0.4),
      contradicts: some(0.4, 0.3),
      wrongHash: some(0.2, 0.05),
    }
  })
  const jobs = Array.from({ length: 1 + random.below(4) }, (_, i) => drawJob(random, i, durationMs))
  return {
    mode: random.chance(0.8) ? 'checkpointed' : 'volatile',
    sentinels: 1 + random.below(2),
    trust,
    reviewsMax: random.pick([2, 8, 256]),
    nodes,
    jobs,
    messageLost: some(0.6, 0.15),
    messageTwice: some(0.6, 0.2),
    messageMs: 1 + random.below(20),
    messageLate: some(0.6, 0.1),
    lateMs: 200 + random.below(6_000),
    callMs: 1 + random.below(30),
    callLost: some(0.5, 0.2),
    answerLost: some(0.5, 0.2),
    sentinelDiesPerSecond: random.pick([0, 0, 0.2, 0.5, 3]),
    sentinelFreezesPerSecond: some(0.4, 0.4),
    nodeDiesPerSecond: some(0.5, 0.3),
    consentChangesPerSecond: some(0.4, 2),
  }
}

function drawJob(random: Prng, number: number, durationMs: number): PlannedJob {
  return {
    id: `job${number}`,
    owner: random.pick(['ada', 'ben']),
    strategy: drawStrategy(random),
    priority: random.below(3),
    access: 'public',
    chunks: random.chance(0.6) ? random.between(1, 60) : undefined,
    onChunkFailure: random.pick(['fail_job', 'finish_partially'] as const),
    submitAt: random.below(durationMs),
    poison: random.chance(0.1) ? random.below(100) : undefined,
  }
}

function drawStrategy(random: Prng): Strategy {
  const stop = random.chance(0.3) ? { targetError: 0.001 + 0.01 * random.float(), minUnits: 30 } : undefined
  const stopping = stop === undefined ? {} : { stop }
  switch (random.below(3)) {
    case 0:
      return { kind: 'single', units: random.between(1, 4_000), ...stopping }
    case 1:
      return { kind: 'stat_weights', units: random.between(1, 800), perturbations: random.between(1, 5), ...stopping }
    default: {
      // After a unit or two luck decides, and is found out later.
      const first = random.between(1, random.pick([2, 60]))
      const ladder = [
        { units: first, keep: 0.1 + 0.5 * random.float() },
        { units: first + random.between(1, 200), keep: 0.5 },
        { units: first + 300, keep: 1 },
      ].slice(0, random.between(1, 3))
      return { kind: 'tournament', variants: random.between(1, 24), ladder, ...stopping }
    }
  }
}
