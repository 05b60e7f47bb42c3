/** The beginning of a list of slots. */
export interface SlotList {
  first: number
  length: number
}

const NONE = -1

export function slotList(): SlotList {
  return { first: NONE, length: 0 }
}

/** Doubly linked lists of slots, by two columns: of a job's claims, and of a node's. Eight bytes per slot and column. */
export class SlotLists {
  readonly ofJob = new SlotLinks()
  readonly ofNode = new SlotLinks()

  grow(capacity: number): void {
    this.ofJob.grow(capacity)
    this.ofNode.grow(capacity)
  }
}

/** Each slot is in at most one list. */
class SlotLinks {
  #next = new Int32Array(0)
  #previous = new Int32Array(0)

  grow(capacity: number): void {
    const next = new Int32Array(capacity)
    const previous = new Int32Array(capacity)
    next.set(this.#next)
    previous.set(this.#previous)
    this.#next = next
    this.#previous = previous
  }

  add(list: SlotList, slot: number): void {
    this.#previous[slot] = NONE
    this.#next[slot] = list.first
    if (list.first !== NONE) this.#previous[list.first] = slot
    list.first = slot
    list.length++
  }

  remove(list: SlotList, slot: number): void {
    const next = this.#next[slot] as number
    const previous = this.#previous[slot] as number
    if (previous === NONE) list.first = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
    list.length--
  }

  /** A copy: what is done with the slots changes the list. */
  slotsOf(list: SlotList): number[] {
    const slots: number[] = []
    for (let slot = list.first; slot !== NONE; slot = this.#next[slot] as number) slots.push(slot)
    return slots
  }
}
