import { TICK_MS } from '@terrane/world-maglev'
import type { Snapshot } from './snapshots.js'

/** Half a second: more than any delay that is shown. */
const KEPT = 10
/** An arrival that is off by more than this began a new rhythm: a pause, or a page that was hidden. */
const OFF_MS_MAX = 60
/** How much of its deviation an arrival keeps: networks jitter, ticks do not. */
const JITTER_SHARE = 0.15
/** Further than anybody goes in a tick: they went through the door, or back to the start. */
const LEAP = 1_200_000

/** Two frames of a car and how far the moment is between them, from 0 to 1. */
export interface Between {
  readonly from: Snapshot
  readonly to: Snapshot
  readonly share: number
}

/** The last frames of a car, each at the moment at which a steady server would have sent it. */
export class FrameBuffer {
  #frames: Snapshot[] = []

  /** When a frame that arrives now is to be shown. */
  timeOf(arrivedAt: number): number {
    const last = this.#frames.at(-1)
    if (last === undefined) return arrivedAt
    const due = last.at + TICK_MS
    const off = arrivedAt - due
    return Math.abs(off) > OFF_MS_MAX ? Math.max(arrivedAt, last.at + 1) : due + off * JITTER_SHARE
  }

  push(frame: Snapshot): void {
    this.#frames.push(frame)
    if (this.#frames.length > KEPT) this.#frames.shift()
  }

  get latest(): Snapshot | undefined {
    return this.#frames.at(-1)
  }

  /** The frames around a moment; the newest alone when it is later than all. */
  around(at: number): Between | undefined {
    const frames = this.#frames
    const [oldest] = frames
    const newest = frames.at(-1)
    if (oldest === undefined || newest === undefined) return undefined
    if (at >= newest.at) return { from: newest, to: newest, share: 1 }
    for (let i = frames.length - 1; i > 0; i--) {
      const from = frames[i - 1] as Snapshot
      const to = frames[i] as Snapshot
      if (at >= from.at) return { from, to, share: (at - from.at) / (to.at - from.at) }
    }
    return { from: oldest, to: oldest, share: 1 }
  }
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Where something is between two frames; at once where it has leapt to. */
export function between(from: Point | undefined, to: Point, share: number): Point {
  if (from === undefined || Math.abs(to.x - from.x) > LEAP || Math.abs(to.y - from.y) > LEAP) return to
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

/** The tick of a car at a moment between two frames: with a fraction while the mission runs. */
export function tickOf({ from, to, share }: Between): number {
  if (from.car.mission !== to.car.mission || to.car.tick < from.car.tick) return to.car.tick
  return from.car.tick + (to.car.tick - from.car.tick) * share
}
