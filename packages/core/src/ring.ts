import { assert } from './assert.js'

/** A queue of fixed capacity over a circular array; O(1) at both ends, no allocation after start. */
export class RingBuffer<T> {
  readonly capacity: number
  readonly #slots: (T | undefined)[]
  #head = 0
  #length = 0

  constructor(capacity: number) {
    assert(Number.isInteger(capacity) && capacity > 0, `ring capacity must be a positive integer: ${capacity}`)
    this.capacity = capacity
    this.#slots = new Array<T | undefined>(capacity)
  }

  get length(): number {
    return this.#length
  }

  get full(): boolean {
    return this.#length === this.capacity
  }

  /** Appends; false when full, in which case nothing changes. */
  push(item: T): boolean {
    if (this.full) return false
    this.#slots[(this.#head + this.#length) % this.capacity] = item
    this.#length++
    return true
  }

  /** Appends, dropping and returning the oldest item when full. */
  pushEvicting(item: T): T | undefined {
    const evicted = this.full ? this.shift() : undefined
    this.push(item)
    return evicted
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) % this.capacity
    this.#length--
    return item
  }

  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head]
  }

  /** The item `index` places behind the oldest. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#slots[(this.#head + index) % this.capacity]
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.#length; i++) yield this.at(i) as T
  }

  clear(): void {
    while (this.#length > 0) this.shift()
  }
}
