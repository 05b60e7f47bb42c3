/** What waits its turn in a queue. */
export interface Seat<T> {
  readonly item: T
  /** Lower came to the end of its queue earlier. */
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
  readonly priority: number
  first: Seat<T> | undefined
  #last: Seat<T> | undefined

  constructor(priority: number) {
    this.priority = priority
  }

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
  /** Descending. One that was needed once stays: there are few priorities. */
  readonly #rotations: Rotation<T>[] = []
  size = 0

  /** To the end of its priority, whether it is in the queue or not. */
  push(seat: Seat<T>, priority: number, turn: number): void {
    if (seat.rotation === undefined) this.size++
    else seat.rotation.remove(seat)
    this.#rotationOf(priority).push(seat, turn)
  }

  remove(seat: Seat<T>): void {
    if (seat.rotation === undefined) return
    seat.rotation.remove(seat)
    this.size--
  }

  /** The first answer, asking by priority, then by turn. The queue must not change before the last question. */
  find<A>(ask: (item: T) => A | undefined): A | undefined {
    for (const { first } of this.#rotations) {
      for (let seat = first; seat !== undefined; seat = seat.next) {
        const answer = ask(seat.item)
        if (answer !== undefined) return answer
      }
    }
    return undefined
  }

  /** The first of each priority that has any, the highest first. */
  heads(): { readonly priority: number; readonly seat: Seat<T> }[] {
    return this.#rotations.flatMap(({ priority, first }) => (first === undefined ? [] : [{ priority, seat: first }]))
  }

  #rotationOf(priority: number): Rotation<T> {
    const rotations = this.#rotations
    let index = 0
    while (index < rotations.length && (rotations[index] as Rotation<T>).priority > priority) index++
    const found = rotations[index]
    if (found?.priority === priority) return found
    const rotation = new Rotation<T>(priority)
    rotations.splice(index, 0, rotation)
    return rotation
  }
}

/** The same of several queues as if they were one. */
export function findInTurn<T, A>(queues: readonly PriorityQueue<T>[], ask: (item: T) => A | undefined): A | undefined {
  if (queues.length <= 1) return queues[0]?.find(ask)
  const heads = queues.flatMap((queue) => queue.heads())
  while (heads.length > 0) {
    const best = heads.reduce((left, right) => (isBefore(left, right) ? left : right))
    const answer = ask(best.seat.item)
    if (answer !== undefined) return answer
    const index = heads.indexOf(best)
    if (best.seat.next === undefined) heads.splice(index, 1)
    else heads[index] = { priority: best.priority, seat: best.seat.next }
  }
  return undefined
}

type Head<T> = ReturnType<PriorityQueue<T>['heads']>[number]

function isBefore<T>(left: Head<T>, right: Head<T>): boolean {
  return left.priority === right.priority ? left.seat.turn < right.seat.turn : left.priority > right.priority
}
