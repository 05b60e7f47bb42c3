import type { Clock } from '@terrane/core'
import type { ZoneSessions } from '@terrane/engine'
import { PROTOCOL_VERSION, type WireKind, type WireType } from '@terrane/protocol'
import type { Counters } from './counters.js'
import type { DirectWrites } from './direct-writes.js'
import { jsonOf } from './frames-out.js'
import type { GatewayLimits } from './limits.js'
import type { PayloadReader } from './payload-reader.js'
import type { PresenceTopics } from './presence.js'
import type { Turn } from './turn.js'
import type { ZoneCasts } from './zone-cast.js'

/** What clients have to know of the world to speak with it. */
export interface GatewayWorld {
  readonly name: string
  /** In the order of their numbers. `perSecond` limits one input for one session, beside the limit for all. */
  readonly inputs: readonly {
    readonly name: string
    readonly fields: readonly string[]
    readonly perSecond?: number | undefined
  }[]
  /** In the order of their numbers; goes to clients as it is. */
  readonly kinds: readonly WireKind[]
}

/** Finds a zone. Rejects with a TerraneError: `unknown_topic`, `zone_unavailable`, … */
export type FindZone = (id: string) => Promise<ZoneSessions>

/** What all zone channels share. */
export interface ZoneServices {
  readonly zones: FindZone
  readonly world: WorldTables
  readonly limits: GatewayLimits
  readonly clock: Clock
  readonly turn: Turn
  readonly counters: Counters
  readonly presence: PresenceTopics
  readonly directWrites: DirectWrites
  readonly casts: ZoneCasts
  readonly reader: PayloadReader
  readonly onBug: (error: unknown) => void
}

/** The world, prepared for look-ups and for the reply to a join. */
export interface WorldTables {
  readonly inputNumbers: ReadonlyMap<string, number>
  /** Empty when no input has a limit of its own. */
  readonly perSecond: readonly (number | undefined)[]
  /** The columns' types, by kind. */
  readonly columnTypes: readonly (readonly WireType[])[]
  /** The members of JoinReply that are the same for everybody, as JSON without braces: joins come in storms. */
  readonly joinReplyJson: string
}

export function worldTables(world: GatewayWorld): WorldTables {
  const limited = world.inputs.some((input) => input.perSecond !== undefined)
  const constant = {
    protocol: PROTOCOL_VERSION,
    world: world.name,
    inputs: world.inputs.map(({ name, fields }) => ({ name, fields })),
    kinds: world.kinds,
  }
  return {
    inputNumbers: new Map(world.inputs.map((input, index) => [input.name, index])),
    perSecond: limited ? world.inputs.map((input) => input.perSecond) : [],
    columnTypes: world.kinds.map((kind) => kind.types),
    joinReplyJson: jsonOf(constant).slice(1, -1),
  }
}
