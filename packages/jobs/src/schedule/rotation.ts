/** What waits its turn in one or more rotations. */
export interface Seat<T> {
  readonly item: T
  /** Lower came to the end of the queue earlier. */
  turn: number
  next: Seat<T> | undefined
  previous: Seat<T> | undefined
  rotation: Rotation<T> | undefined
}

export function seatOf<T>(item: T): Seat<T> {
  return { item, turn: 0, next: undefined, previous: undefined, rotation: undefined }
}

/** A queue whose members can leave from anywhere. Turns ascend from first to last. */
class Rotation<T> {
  first: Seat<T> | undefined
  #last: Seat<T> | undefined

  push(seat: Seat<T>, turn: number): void {
    seat.rotation = this
    seat.turn = turn
    seat.next = undefined
    seat.previous = this.#last
    if (this.#last === undefined) this.first = seat
    else this.#last.next = seat
    this.#last = seat
  }

  remove(seat: Seat<T>): void {
    if (seat.previous === undefined) this.first = seat.next
    else seat.previous.next = seat.next
    if (seat.next === undefined) this.#last = seat.previous
    else seat.next.previous = seat.previous
    seat.next = undefined
    seat.previous = undefined
    seat.rotation = undefined
  }
}

/** Rotations by priority, the highest first. */
export class PriorityQueue<T> {
  /** Descending. */
  readonly #levels: { readonly priority: number; readonly rotation: Rotation<T> }[] = []
  size = 0

  /** To the end of its priority, whether it is in the queue or not. */
  push(seat: Seat<T>, priority: number, turn: number): void {
    if (seat.rotation === undefined) this.size++
    else seat.rotation.remove(seat)
    this.#level(priority).push(seat, turn)
  }

  remove(seat: Seat<T>): void {
    if (seat.rotation === undefined) return
    seat.rotation.remove(seat)
    this.size--
  }

  /** The first of each priority that has any, the highest first. */
  *heads(): Generator<{ readonly priority: number; readonly seat: Seat<T> }> {
    for (const { priority, rotation } of this.#levels) if (rotation.first) yield { priority, seat: rotation.first }
  }

  #level(priority: number): Rotation<T> {
    let index = 0
    while (index < this.#levels.length && (this.#levels[index] as { priority: number }).priority > priority) index++
    const found = this.#levels[index]
    if (found?.priority === priority) return found.rotation
    const rotation = new Rotation<T>()
    this.#levels.splice(index, 0, { priority, rotation })
    return rotation
  }
}

/** The items of several queues: by priority, then by turn. The queues must not change meanwhile. */
export function* inTurn<T>(queues: readonly PriorityQueue<T>[]): Generator<T> {
  const heads = queues.flatMap((queue) => [...queue.heads()])
  while (heads.length > 0) {
    let best = 0
    for (let i = 1; i < heads.length; i++) {
      const [a, b] = [heads[i] as (typeof heads)[0], heads[best] as (typeof heads)[0]]
      if (a.priority > b.priority || (a.priority === b.priority && a.seat.turn < b.seat.turn)) best = i
    }
    const { priority, seat } = heads[best] as (typeof heads)[0]
    yield seat.item
    if (seat.next === undefined) heads.splice(best, 1)
    else heads[best] = { priority, seat: seat.next }
  }
}
