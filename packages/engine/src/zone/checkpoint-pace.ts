/**
 * Gives the zones of a process their turns at the database for checkpoints. While commits compete for it, one zone is
 * written at a time, and a pause keeps all of them together to their share; who waits longest comes first. Tables then
 * fall behind the log, which costs time at recovery only, and nobody waits longer for an ack.
 */
export class CheckpointPace {
  readonly #shareMax: number
  /** Zones that are being written. */
  readonly #writing = new Set<string>()
  /** Zones that wait for their turn, in the order of asking. */
  readonly #waiting = new Set<string>()
  #competes = false
  #freeAt = 0

  /** @param shareMax of wall time, from 0 to 1 */
  constructor(shareMax: number) {
    this.#shareMax = shareMax
  }

  /** Whether it is the zone's turn; if not it is now in the queue. */
  isTurnOf(zone: string, now: number): boolean {
    if (!this.#competes) return true
    this.#waiting.add(zone)
    if (this.#writing.size > 0 || now < this.#freeAt) return false
    const [first] = this.#waiting
    return first === zone
  }

  began(zone: string): void {
    this.#waiting.delete(zone)
    this.#writing.add(zone)
  }

  /** @param tookMs how long the database was busy @param competes whether commits wait for the database, too */
  ended(zone: string, now: number, tookMs: number, competes: boolean): void {
    this.#writing.delete(zone)
    this.#competes = competes
    this.#freeAt = competes ? now + tookMs * (1 / this.#shareMax - 1) : now
  }

  /** The zone is gone. */
  leave(zone: string): void {
    this.#waiting.delete(zone)
    this.#writing.delete(zone)
  }
}
