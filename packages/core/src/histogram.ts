/**
 * Latency histogram with logarithmic buckets (16 per power of two, so within 4.5 % of the value),
 * from 1 µs to 2^40 µs. Constant memory; `record` allocates nothing.
 */
export class Histogram {
  readonly #counts = new Float64Array(40 * 16)
  #total = 0
  #sum = 0
  #max = 0

  /** @param value in milliseconds */
  record(value: number): void {
    const micros = Math.max(1, value * 1000)
    const index = Math.min(this.#counts.length - 1, Math.floor(Math.log2(micros) * 16))
    this.#counts[index] = (this.#counts[index] as number) + 1
    this.#total++
    this.#sum += value
    if (value > this.#max) this.#max = value
  }

  get count(): number {
    return this.#total
  }

  get mean(): number {
    return this.#total === 0 ? 0 : this.#sum / this.#total
  }

  get max(): number {
    return this.#max
  }

  /** The value in milliseconds below which the fraction `q` of the records lies; 0 when empty. */
  quantile(q: number): number {
    if (this.#total === 0) return 0
    const rank = Math.max(1, Math.ceil(q * this.#total))
    let seen = 0
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i] as number
      if (seen >= rank) return Math.min(this.#max, 2 ** ((i + 1) / 16) / 1000)
    }
    return this.#max
  }

  /** Records that surely are at most `value` ms: those in buckets that end there or below. */
  countUpTo(value: number): number {
    const end = Math.min(this.#counts.length, Math.floor(Math.log2(Math.max(1, value * 1000)) * 16))
    let count = 0
    for (let i = 0; i < end; i++) count += this.#counts[i] as number
    return count
  }

  merge(other: Histogram): void {
    for (let i = 0; i < this.#counts.length; i++) {
      this.#counts[i] = (this.#counts[i] as number) + (other.#counts[i] as number)
    }
    this.#total += other.#total
    this.#sum += other.#sum
    this.#max = Math.max(this.#max, other.#max)
  }

  reset(): void {
    this.#counts.fill(0)
    this.#total = 0
    this.#sum = 0
    this.#max = 0
  }
}
