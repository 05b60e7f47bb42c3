/**
 * What a mission must show. Whoever runs one, in real time or on simulated time, gathers observations; what follows
 * from them is decided here, so that both are held to the same.
 */

import { TICK_MS } from '../rules.js'

/** States that clients showed, and those of them that were not what others showed at the same tick. */
export interface Comparison {
  readonly compared: number
  readonly differing: number
}

/** Each part is missing until it was observed; what was not observed is not passed. */
export interface Observations {
  /** By client, car and tick, over the mission. */
  readonly states?: Comparison
  /** By client and car, when all is at rest behind the mission: rows of the client beside those of the authority. */
  readonly rest?: Comparison
  /** The end of the mission: ticks at which clients stood last, most apart in one car, and their cores. */
  readonly end?: { readonly tickSpread: number; readonly cores: Comparison }
  readonly pace?: {
    /** Of the slower car, while the mission ran. */
    readonly ticksPerSecond: number
    /** Of the time that a tick takes, ms. */
    readonly tickP99Ms: number
  }
  readonly slots?: {
    /** As the terminal counts them, in the scores of the database, and in its runs. */
    readonly events: number
    readonly inScores: number
    readonly inRuns: number
    /** Ops that a persona zone applied before what they follow from. */
    readonly outOfOrder: number
  }
  readonly clocks?: {
    /** Vector clocks of zones that were read, and those in which a count was lower than before. */
    readonly samples: number
    readonly regressions: number
  }
  /** Zone and interest cell of the clients, distinct ones. */
  readonly interestZones?: number
  /** Per mission and player: from the mission's end until a reader of the database sees the run, ms. */
  readonly scoreVisibleMs?: readonly number[]
  readonly copies?: {
    /** Scores that each car was told of, beside the slot events. */
    readonly told: readonly number[]
    readonly events: number
    /** Copies that were behind and said so, and those that did not say so; in both cars. */
    readonly staleTold: number
    readonly wrong: number
    /** By client, car and player, at rest: differing or stale though nothing is under way. */
    readonly rest: Comparison
  }
  /** Attempts to write scores from elsewhere. */
  readonly attacks?: readonly { readonly name: string; readonly succeeded: boolean }[]
  readonly storm?: {
    /** How many were cut off at once, and how long each took until it showed what the others did, ms. */
    readonly dropped: number
    readonly resyncMs: readonly number[]
    readonly restarts: number
  }
  /** While the network was bad. */
  readonly badNetwork?: Comparison
  /** Memory in use by the server behind a collection of garbage: how much more at the end than at the begin, MiB. */
  readonly memoryGrowthMiB?: number
}

export type Bound = { readonly min: number } | { readonly max: number }

export interface Criterion {
  readonly name: CriterionName
  /** Null when it was not observed, or nothing was there to observe. */
  readonly figure: number | null
  readonly floor: Bound
  readonly passed: boolean
  readonly sentence: string
}

interface Rule {
  readonly sentence: string
  readonly floor: Bound
  readonly figure: (observed: Observations) => number | null | undefined
}

