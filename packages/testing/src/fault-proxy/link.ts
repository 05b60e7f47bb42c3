import { connect, type Socket } from 'node:net'
import { reset } from './reset.js'

/** What the proxy does to bytes at present. One for all links. */
export interface Weather {
  /** Each piece arrives so much later, in order. */
  latencyMs: number
  /** This share of the pieces is lost and sent again, which takes so much longer. */
  lossShare: number
  lossMs: number
  /** Bytes of either direction vanish; connections stay open. */
  isHalfOpen: boolean
  /** The next answer of the server is cut after so many bytes, and its connection closed; undefined: none is. */
  truncateAfter: number | undefined
  readonly random: () => number
}

export const FAIR: Omit<Weather, 'random'> = {
  latencyMs: 0,
  lossShare: 0,
  lossMs: 0,
  isHalfOpen: false,
  truncateAfter: undefined,
}

/** How long a piece is on its way. */
function delayIn({ latencyMs, lossShare, lossMs, random }: Weather): number {
  return lossShare > 0 && random() < lossShare ? latencyMs + lossMs : latencyMs
}

/** Runs work at its time, and never before what was put in earlier. */
class Lane {
  readonly #queue: { readonly dueAt: number; readonly work: () => void }[] = []
  #timer: NodeJS.Timeout | undefined

  put(delayMs: number, work: () => void): void {
    const dueAt = performance.now() + delayMs
    if (delayMs <= 0 && this.#queue.length === 0) {
      work()
      return
    }
    this.#queue.push({ dueAt, work })
    if (this.#queue.length === 1) this.#arm()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#queue.length = 0
  }

  #arm(): void {
    const next = this.#queue[0]
    if (next === undefined) return
    this.#timer = setTimeout(
      () => {
        this.#queue.shift()
        next.work()
        this.#arm()
      },
      Math.max(0, next.dueAt - performance.now()),
    )
  }
}

/** One connection through the proxy: two sockets and what is on its way between them. */
export class Link {
  readonly #client: Socket
  readonly #server: Socket
  readonly #lanes = [new Lane(), new Lane()] as const
  #isOver = false

  constructor(
    client: Socket,
    target: { host: string; port: number },
    weather: Weather,
    onClosed: (link: Link) => void,
  ) {
    this.#client = client
    this.#server = connect({ ...target, noDelay: true, allowHalfOpen: true })
    client.setNoDelay(true)
    this.#forward(client, this.#server, this.#lanes[0], weather, false)
    this.#forward(this.#server, client, this.#lanes[1], weather, true)
    for (const socket of [client, this.#server]) {
      socket.on('close', () => {
        if (client.destroyed && this.#server.destroyed) onClosed(this)
      })
    }
  }

  /** Both ends get a RST (`reset` tells when not), and whatever was on its way is lost. */
  reset(): void {
    this.#end()
    reset(this.#client)
    reset(this.#server)
  }

  #end(): void {
    this.#isOver = true
    for (const lane of this.#lanes) lane.clear()
  }

  #forward(from: Socket, to: Socket, lane: Lane, weather: Weather, isAnswer: boolean): void {
    from.on('data', (bytes) => {
      if (weather.isHalfOpen || this.#isOver) return
      if (!isAnswer || weather.truncateAfter === undefined) {
        lane.put(delayIn(weather), () => to.write(bytes))
        return
      }
      const piece = bytes.subarray(0, weather.truncateAfter)
      weather.truncateAfter = undefined
      lane.put(weather.latencyMs, () => {
        this.#end()
        to.end(piece, () => to.destroy())
        from.destroy()
      })
    })
    from.on('end', () => {
      if (!weather.isHalfOpen && !this.#isOver) lane.put(weather.latencyMs, () => to.end())
    })
    // How it ended shows at the other end: an error is all that can be said about it here.
    from.on('error', () => {})
    from.on('close', () => {
      // That one end is gone must not be noticed through a half-open link; who ended in order has been forwarded.
      if (!weather.isHalfOpen && !this.#isOver && !from.readableEnded) lane.put(weather.latencyMs, () => to.destroy())
    })
  }
}
