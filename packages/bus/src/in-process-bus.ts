import { systemTimers, TerraneError, type Timers } from '@terrane/core'
import { type Bus, type BusHandler, type BusResponder, type BusSubscription, zeroBusStatistics } from './bus.js'

/** What the buses of one process share: whoever gets a bus of the same hub hears the others. */
export class InProcessHub {
  readonly #timers: Timers
  readonly handlers = new Map<string, Set<Entry<BusHandler>>>()
  readonly responders = new Map<string, Set<Entry<BusResponder>>>()

  constructor(timers: Timers = systemTimers) {
    this.#timers = timers
  }

  get timers(): Timers {
    return this.#timers
  }

  bus(): Bus {
    return new InProcessBus(this)
  }
}

interface Entry<Handler> {
  readonly owner: InProcessBus
  readonly handler: Handler
}

class InProcessBus implements Bus {
  readonly statistics = zeroBusStatistics()
  readonly #hub: InProcessHub
  readonly #subscriptions = new Set<BusSubscription>()
  #isOpen = true

  constructor(hub: InProcessHub) {
    this.#hub = hub
  }

  get isConnected(): boolean {
    return this.#isOpen
  }

  publish(subject: string, payload: Uint8Array): boolean {
    if (!this.#isOpen) {
      this.statistics.dropped++
      return false
    }
    this.statistics.published++
    // The sender may go on using its buffer.
    const copy = payload.slice()
    for (const entry of this.#hub.handlers.get(subject) ?? []) {
      this.#hub.timers.soon(() => {
        if (this.#hub.handlers.get(subject)?.has(entry) !== true) return
        entry.owner.statistics.received++
        entry.handler(copy)
      })
    }
    return true
  }

  subscribe(subject: string, handler: BusHandler): BusSubscription {
    return this.#add(this.#hub.handlers, subject, handler)
  }

  respond(subject: string, responder: BusResponder): BusSubscription {
    return this.#add(this.#hub.responders, subject, responder)
  }

  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const { responders, timers } = this.#hub
    const [entry] = responders.get(subject) ?? []
    if (!this.#isOpen) return Promise.reject(busDown())
    if (entry === undefined) return Promise.reject(noResponder(subject))
    this.statistics.published++
    const copy = payload.slice()
    return new Promise((resolve, reject) => {
      const bound = timers.after(timeoutMs, () => reject(requestTimeout(subject, timeoutMs)))
      timers.soon(async () => {
        try {
          const answer = await entry.handler(copy)
          if (answer === undefined) return
          bound.cancel()
          resolve(answer.slice())
        } catch {
          // As in another process: the one who asks hears nothing.
        }
      })
    })
  }

  async close(): Promise<void> {
    this.#isOpen = false
    for (const subscription of [...this.#subscriptions]) subscription.cancel()
  }

  #add<Handler>(entries: Map<string, Set<Entry<Handler>>>, subject: string, handler: Handler): BusSubscription {
    const entry: Entry<Handler> = { owner: this, handler }
    const present = entries.get(subject)
    if (present === undefined) entries.set(subject, new Set([entry]))
    else present.add(entry)
    const subscription: BusSubscription = {
      cancel: () => {
        const all = entries.get(subject)
        all?.delete(entry)
        if (all?.size === 0) entries.delete(subject)
        this.#subscriptions.delete(subscription)
      },
    }
    this.#subscriptions.add(subscription)
    return subscription
  }
}

export function busDown(cause?: unknown): TerraneError {
  return new TerraneError('bus_down', 'there is no connection to the message bus', {
    retry: 'later',
    hint: 'It is tried again by itself. If it lasts, look whether the NATS servers run and can be reached.',
    cause,
  })
}

export function noResponder(subject: string, cause?: unknown): TerraneError {
  return new TerraneError('bus_no_responder', `no process answers on ${subject}`, {
    retry: 'later',
    hint: 'The process that should has ended or not started yet.',
    cause,
  })
}

export function requestTimeout(subject: string, timeoutMs: number, cause?: unknown): TerraneError {
  return new TerraneError('bus_timeout', `no answer on ${subject} within ${timeoutMs} ms`, {
    retry: 'later',
    hint: 'Ask again; whether the request took effect is not known.',
    cause,
  })
}
