import { type Access, type Circle, includes } from '../nodes/eligibility.js'
import { findInTurn, PriorityQueue, type Seat, seatOf } from './rotation.js'

/** What a schedule must know of a job. */
export interface Schedulable {
  readonly owner: string
  readonly priority: number
  readonly access: Access
}

/** A job's places in the queues. */
export interface Seats<J> {
  readonly ofOwner: Seat<J>
  readonly ofEverybody: Seat<J>
  isQueued: boolean
}

export function seatsOf<J>(job: J): Seats<J> {
  return { ofOwner: seatOf(job), ofEverybody: seatOf(job), isQueued: false }
}

/**
 * Whose turn it is. A node serves who is near to its owner first; among these higher priorities go
 * first, and equals take turns, so that none of them starves.
 */
export class Schedule<J extends Schedulable & { readonly seats: Seats<J> }> {
  readonly #byOwner = new Map<string, PriorityQueue<J>>()
  readonly #open = new PriorityQueue<J>()
  #turns = 0

  /** A job that has work, to the end of its queues: when it comes, and when it has had its turn. */
  push(job: J): void {
    const turn = this.#turns++
    this.#queueOf(job.owner).push(job.seats.ofOwner, job.priority, turn)
    if (job.access === 'public') this.#open.push(job.seats.ofEverybody, job.priority, turn)
    job.seats.isQueued = true
  }

  /** A job that has no work. */
  remove(job: J): void {
    if (!job.seats.isQueued) return
    const queue = this.#queueOf(job.owner)
    queue.remove(job.seats.ofOwner)
    if (queue.size === 0) this.#byOwner.delete(job.owner)
    this.#open.remove(job.seats.ofEverybody)
    job.seats.isQueued = false
  }

  /**
   * Asks the jobs that a node may serve, in the order in which it should, until one has an answer.
   * The schedule must not change before the last question.
   */
  find<A>(
    node: { readonly owner: string; readonly share: Access },
    circle: Circle,
    ask: (job: J) => A | undefined,
  ): A | undefined {
    const own = this.#byOwner.get(node.owner)?.find(ask)
    if (own !== undefined) return own
    const { guild, friends } = circle
    for (const relation of ['guild', 'friends'] as const) {
      if (!includes(node.share, relation)) return undefined
      const queues: PriorityQueue<J>[] = []
      for (const user of circle[relation]) {
        const isNearer = user === node.owner || (relation === 'friends' && guild.has(user))
        const queue = isNearer ? undefined : this.#byOwner.get(user)
        if (queue !== undefined) queues.push(queue)
      }
      const found = findInTurn(queues, (job) => (includes(job.access, relation) ? ask(job) : undefined))
      if (found !== undefined) return found
    }
    if (!includes(node.share, 'public')) return undefined
    const isNear = (user: string) => user === node.owner || guild.has(user) || friends.has(user)
    return this.#open.find((job) => (isNear(job.owner) ? undefined : ask(job)))
  }

  #queueOf(owner: string): PriorityQueue<J> {
    let queue = this.#byOwner.get(owner)
    if (queue === undefined) {
      queue = new PriorityQueue()
      this.#byOwner.set(owner, queue)
    }
    return queue
  }
}
