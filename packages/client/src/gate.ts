import type { TerraneError } from '@terrane/core'

/** One promise for all who wait for the same. Nobody need wait: a rejection is then not reported. */
export class Gate {
  resolve!: () => void
  reject!: (error: TerraneError) => void
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })

  constructor() {
    this.promise.catch(() => {})
  }
}
