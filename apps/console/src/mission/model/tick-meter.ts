/** How far back it looks, ms. */
const WINDOW_MS = 5_000

const LATE_MS = 500

/** Ticks per second of a car, by what arrives here. */
export class TickMeter {
  #seen: { readonly at: number; readonly tick: number; readonly mission: number }[] = []

  note(at: number, mission: number, tick: number): void {
    const last = this.#seen.at(-1)
    if (last !== undefined && (last.mission !== mission || tick < last.tick)) this.#seen = []
    this.#seen.push({ at, tick, mission })
    while ((this.#seen[0]?.at ?? at) < at - WINDOW_MS) this.#seen.shift()
  }

  /** Undefined while there is no mission, or too little of it was seen. */
  rate(now: number): number | undefined {
    const [first] = this.#seen
    const last = this.#seen.at(-1)
    if (first === undefined || last === undefined || now - last.at > WINDOW_MS) return undefined
    // Between frames nothing is missing; after a while something is.
    const tookMs = (now - last.at > LATE_MS ? now : last.at) - first.at
    return tookMs < 500 || last.tick === first.tick ? undefined : ((last.tick - first.tick) * 1_000) / tookMs
  }
}
