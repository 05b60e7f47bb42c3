import { messageOf, type Timer, type Timers } from '@terrane/core'
import type { ChannelHost } from '../channel.js'
import type { ZoneServices } from '../zone-services.js'
import { RelayChannel } from './relay-channel.js'
import { RelayHost } from './relay-host.js'
import { BEAT_MS, type RelayLink, SILENT_MS_MAX } from './relay-link.js'
import { decodeRelay, encodeRelay, type RelayJoin, type RelayMessage } from './relay-wire.js'

/** What a session asks for when a zone is elsewhere. */
export type RelayRequest = Pick<RelayJoin, 'zone' | 'topic' | 'joinRef' | 'ref' | 'payload'>

/** The near end, the process at the other end, and the zone that it had. */
interface NearRelay {
  readonly channel: RelayChannel
  readonly node: string
  readonly zone: string
}

/** All relays of this process: for its clients to zones elsewhere, and for clients elsewhere to its zones. */
export class Relays {
  readonly #link: RelayLink
  readonly #services: ZoneServices
  readonly #near = new Map<number, NearRelay>()
  readonly #far = new Map<string, RelayHost>()
  #beat: Timer
  /** Numbers that no earlier life of this process has used: its name may be the same. */
  #next: number
  #isStopped = false

  constructor(link: RelayLink, services: ZoneServices, timers: Timers) {
    this.#link = link
    this.#services = services
    this.#next = Math.floor(services.clock.now()) * 1_000
    link.listen((bytes) => this.#take(bytes))
    const beat = () => {
      this.#beat = timers.after(BEAT_MS, beat)
      const now = services.turn.now()
      for (const near of [...this.#near.values()]) {
        near.channel.beat(now, SILENT_MS_MAX)
        void this.#checkHolder(near)
      }
      for (const host of [...this.#far.values()]) host.beat(now, SILENT_MS_MAX)
    }
    this.#beat = timers.after(BEAT_MS, beat)
  }

  /** Joins the topic where its zone is. Undefined when no other process has it. Rejects as the store does. */
  async open(request: RelayRequest, host: ChannelHost, isWanted: () => boolean): Promise<RelayChannel | undefined> {
    const node = await this.#link.holderOf(request.zone)
    if (node === undefined || node === this.#link.self || this.#isStopped || !isWanted()) return undefined
    const relay = this.#next++
    const join: RelayJoin = {
      ...request,
      type: 'join',
      node: this.#link.self,
      relay,
      player: host.player,
      role: host.role,
    }
    const port = {
      send: (message: RelayJoin | RelayMessage) => void this.#link.send(node, encodeRelay(message)),
      ended: () => {
        this.#near.delete(relay)
        this.#link.forget(request.zone)
      },
    }
    const channel = new RelayChannel(join, host, port, this.#services.turn.now())
    this.#near.set(relay, { channel, node, zone: request.zone })
    port.send(join)
    return channel
  }

  /** Clients elsewhere are told to come again: this process is going down. */
  drain(): void {
    for (const host of [...this.#far.values()]) host.drain()
  }

  /** Whether everything that clients elsewhere have sent is durable. */
  get settled(): boolean {
    for (const host of this.#far.values()) if (!host.settled) return false
    return true
  }

  stop(): void {
    this.#isStopped = true
    this.#beat.cancel()
    for (const host of [...this.#far.values()]) host.close()
  }

  /** A zone that has moved is noticed sooner than the silence of the process that had it. */
  async #checkHolder({ channel, node, zone }: NearRelay): Promise<void> {
    // When the database does not answer, silence decides.
    const holder = await this.#link.holderOf(zone).catch(() => undefined)
    if (holder !== undefined && holder !== node) channel.fail()
  }

  #take(bytes: Uint8Array): void {
    if (this.#isStopped) return
    let message: RelayJoin | RelayMessage | undefined
    try {
      message = decodeRelay(bytes)
    } catch (error) {
      this.#services.onBug(new Error(`a message between gateways is not usable: ${messageOf(error)}`))
    }
    if (message === undefined) return
    if (message.type === 'join') this.#join(message)
    else if (message.direction === 'near')
      this.#near.get(message.relay)?.channel.take(message, this.#services.turn.now())
    else this.#far.get(`${message.node} ${message.relay}`)?.take(message, this.#services.turn.now())
  }

  #join(join: RelayJoin): void {
    const key = `${join.node} ${join.relay}`
    if (this.#far.has(key)) return
    const send = (message: RelayMessage) => void this.#link.send(join.node, encodeRelay(message))
    const host = new RelayHost(join, this.#services, send, () => this.#far.delete(key))
    this.#far.set(key, host)
    host.join()
  }
}
