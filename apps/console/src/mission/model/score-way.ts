import { type CarZone, COURIER, POINTS_PER_CORE, TERMINAL } from '@terrane/world-maglev'

/** A copy of a player's score in a car, as the page sees it. */
export interface ScoreCopy {
  readonly player: string
  readonly points: number
  readonly cores: number
  /** The mission of `missionCores`. */
  readonly mission: number
  readonly missionCores: number
  /** The persona zone that owns it. */
  readonly $zone: string
  /** The car knows that the owner has done something since. */
  readonly $stale: boolean
}

/** One core's way, from the slot to the copies of the score. Times in ms after the slot was seen here. */
export interface Trace {
  readonly id: number
  readonly player: string
  readonly slot: number
  readonly startedAt: number
  /** The persona zone that committed it; known with the first copy. */
  readonly zone: string | undefined
  /** When each car's copy had it: it is in the database by then. */
  readonly copiedMs: Readonly<Partial<Record<CarZone, number>>>
  /** A copy was seen marked as stale on the way. */
  readonly wasStale: boolean
}

type Copied = { -readonly [Field in keyof Trace]: Trace[Field] } & { copiedMs: Partial<Record<CarZone, number>> }

/** More than can be on their way at once. */
const TRACES_KEPT = 24
const CARS = [TERMINAL, COURIER] as const

/** Follows every core that is slotted: which score it is in, and when each car's copy shows it. */
export class ScoreWay {
  readonly #traces: Copied[] = []
  readonly #copies: Record<CarZone, Copies> = { 'car-1': newCopies(), 'car-2': newCopies() }
  #nextId = 1

  /** Newest first. */
  get traces(): readonly Trace[] {
    return this.#traces
  }

  slotted(player: string, slot: number, at: number): void {
    const trace: Copied = {
      id: this.#nextId++,
      player,
      slot,
      startedAt: at,
      zone: undefined,
      copiedMs: {},
      wasStale: false,
    }
    for (const car of CARS) {
      const { ahead } = this.#copies[car]
      const count = ahead.get(player) ?? 0
      if (count === 0) continue
      ahead.set(player, count - 1)
      trace.copiedMs[car] = 0
    }
    this.#traces.unshift(trace)
    while (this.#traces.length > TRACES_KEPT) this.#traces.pop()
  }

  /** The copies in one car as they are now. */
  look(car: CarZone, copies: Iterable<ScoreCopy>, at: number): void {
    const seen = this.#copies[car]
    for (const { player, points, $zone, $stale } of copies) {
      const waiting = this.#traces.filter((trace) => trace.player === player && trace.copiedMs[car] === undefined)
      if ($stale) for (const trace of waiting) trace.wasStale = true
      // At first they are what they are; later who has none yet had nothing.
      const had = seen.points.get(player) ?? (seen.isNew ? points : 0)
      seen.points.set(player, points)
      const more = Math.round((points - had) / POINTS_PER_CORE)
      for (const trace of waiting.slice(Math.max(0, waiting.length - more))) {
        trace.copiedMs[car] = at - trace.startedAt
        trace.zone = $zone
      }
      if (more > waiting.length) seen.ahead.set(player, (seen.ahead.get(player) ?? 0) + more - waiting.length)
    }
    seen.isNew = false
  }
}

/** What is known of a car's copies. */
interface Copies {
  /** Points by player when they were last looked at. */
  readonly points: Map<string, number>
  /** Cores that came by this connection before the other one showed the slot. */
  readonly ahead: Map<string, number>
  isNew: boolean
}

function newCopies(): Copies {
  return { points: new Map(), ahead: new Map(), isNew: true }
}

/** Whether both cars' copies have it. */
export function isThrough({ copiedMs }: Trace): boolean {
  return CARS.every((car) => copiedMs[car] !== undefined)
}
