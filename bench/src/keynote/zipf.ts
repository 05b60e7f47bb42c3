import type { Prng } from '@terrane/core'

/**
 * Picks from 0 … n-1 with probability proportional to 1 / (rank + 1)^alpha, by Walker's alias method:
 * one draw costs two random numbers, whatever alpha is, so the sampler does not slow the load.
 */
export class Zipf {
  readonly #random: Prng
  readonly #keep: Float64Array
  readonly #alias: Int32Array

  constructor(n: number, alpha: number, random: Prng) {
    this.#random = random
    const weights = Float64Array.from({ length: n }, (_, rank) => (rank + 1) ** -alpha)
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / n
    this.#keep = weights.map((weight) => weight / mean)
    this.#alias = Int32Array.from({ length: n }, (_, i) => i)
    const small: number[] = []
    const large: number[] = []
    for (let i = 0; i < n; i++) ((this.#keep[i] as number) < 1 ? small : large).push(i)
    while (small.length > 0 && large.length > 0) {
      const less = small.pop() as number
      const more = large[large.length - 1] as number
      this.#alias[less] = more
      this.#keep[more] = (this.#keep[more] as number) - (1 - (this.#keep[less] as number))
      if ((this.#keep[more] as number) < 1) {
        large.pop()
        small.push(more)
      }
    }
  }

  draw(): number {
    const i = this.#random.below(this.#keep.length)
    return this.#random.float() < (this.#keep[i] as number) ? i : (this.#alias[i] as number)
  }
}
