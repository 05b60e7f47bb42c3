import { assert } from '@terrane/core'

/** Has a small number while it is in a set. */
export interface Numbered {
  number: number
}

/** Objects by small numbers, which are used again. */
export class Numbers<T extends Numbered> {
  readonly #items: (T | undefined)[] = []
  readonly #free: number[] = []

  add(item: T): void {
    item.number = this.#free.pop() ?? this.#items.length
    this.#items[item.number] = item
  }

  remove(item: T): void {
    assert(this.#items[item.number] === item, 'it has no number here')
    this.#items[item.number] = undefined
    this.#free.push(item.number)
    item.number = -1
  }

  at(number: number): T {
    return this.#items[number] as T
  }
}