const RULES = {
  desyncs: {
    sentence: 'states of a car in which a client differs from the others at the same tick',
    floor: { max: 0 },
    figure: ({ states }) => differing(states),
  },
  restDifferences: {
    sentence: 'clients that differ from the authority when all is at rest',
    floor: { max: 0 },
    figure: ({ rest }) => differing(rest),
  },
  coreTicksApart: {
    sentence: 'ticks between the clients at the end of the mission',
    floor: { max: 1 },
    figure: ({ end }) => end?.tickSpread,
  },
  coreDifferences: {
    sentence: 'clients whose cores differ from those of the others at the end of the mission',
    floor: { max: 0 },
    figure: ({ end }) => differing(end?.cores),
  },
  ticksPerSecond: {
    sentence: 'ticks of the slower car per second of the mission',
    floor: { min: 19.8 },
    figure: ({ pace }) => pace?.ticksPerSecond,
  },
  tickP99Ms: {
    sentence: 'time that a tick takes, p99',
    floor: { max: 10 },
    figure: ({ pace }) => pace?.tickP99Ms,
  },
  slotEvents: {
    sentence: 'cores that were slotted',
    floor: { min: 1 },
    figure: ({ slots }) => slots?.events,
  },
  slotOpsLost: {
    sentence: 'slotted cores beside those in scores and in runs: difference',
    floor: { max: 0 },
    figure: ({ slots }) =>
      slots && Math.max(Math.abs(slots.events - slots.inScores), Math.abs(slots.events - slots.inRuns)),
  },
  outOfOrder: {
    sentence: 'ops that came before what they follow from',
    floor: { max: 0 },
    figure: ({ slots }) => slots?.outOfOrder,
  },
  clockRegressions: {
    sentence: 'vector clocks that went back',
    floor: { max: 0 },
    figure: ({ clocks }) => (clocks === undefined || clocks.samples === 0 ? null : clocks.regressions),
  },
  interestZones: {
    sentence: 'distinct interest zones of the clients',
    floor: { min: 2 },
    figure: ({ interestZones }) => interestZones,
  },
  scoreVisibleP99Ms: {
    sentence: 'from the end of a mission until the committed score is in the database, p99',
    floor: { max: TICK_MS },
    figure: ({ scoreVisibleMs }) => scoreVisibleMs && quantile(scoreVisibleMs, 0.99),
  },
  talliesMissing: {
    sentence: 'scores of which a car was not told, or more than once',
    floor: { max: 0 },
    figure: ({ copies }) => copies && Math.max(...copies.told.map((told) => Math.abs(copies.events - told))),
  },
  talliesStale: {
    sentence: 'copies of scores that were behind what their owner had told, and said so',
    floor: { min: 0 },
    figure: ({ copies }) => copies?.staleTold,
  },
  talliesWrong: {
    sentence: 'copies of scores that were behind and did not say so',
    floor: { max: 0 },
    figure: ({ copies }) => copies?.wrong,
  },
  scoreCopyDifferences: {
    sentence: 'copies of scores at clients that differ from the database, or are stale, at rest',
    floor: { max: 0 },
    figure: ({ copies }) => differing(copies?.rest),
  },
  foreignWrites: {
    sentence: 'attempts to write a score from elsewhere that succeeded',
    floor: { max: 0 },
    figure: ({ attacks }) => (attacks?.length ? attacks.filter(({ succeeded }) => succeeded).length : null),
  },
  resyncMs: {
    sentence: 'until the slowest of the bots that were all cut off at once was back in step',
    floor: { max: 5_000 },
    figure: ({ storm }) =>
      storm === undefined || storm.dropped === 0 || storm.resyncMs.length < storm.dropped
        ? null
        : Math.max(...storm.resyncMs),
  },
  restarts: {
    sentence: 'restarts of the server and of its zones',
    floor: { max: 0 },
    figure: ({ storm }) => storm?.restarts,
  },
  badNetworkDesyncs: {
    sentence: 'states in which a client differs from the others while the network is bad',
    floor: { max: 0 },
    figure: ({ badNetwork }) => differing(badNetwork),
  },
  memoryGrowthMiB: {
    sentence: 'memory in use by the server: growth from the first mission to the last',
    floor: { max: 48 },
    figure: ({ memoryGrowthMiB }) => memoryGrowthMiB,
  },
} as const satisfies Record<string, Rule>

export type CriterionName = keyof typeof RULES
export const CRITERIA = Object.keys(RULES) as readonly CriterionName[]

/** @param names those to judge by; all, unless what was run cannot show some */
export function judgeMission(observed: Observations, names: readonly CriterionName[] = CRITERIA): Criterion[] {
  return names.map((name) => {
    const { sentence, floor, figure: read }: Rule = RULES[name]
    const figure = read(observed) ?? null
    return { name, figure, floor, passed: meets(floor, figure), sentence }
  })
}

function meets(floor: Bound, figure: number | null): boolean {
  if (figure === null || Number.isNaN(figure)) return false
  return 'min' in floor ? figure >= floor.min : figure <= floor.max
}

/** Nothing compared is nothing shown. */
function differing(comparison: Comparison | undefined): number | null {
  return comparison === undefined || comparison.compared === 0 ? null : comparison.differing
}

/** Nearest rank; null without samples. */
function quantile(samples: readonly number[], q: number): number | null {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null
}
