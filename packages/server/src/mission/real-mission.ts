import { Prng } from '@terrane/core'
import { CRITERIA, type CriterionName, judgeMission, type Observations } from '@terrane/world-maglev/mission'
import type { Environment } from '../config/environment.js'
import { CommandFailure } from '../process/failure.js'
import { Progress } from '../process/progress.js'
import { handleSignals } from '../process/signals.js'
import { compareAtRest, countedAtRest, observedSince } from './at-rest.js'
import { attackScores } from './attacks.js'
import { playInBadNetwork } from './bad-network.js'
import { BOTS, CREW, MissionCrew } from './crew.js'
import { playLongMission } from './long-mission.js'
import { readMetrics } from './metrics-reader.js'
import type { MissionOptions } from './mission-command.js'
import { seeRuns } from './run-watch.js'
import { ServerWatch } from './server-watch.js'
import { type Stage, withStage } from './stage.js'
import { tellMission } from './tell.js'

const WORLD = 'maglev'
/** Most short missions are over before a core is slotted; every fifth is long enough for several. */
const SHORT_SECONDS = 2
const LONGER_SECONDS = 15
const LONGER_EVERY = 5
/** How long the mission with the bad network lasts: half of it and more is in bad weather. */
const NETWORK_SECONDS_MAX = 60
const MEMORY_SECONDS_MIN = 60

/** Plays at a real server, and tells what came of it. */
export async function playRealMission(options: MissionOptions, environment: Environment): Promise<void> {
  const progress = new Progress(3 + options.missions, process.stderr.isTTY === true)
  const prng = new Prng(`network ${options.seed}`)
  // So that an end in the middle leaves neither server nor database behind.
  const interruption = onInterruption()
  try {
    const stage = {
      world: WORLD,
      database: options.database,
      random: () => prng.float(),
      progress: (doing: string) => progress.detail(doing),
    }
    const { observed, figures } = await withStage(stage, environment, (set) =>
      play(set, options, progress, interruption.promise),
    )
    progress.end()
    tellMission({ name: 'mission', criteria: judgeMission(observed, shownIn(options.seconds)), figures }, options)
  } finally {
    interruption.release()
    progress.end()
  }
}

/** A short mission says nothing of memory: V8 has not collected its garbage yet. */
function shownIn(seconds: number): readonly CriterionName[] {
  return CRITERIA.filter((name) => name !== 'memoryGrowthMiB' || seconds >= MEMORY_SECONDS_MIN)
}

function onInterruption(): { readonly promise: Promise<never>; release(): void } {
  let release = () => {}
  const promise = new Promise<never>((_, reject) => {
    release = handleSignals({ onFirst: () => reject(interrupted()), onAgain: () => process.exit(1) })
  })
  promise.catch(() => {})
  return { promise, release }
}

function interrupted(): CommandFailure {
  return new CommandFailure('interrupted', {
    what: 'the mission was not played to its end',
    why: 'it was interrupted',
    next: 'run it again; --seconds and --missions make it shorter',
  })
}

/** @param interrupted rejects when the player of all this has had enough */
async function play(
  stage: Stage,
  options: MissionOptions,
  progress: Progress,
  interrupted: Promise<never>,
): Promise<Played> {
  const watch = new ServerWatch(stage.url)
  const crew = await MissionCrew.observe(stage.url, options.seed)
  watch.start()
  try {
    return await Promise.race([playAll({ stage, crew, watch }, options, progress), interrupted])
  } finally {
    await watch.stop()
    await crew.close()
  }
}

interface Played {
  readonly observed: Observations
  readonly figures: Record<string, number>
}

async function playAll(
  { stage, crew, watch }: { readonly stage: Stage; readonly crew: MissionCrew; readonly watch: ServerWatch },
  { seconds, missions, seed }: MissionOptions,
  progress: Progress,
): Promise<Played> {
  const tell = (line: string) => progress.detail(line)
  progress.step('boarding the train')
  const before = await countedAtRest(crew, stage.read)
  await crew.board(() => stage.url)
  progress.step('the mission')
  watch.takeMemoryMiB()
  const first = await playLongMission(stage, crew, { seconds, seed, tell })
  const memoryBefore = watch.takeMemoryMiB()
  const visibleMs = [...first.runs.visibleMs]
  const played = [first.mission]
  let inRuns = first.runs.cores
  for (let i = 1; i <= missions; i++) {
    progress.step(`short missions: ${i} of ${missions}`)
    const mission = await crew.start(i % LONGER_EVERY === 0 ? LONGER_SECONDS : SHORT_SECONDS, seed + i)
    const runs = await seeRuns(crew, stage.runs, mission)
    played.push(mission)
    visibleMs.push(...runs.visibleMs)
    inRuns += runs.cores
  }
  await compareAtRest(crew, stage.read)
  await crew.leave()
  const ports = { bots: stage.ways.bots.port, others: stage.ways.others.port }
  await crew.board((index) => `http://127.0.0.1:${index < BOTS ? ports.bots : ports.others}`)
  progress.step('a mission in a bad network')
  watch.takeMemoryMiB()
  const last = await playInBadNetwork(stage, crew, { seconds: Math.min(seconds, NETWORK_SECONDS_MAX), seed, tell })
  const memoryAfter = watch.takeMemoryMiB()
  const { rest, copies } = await compareAtRest(crew, stage.read)
  const after = await countedAtRest(crew, stage.read)
  const attacks = await attackScores(stage, crew.players[0] as string)
  await watch.stop()
  const metrics = await readMetrics(stage.url)
  const appendMs = (q: number) => (metrics.get(`terrane_log_append_seconds{quantile="${q}"}`) ?? Number.NaN) * 1_000
  const states = crew.compare(played)
  const { slots, copies: copied } = observedSince(before, after, { inRuns: inRuns + last.runs.cores, copies })
  return {
    observed: {
      ...first.observed,
      states,
      rest,
      slots,
      copies: copied,
      clocks: { samples: watch.samples, regressions: watch.regressions },
      scoreVisibleMs: visibleMs,
      attacks,
      storm: { ...last.observed.storm, restarts: watch.restarts },
      badNetwork: last.observed.badNetwork,
      memoryGrowthMiB: memoryAfter - memoryBefore,
    },
    figures: {
      clients: CREW,
      statesCompared: states.compared,
      scoresTimed: visibleMs.length,
      clockSamples: watch.samples,
      opsBufferedMax: watch.bufferedMax,
      attacks: attacks.length,
      scoreVisibleP50Ms: nearestRank(visibleMs, 0.5),
      scoreVisibleMaxMs: nearestRank(visibleMs, 1),
      commitP50Ms: rounded(appendMs(0.5)),
      commitP99Ms: rounded(appendMs(0.99)),
      memoryMiB: Math.round(memoryAfter),
      residentMiB: Math.round(watch.residentMiB),
    },
  }
}

function nearestRank(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return rounded(sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN)
}

function rounded(figure: number): number {
  return Math.round(figure * 100) / 100
}
