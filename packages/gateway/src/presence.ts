import type { Clock, Timer, Timers } from '@terrane/core'
import { eventFrame } from './frames-out.js'
import type { GatewayLimits } from './limits.js'

interface Meta {
  readonly phx_ref: string
  /** ms since the epoch */
  readonly online_at: number
  readonly client: string
}

interface PresenceHost {
  readonly player: string
  send(frame: Buffer): void
  congested(): boolean
}

/** One session that takes part in the presence of one topic. */
export interface PresenceMember {
  readonly topic: string
  readonly host: PresenceHost
  readonly client: string
  /** Whether others see it; it sees them in any case. */
  readonly isListed: boolean
}

/** Phoenix Presence for all topics: who is there, told to those who take part themselves. */
export class PresenceTopics {
  readonly #topics = new Map<string, PresenceTopic>()
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #limits: GatewayLimits
  /** Makes refs differ from those of an earlier run, which clients may still hold. */
  readonly #refPrefix: string
  #lastRef = 0

  constructor(clock: Clock, timers: Timers, random: () => number, limits: GatewayLimits) {
    this.#clock = clock
    this.#timers = timers
    this.#limits = limits
    this.#refPrefix = Math.floor(random() * 36 ** 6).toString(36)
  }

  member(topic: string, host: PresenceHost, client: string): PresenceMember {
    return { topic, host, client, isListed: true }
  }

  /** Sees who is there, and is not there itself. */
  watcher(topic: string, host: PresenceHost): PresenceMember {
    return { topic, host, client: '', isListed: false }
  }

  /** Is there, and sees nobody: somebody without a session. */
  absentee(topic: string, player: string, client: string): PresenceMember {
    return { topic, host: { player, send: () => {}, congested: () => false }, client, isListed: true }
  }

  enter(member: PresenceMember): void {
    let topic = this.#topics.get(member.topic)
    if (topic === undefined) {
      topic = new PresenceTopic(member.topic, this.#clock, this.#timers, this.#limits)
      this.#topics.set(member.topic, topic)
    }
    this.#lastRef++
    topic.enter(member, {
      phx_ref: `${this.#refPrefix}${this.#lastRef.toString(36)}`,
      online_at: Math.round(this.#clock.now()),
      client: member.client,
    })
  }

  leave(member: PresenceMember): void {
    const topic = this.#topics.get(member.topic)
    if (topic === undefined) return
    topic.leave(member)
    if (topic.empty) {
      topic.stop()
      this.#topics.delete(member.topic)
    }
  }

  stop(): void {
    for (const topic of this.#topics.values()) topic.stop()
    this.#topics.clear()
  }
}

/**
 * Changes are gathered and told together: those who were there get one diff, those who came since the last
 * flush get one shared list. So a storm of n joins costs one list per period, not n lists.
 */
class PresenceTopic {
  readonly #topic: string
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #limits: GatewayLimits
  readonly #members = new Map<PresenceMember, Meta>()
  readonly #listed = new Map<string, Meta[]>()
  #listedCount = 0
  #unlisted = new Set<PresenceMember>()
  /** Those who get the list with the next flush: they are new, or missed a diff. */
  readonly #fresh = new Set<PresenceMember>()
  #joins = new Map<string, Meta[]>()
  #leaves = new Map<string, Meta[]>()
  #flushedAt = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined

  constructor(topic: string, clock: Clock, timers: Timers, limits: GatewayLimits) {
    this.#topic = topic
    this.#clock = clock
    this.#timers = timers
    this.#limits = limits
  }

  get empty(): boolean {
    return this.#members.size === 0
  }

  enter(member: PresenceMember, meta: Meta): void {
    this.#members.set(member, meta)
    this.#fresh.add(member)
    if (!member.isListed || this.#listedCount >= this.#limits.presenceMetasMax) this.#unlisted.add(member)
    else {
      this.#listedCount++
      append(this.#listed, member.host.player, meta)
      append(this.#joins, member.host.player, meta)
    }
    this.#flushSoon()
  }

  leave(member: PresenceMember): void {
    const meta = this.#members.get(member)
    if (meta === undefined) return
    this.#members.delete(member)
    this.#fresh.delete(member)
    if (this.#unlisted.delete(member)) return
    this.#listedCount--
    remove(this.#listed, member.host.player, meta)
    // Who came and went between two flushes was never there.
    if (!remove(this.#joins, member.host.player, meta)) append(this.#leaves, member.host.player, meta)
    this.#flushSoon()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #flushSoon(): void {
    if (this.#timer !== undefined) return
    const wait = Math.max(0, this.#flushedAt + this.#limits.presenceEveryMs - this.#clock.now())
    this.#timer = this.#timers.after(Math.min(wait, this.#limits.presenceEveryMs), () => this.#flush())
  }

  #flush(): void {
    this.#timer = undefined
    this.#flushedAt = this.#clock.now()
    const diff =
      this.#joins.size === 0 && this.#leaves.size === 0
        ? undefined
        : this.#frame('presence_diff', `{"joins":${listJson(this.#joins)},"leaves":${listJson(this.#leaves)}}`)
    this.#joins = new Map()
    this.#leaves = new Map()
    if (diff !== undefined) {
      for (const member of this.#members.keys()) {
        if (this.#fresh.has(member)) continue
        if (member.host.congested()) this.#fresh.add(member)
        else member.host.send(diff)
      }
    }
    if (this.#fresh.size === 0) return
    const list = this.#frame('presence_state', listJson(this.#listed))
    for (const member of this.#fresh) {
      if (member.host.congested()) continue
      this.#fresh.delete(member)
      member.host.send(list)
    }
    if (this.#fresh.size > 0) this.#flushSoon()
  }

  #frame(event: string, payloadJson: string): Buffer {
    return eventFrame(null, null, this.#topic, event, payloadJson)
  }
}

function append(lists: Map<string, Meta[]>, player: string, meta: Meta): void {
  const list = lists.get(player)
  if (list === undefined) lists.set(player, [meta])
  else list.push(meta)
}

function remove(lists: Map<string, Meta[]>, player: string, meta: Meta): boolean {
  const list = lists.get(player)
  const at = list?.indexOf(meta) ?? -1
  if (list === undefined || at < 0) return false
  if (list.length === 1) lists.delete(player)
  else list.splice(at, 1)
  return true
}

function listJson(lists: ReadonlyMap<string, readonly Meta[]>): string {
  const parts: string[] = []
  for (const [player, metas] of lists) parts.push(`${JSON.stringify(player)}:{"metas":${JSON.stringify(metas)}}`)
  return `{${parts.join(',')}}`
}
