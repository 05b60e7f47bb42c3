import { type ChannelMessage, type WireError, wireError } from '@terrane/protocol'
import type { Role } from './authenticate.js'
import { type Channel, type ChannelHost, expectedError } from './channel.js'
import { jsonOf } from './frames-out.js'
import type { PresenceMember, PresenceTopics } from './presence.js'

/** Who listens to a feed. */
export interface FeedSubscriber {
  readonly player: string
  readonly role: Role
  /** Tells them something new. Left out for who reads too slowly: each message must say all that matters. */
  push(event: string, payload: unknown): void
}

export interface FeedSubscription {
  /** Whether the list of who is on the topic's roster, and its changes, are told. */
  readonly hasRoster: boolean
  close(): void
}

/** What the server tells beside zones and statistics, by topic. */
export interface Feeds {
  /** Rejects with a TerraneError when this subscriber may not listen. */
  open(topic: string, subscriber: FeedSubscriber): Promise<FeedSubscription>
}

interface FeedServices {
  readonly feeds: Feeds
  readonly presence: PresenceTopics
  readonly onBug: (error: unknown) => void
}

/** A session that listens to a feed: joining until the source has answered, then open, until it is released. */
export class FeedChannel implements Channel {
  readonly topic: string
  readonly joinRef: string
  readonly #host: ChannelHost
  readonly #services: FeedServices
  #subscription: FeedSubscription | undefined
  #member: PresenceMember | undefined
  #isReleased = false

  constructor(topic: string, joinRef: string, host: ChannelHost, services: FeedServices) {
    this.topic = topic
    this.joinRef = joinRef
    this.#host = host
    this.#services = services
  }

  async join(ref: string | null): Promise<void> {
    const { player, role } = this.#host
    const { feeds, presence, onBug } = this.#services
    try {
      const push = (event: string, payload: unknown) => this.#push(event, payload)
      const subscription = await feeds.open(this.topic, { player, role, push })
      if (this.#isReleased) {
        subscription.close()
        return
      }
      this.#subscription = subscription
      this.#host.replyOk(this, ref, '{}')
      if (!subscription.hasRoster) return
      this.#member = presence.watcher(this.topic, this.#host)
      presence.enter(this.#member)
    } catch (thrown) {
      if (this.#isReleased) return
      const error = expectedError(thrown)
      if (error === undefined) onBug(thrown)
      this.#refuse(ref, error ?? wireError('zone_unavailable', 'the topic cannot be opened now'))
    }
  }

  #refuse(ref: string | null, error: WireError): void {
    this.#host.forget(this)
    this.#host.replyError(this, ref, error)
  }

  #push(event: string, payload: unknown): void {
    if (this.#subscription === undefined || this.#isReleased || this.#host.congested()) return
    this.#host.push(this, event, jsonOf(payload))
  }

  handle(message: ChannelMessage): void {
    if (message.ref === null) return
    this.#host.replyError(this, message.ref, wireError('unknown_event', 'this topic takes no events'))
  }

  flush(): void {}

  drained(): void {}

  release(): void {
    this.#isReleased = true
    if (this.#member !== undefined) this.#services.presence.leave(this.#member)
    this.#subscription?.close()
    this.#subscription = undefined
  }
}
