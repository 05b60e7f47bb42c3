import type { Timer, Timers } from '@terrane/core'
import { type ChannelMessage, wireError } from '@terrane/protocol'
import type { Channel, ChannelHost } from './channel.js'
import { eventFrame, jsonOf } from './frames-out.js'
import { STATS_TOPIC } from './topics.js'

const PUSH_EVERY_MS = 1_000

/** Pushes what the server supplies to all who watch, once a second, encoded once. Silent while nobody watches. */
export class StatsTopic {
  readonly #feed: () => unknown
  readonly #timers: Timers
  readonly #onBug: (error: unknown) => void
  readonly #watchers = new Set<ChannelHost>()
  #timer: Timer | undefined

  constructor(feed: () => unknown, timers: Timers, onBug: (error: unknown) => void) {
    this.#feed = feed
    this.#timers = timers
    this.#onBug = onBug
  }

  /** The first push comes at once, so that a page is not empty for a second. */
  join(joinRef: string, ref: string | null, host: ChannelHost): Channel {
    const channel = new StatsChannel(joinRef, host, () => this.#watchers.delete(host))
    host.replyOk(channel, ref, '{}')
    const frame = this.#frame()
    if (frame !== undefined) host.send(frame)
    this.#watchers.add(host)
    this.#timer ??= this.#timers.after(PUSH_EVERY_MS, this.#push)
    return channel
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#watchers.clear()
  }

  readonly #push = (): void => {
    this.#timer = undefined
    if (this.#watchers.size === 0) return
    this.#timer = this.#timers.after(PUSH_EVERY_MS, this.#push)
    const frame = this.#frame()
    if (frame === undefined) return
    for (const host of this.#watchers) if (!host.congested()) host.send(frame)
  }

  #frame(): Buffer | undefined {
    try {
      return eventFrame(null, null, STATS_TOPIC, 'stats', jsonOf(this.#feed()))
    } catch (error) {
      this.#onBug(error)
      return undefined
    }
  }
}

class StatsChannel implements Channel {
  readonly topic = STATS_TOPIC
  readonly joinRef: string
  readonly #host: ChannelHost
  readonly #leave: () => void

  constructor(joinRef: string, host: ChannelHost, leave: () => void) {
    this.joinRef = joinRef
    this.#host = host
    this.#leave = leave
  }

  handle(message: ChannelMessage): void {
    if (message.ref === null) return
    this.#host.replyError(this, message.ref, wireError('unknown_event', 'the stats topic takes no events'))
  }

  flush(): void {}

  drained(): void {}

  release(): void {
    this.#leave()
  }
}
