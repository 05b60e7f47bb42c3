/** Times fit 21 bits and insertions 32, so that a key, time × 2³² + insertion, is exact in a double. */
const INSERTIONS = 0x1_0000_0000

/**
 * What is to happen, as a fixed set of numbered timers, each of which is due at one moment or not at all. Order is by
 * time, then by when it was scheduled. A 4-ary heap that knows where each timer stands: a fight has some ten to forty
 * timers running, two or three levels, for which a timing wheel spends more on finding the next slot. Timers are moved
 * and cancelled in place, so nothing stale is ever taken out.
 */
export class Timers {
  /** When each timer is due, in milliseconds; what a timer that is not running had last. */
  readonly dueMs: Int32Array
  readonly #keys: Float64Array
  readonly #heap: Int32Array
  /** Place in the heap, -1 when not running. */
  readonly #place: Int32Array
  #size = 0
  #inserted = 0
  /** The root has been taken and nothing put in its place yet: most events schedule the next of their kind. */
  #isRootTaken = false

  constructor(count: number) {
    this.dueMs = new Int32Array(count)
    this.#keys = new Float64Array(count)
    this.#heap = new Int32Array(count)
    this.#place = new Int32Array(count).fill(-1)
  }

  /** Forgets all timers. */
  reset(): void {
    this.#place.fill(-1)
    this.#size = 0
    this.#inserted = 0
    this.#isRootTaken = false
  }

  isRunning(timer: number): boolean {
    return (this.#place[timer] as number) >= 0
  }

  /** Starts a timer, or moves it. */
  schedule(timer: number, timeMs: number): void {
    const key = timeMs * INSERTIONS + this.#inserted++
    const place = this.#place[timer] as number
    this.dueMs[timer] = timeMs
    if (place < 0) {
      if (this.#isRootTaken) {
        this.#isRootTaken = false
        this.#keys[0] = key
        this.#down(0, timer)
      } else {
        this.#keys[this.#size] = key
        this.#up(this.#size++, timer)
      }
      return
    }
    const isEarlier = key < (this.#keys[place] as number)
    this.#keys[place] = key
    if (isEarlier) this.#up(place, timer)
    else this.#down(place, timer)
  }

  cancel(timer: number): void {
    const place = this.#place[timer] as number
    if (place < 0) return
    if (this.#isRootTaken) this.#fillRoot()
    this.#remove(this.#place[timer] as number)
  }

  /** The timer that is due first, -1 when none is running; it no longer is. */
  take(): number {
    if (this.#isRootTaken) this.#fillRoot()
    if (this.#size === 0) return -1
    const timer = this.#heap[0] as number
    this.#place[timer] = -1
    this.#isRootTaken = true
    return timer
  }

  /** The last one goes to where nobody is. */
  #fillRoot(): void {
    this.#isRootTaken = false
    const last = --this.#size
    if (last === 0) return
    this.#keys[0] = this.#keys[last] as number
    this.#down(0, this.#heap[last] as number)
  }

  #remove(place: number): void {
    this.#place[this.#heap[place] as number] = -1
    const last = --this.#size
    if (place === last) return
    const timer = this.#heap[last] as number
    const key = this.#keys[last] as number
    this.#keys[place] = key
    if (place > 0 && key < (this.#keys[(place - 1) >> 2] as number)) this.#up(place, timer)
    else this.#down(place, timer)
  }

  /** Moves a timer, whose key stands at `from` already, to where it belongs. */
  #up(from: number, timer: number): void {
    const keys = this.#keys
    const heap = this.#heap
    const places = this.#place
    const key = keys[from] as number
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 2
      const parentKey = keys[parent] as number
      if (parentKey <= key) break
      const moved = heap[parent] as number
      heap[place] = moved
      keys[place] = parentKey
      places[moved] = place
      place = parent
    }
    heap[place] = timer
    keys[place] = key
    places[timer] = place
  }

  #down(from: number, timer: number): void {
    const keys = this.#keys
    const heap = this.#heap
    const places = this.#place
    const key = keys[from] as number
    const size = this.#size
    let place = from
    for (;;) {
      const first = 4 * place + 1
      if (first >= size) break
      const end = Math.min(first + 4, size)
      let least = first
      let leastKey = keys[first] as number
      for (let child = first + 1; child < end; child++) {
        const childKey = keys[child] as number
        if (childKey < leastKey) {
          least = child
          leastKey = childKey
        }
      }
      if (key <= leastKey) break
      const moved = heap[least] as number
      heap[place] = moved
      keys[place] = leastKey
      places[moved] = place
      place = least
    }
    heap[place] = timer
    keys[place] = key
    places[timer] = place
  }
}
