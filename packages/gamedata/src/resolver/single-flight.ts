/** Lets callers who want the same thing at the same time share one piece of work, and its failure. */
export class SingleFlight {
  readonly #flying = new Map<string, Promise<unknown>>()

  /** @param key of what `work` gets: equal keys must mean equal results */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const flying = this.#flying.get(key) as Promise<T> | undefined
    if (flying !== undefined) return flying
    const started = work().finally(() => this.#flying.delete(key))
    this.#flying.set(key, started)
    return started
  }
}
