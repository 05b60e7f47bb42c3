import type { StateCast, StateFrame, ZoneSessions } from '@terrane/engine'
import type { Counters } from './counters.js'
import type { DirectWrites } from './direct-writes.js'
import { binaryStateFrame } from './state-frames.js'

/** Sends one zone's binary frames to many connections at once; lanes are numbers of direct writes. */
class ZoneCast implements StateCast {
  readonly #head: Uint8Array
  readonly #writes: DirectWrites
  readonly #counters: Counters

  constructor(head: Uint8Array, writes: DirectWrites, counters: Counters) {
    this.#head = head
    this.#writes = writes
    this.#counters = counters
  }

  cast(frame: StateFrame, lanes: readonly number[]): readonly number[] {
    const bytes = binaryStateFrame(frame, this.#head)
    const missed: number[] = []
    for (let place = 0; place < lanes.length; place++) {
      if (!this.#writes.write(lanes[place] as number, bytes)) missed.push(place)
    }
    const sent = lanes.length - missed.length
    this.#counters.framesOut += sent
    this.#counters.bytesOut += sent * bytes.length
    return missed
  }
}

/** The cast of each zone, for as long as there is the zone. */
export class ZoneCasts {
  readonly #casts = new WeakMap<ZoneSessions, ZoneCast>()
  readonly #writes: DirectWrites
  readonly #counters: Counters

  constructor(writes: DirectWrites, counters: Counters) {
    this.#writes = writes
    this.#counters = counters
  }

  /** @param head header of the zone's binary state frames */
  of(zone: ZoneSessions, head: Uint8Array): StateCast {
    let cast = this.#casts.get(zone)
    if (cast === undefined) {
      cast = new ZoneCast(head, this.#writes, this.#counters)
      this.#casts.set(zone, cast)
    }
    return cast
  }
}
