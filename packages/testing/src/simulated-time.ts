import type { Clock, Timer, Timers } from '@terrane/core'

interface Event {
  readonly at: number
  readonly order: number
  readonly work: () => void
  cancelled: boolean
}

/**
 * A clock and timers that move only when told to. Work that is due at the same moment runs in the
 * order in which it was asked for; between two events all promises settle. So a run depends on
 * nothing but what is done in it.
 */
export class SimulatedTime implements Clock, Timers {
  #now: number
  #order = 0
  /** Binary heap by (at, order). */
  readonly #heap: Event[] = []

  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, work: () => void): Timer {
    const event: Event = { at: this.#now + Math.max(0, delayMs), order: this.#order++, work, cancelled: false }
    this.#push(event)
    return {
      cancel: () => {
        event.cancelled = true
      },
    }
  }

  soon(work: () => void): void {
    this.after(0, work)
  }

  next(work: () => void): void {
    this.after(0, work)
  }

  /** Runs everything that is due in the next `ms`, and leaves the clock there. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    while (this.#heap.length > 0 && (this.#heap[0] as Event).at <= until) await this.#step()
    this.#now = until
  }

  /** Runs events until `done()`; throws when `limitMs` of simulated time have gone by before. */
  async until(done: () => boolean, limitMs = 60_000): Promise<void> {
    const end = this.#now + limitMs
    await settle()
    while (!done()) {
      const next = this.#heap[0]
      if (next === undefined || next.at > end)
        throw new Error(`nothing more happens and it is not done after ${limitMs} ms`)
      await this.#step()
    }
  }

  async #step(): Promise<void> {
    const event = this.#pop() as Event
    if (event.cancelled) return
    this.#now = Math.max(this.#now, event.at)
    event.work()
    await settle()
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(event, heap[parent] as Event)) break
      heap[at] = heap[parent] as Event
      at = parent
    }
    heap[at] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++
      if (!before(heap[child] as Event, last)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = last
    return top
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Lets every promise that can settle do so: a turn of the event loop runs all microtasks before it. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
