import { type ChannelMessage, type WireError, wireError } from '@terrane/protocol'

export const PHOENIX_TOPIC = 'phoenix'
export const STATS_TOPIC = 'stats'

const ZONE_TOPIC = /^zone:([A-Za-z0-9_.:@-]{1,80})$/

/** Phoenix clients count; a bound keeps each field of a binary header within its byte of length. */
const JOIN_REF_CHARS_MAX = 32

/** What the server supplies beside zones: `jobs:<id>`, `nodes:online`. */
const FEED_TOPIC = /^(jobs|nodes):[A-Za-z0-9_-]{1,80}$/

export type TopicName = { readonly zone: string } | { readonly feed: string } | typeof STATS_TOPIC

/** Undefined for topics that nobody could join. */
export function parseTopic(topic: string): TopicName | undefined {
  if (topic === STATS_TOPIC) return STATS_TOPIC
  const zone = ZONE_TOPIC.exec(topic)?.[1]
  if (zone !== undefined) return { zone }
  return FEED_TOPIC.test(topic) ? { feed: topic } : undefined
}

export function isZone(name: TopicName | undefined): name is { readonly zone: string } {
  return typeof name === 'object' && 'zone' in name
}

export function isFeed(name: TopicName | undefined): name is { readonly feed: string } {
  return typeof name === 'object' && 'feed' in name
}

/** What is wrong with a join before anybody has looked at its topic. */
export function joinRefError(message: ChannelMessage): WireError | undefined {
  const { joinRef } = message
  if (joinRef !== null && joinRef.length <= JOIN_REF_CHARS_MAX) return undefined
  return wireError('invalid_args', `a join needs a join_ref of up to ${JOIN_REF_CHARS_MAX} characters`)
}
