/**
 * Runs `work` so that each call of `run` is followed by a whole run that began after it: calls that come while one is
 * under way share the next.
 */
export class Coalesced {
  readonly #work: () => Promise<void>
  #current: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  run(): Promise<void> {
    if (this.#next !== undefined) return this.#next
    if (this.#current === undefined) return this.#begin()
    this.#next = this.#current.then(
      () => this.#follow(),
      () => this.#follow(),
    )
    return this.#next
  }

  #follow(): Promise<void> {
    this.#next = undefined
    return this.#begin()
  }

  #begin(): Promise<void> {
    const current = this.#work().finally(() => {
      if (this.#current === current) this.#current = undefined
    })
    this.#current = current
    return current
  }
}
