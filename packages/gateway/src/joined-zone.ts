import type { InputStream, Subscription, ZoneSessions } from '@terrane/engine'
import { broadcastHeader, EVENT_STATE, type joinSchema } from '@terrane/protocol'
import type { z } from 'zod'
import { Acks, type Format } from './acks.js'
import type { Channel, ChannelHost } from './channel.js'
import type { PresenceMember } from './presence.js'
import { type Replies, TextInputs } from './text-inputs.js'
import { ZoneInputs } from './zone-inputs.js'
import type { ZoneServices } from './zone-services.js'

/** What a zone channel holds while it is joined. */
export interface JoinedZone {
  readonly zone: ZoneSessions
  readonly stream: InputStream
  readonly acks: Acks
  readonly inputs: ZoneInputs
  readonly texts: TextInputs
  readonly subscription: Subscription
  readonly format: Format
  /** Header of binary state frames. */
  readonly stateHead: Uint8Array
  readonly presence: PresenceMember | undefined
}

export function joinedZone(
  zone: ZoneSessions,
  stream: InputStream,
  subscription: Subscription,
  params: z.output<typeof joinSchema>,
  channel: Channel & Replies,
  host: ChannelHost,
  services: ZoneServices,
): JoinedZone {
  const { limits, counters, world, turn, presence } = services
  const acks = new Acks(stream, channel.topic, channel.joinRef, params.acks, params.format)
  const inputs = new ZoneInputs(zone, stream, acks, host.buckets, limits, counters, world.perSecond, turn.now())
  return {
    zone,
    stream,
    acks,
    inputs,
    texts: new TextInputs(world.inputNumbers, stream, inputs, acks, channel, limits.repliesMax),
    subscription,
    format: params.format,
    stateHead: broadcastHeader(channel.topic, EVENT_STATE),
    presence: params.presence ? presence.member(channel.topic, host, params.client) : undefined,
  }
}

/** A JoinReply as JSON. */
export function joinReplyJson(joined: JoinedZone, services: ZoneServices): string {
  const { zone, stream } = joined
  const own = {
    zone: zone.id,
    epoch: zone.epoch,
    player: stream.player,
    applied: stream.applied,
    durable: stream.durable,
    now: Math.round(services.clock.now()),
    hz: zone.hz,
  }
  return `${JSON.stringify(own).slice(0, -1)},${services.world.joinReplyJson}}`
}
