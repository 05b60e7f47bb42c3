import { clientError } from './errors.js'

/** Listeners by event, bounded; one that throws does not keep the others from theirs. */
export class Listeners<Events extends { [E in keyof Events]: unknown[] }> {
  readonly #byEvent = new Map<keyof Events, Set<(args: readonly unknown[]) => void>>()
  readonly #max: number
  readonly #report: (thrown: unknown) => void

  constructor(max: number, report: (thrown: unknown) => void) {
    this.#max = max
    this.#report = report
  }

  /** @throws TerraneError `too_many_requests` beyond the limit */
  add<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): () => void {
    const listeners = this.#byEvent.get(event) ?? new Set()
    this.#byEvent.set(event, listeners)
    if (listeners.size >= this.#max) throw clientError('too_many_requests', `listeners of "${String(event)}"`)
    // Its own function each time: the same listener may be given twice.
    const own = (args: readonly unknown[]) => listener(...(args as Events[E]))
    listeners.add(own)
    return () => {
      listeners.delete(own)
    }
  }

  emit<E extends keyof Events>(event: E, ...args: Events[E]): void {
    for (const listener of [...(this.#byEvent.get(event) ?? [])]) {
      try {
        listener(args)
      } catch (thrown) {
        this.#report(thrown)
      }
    }
  }
}
