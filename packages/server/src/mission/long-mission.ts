import { COURIER, TERMINAL } from '@terrane/world-maglev'
import type { Observations } from '@terrane/world-maglev/mission'
import type { MissionCrew } from './crew.js'
import { interestZonesOf } from './interest.js'
import { quantileBetween, readMetrics } from './metrics-reader.js'
import { type RunsSeen, seeRuns } from './run-watch.js'
import type { Stage } from './stage.js'

const TICK_Q = 0.99
const TELL_EVERY_S = 5

export interface LongMission {
  readonly mission: number
  readonly runs: RunsSeen
  readonly observed: Required<Pick<Observations, 'end' | 'pace' | 'interestZones'>>
}

/** Plays one mission, and watches every frame of it. */
export async function playLongMission(
  stage: Stage,
  crew: MissionCrew,
  { seconds, seed, tell }: { seconds: number; seed: number; tell: (line: string) => void },
): Promise<LongMission> {
  crew.play()
  const mission = await crew.start(seconds, seed)
  const before = await readMetrics(stage.url)
  const pace = new Pace(crew)
  const interest: number[] = []
  const timer = setInterval(() => {
    interest.push(interestZonesOf(crew.passengers))
    if (interest.length % TELL_EVERY_S !== 0) return
    const slotted = crew.observer[TERMINAL].tables.cars.get(TERMINAL)?.slotted ?? 0
    tell(`playing: ${interest.length} of ${seconds} s, ${slotted} cores slotted`)
  }, 1_000)
  const seeing = seeRuns(crew, stage.runs, mission)
  await crew.end(mission).finally(() => clearInterval(timer))
  const end = crew.standing()
  const ticksPerSecond = pace.end()
  const after = await readMetrics(stage.url)
  const tickSeconds = quantileBetween(before, after, { name: 'terrane_tick_seconds', labels: 'tick="ride"', q: TICK_Q })
  const runs = await seeing
  return {
    mission,
    runs,
    observed: {
      end,
      pace: { ticksPerSecond, tickP99Ms: (tickSeconds ?? Number.NaN) * 1_000 },
      interestZones:
        interest.sort((a, b) => a - b)[Math.floor(interest.length / 2)] ?? interestZonesOf(crew.passengers),
    },
  }
}

/** Ticks per second of the slower car, as the observer was shown them. */
class Pace {
  readonly #marks: { readonly end: () => number }[]

  constructor(crew: MissionCrew) {
    this.#marks = [COURIER, TERMINAL].map((zone) => {
      const client = crew.observer[zone]
      const mark = () => ({ tick: client.tables.cars.get(zone)?.tick ?? 0, atMs: performance.now() })
      let first: ReturnType<typeof mark> | undefined
      let last = mark()
      const stop = client.on('state', () => {
        const now = mark()
        if (now.tick === last.tick || client.tables.cars.get(zone)?.phase !== 'running') return
        first ??= now
        last = now
      })
      return {
        end() {
          stop()
          return first === undefined ? 0 : ((last.tick - first.tick) * 1_000) / (last.atMs - first.atMs)
        },
      }
    })
  }

  end(): number {
    return Math.min(...this.#marks.map((mark) => mark.end()))
  }
}
