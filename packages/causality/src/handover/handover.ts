// How an entity moves from one zone to another without ever having two owners. The argument is in
// docs/internals/handover.md, the check of every interleaving in handover.model.test.ts.
//
// Before the decision, anything may be lost, late or repeated, and the source may change its mind at any time: it
// still owns the entity. The decision is one durable record, the op in the source's log that carries the entity.
// It is final. No clock takes it back; waiting only makes the op be sent again. The target accepts that op exactly
// once, whatever it said before, so the entity has one owner or is on its way to one.
import { assert, unreachable } from '@terrane/core'
import type { ZoneId } from '../clock/counts.js'

/** Ticks in a row that an entity stands in another zone before it moves: 4 s at 20 Hz. */
export const HYSTERESIS_TICKS = 80
/** Times that a target is asked for room before the source goes on as if nothing had been. */
export const ASKS_MAX = 5
/** No wait is longer. */
export const WAIT_MS_MAX = 5000

/** What one zone knows of one entity. `generation` counts the moves of the entity and travels with it. */
export type Handover =
  /** Not here. */
  | { readonly mode: 'absent' }
  /** Ours. It has stood in the range of `towards` for the last `ticks` ticks. */
  | Owned
  /** Ours. `target` was asked `asks` times whether it has room. */
  | { readonly mode: 'staging'; readonly generation: number; readonly target: ZoneId; readonly asks: number }
  /** Not ours any more, for good: the op of this move is in our log, and `target` has not yet acknowledged it. */
  | { readonly mode: 'given'; readonly generation: number; readonly target: ZoneId; readonly sends: number }
  /** Not ours yet: room is kept for it. */
  | { readonly mode: 'incoming'; readonly generation: number; readonly from: ZoneId }

interface Owned {
  readonly mode: 'owned'
  readonly generation: number
  readonly towards: ZoneId | undefined
  readonly ticks: number
}

/** Generations in events and effects are those that the entity has once it has moved. */
export type HandoverEvent =
  /** A tick has passed, and the entity stands in the range of `zone`, or in nobody's. Needed only while it is outside or `ticks` > 0. */
  | { readonly kind: 'at'; readonly zone: ZoneId | undefined }
  /** `from` asks whether there is room. */
  | { readonly kind: 'asked'; readonly from: ZoneId; readonly generation: number; readonly hasRoom: boolean }
  /** The answer of the zone that was asked. */
  | { readonly kind: 'answered'; readonly from: ZoneId; readonly generation: number; readonly isReady: boolean }
  /** The op with the entity is delivered here: in order, and once. */
  | { readonly kind: 'arrived'; readonly from: ZoneId; readonly generation: number }
  /** The op with the entity was durably delivered. */
  | { readonly kind: 'acknowledged'; readonly generation: number }
  /** `waitMs` have passed since the state was entered. */
  | { readonly kind: 'timeout' }

/** What the zone has to do. */
export type HandoverEffect =
  /** Ask `to` whether it has room. May be lost. */
  | { readonly kind: 'ask'; readonly to: ZoneId; readonly generation: number }
  /** Answer `to`. May be lost. */
  | { readonly kind: 'answer'; readonly to: ZoneId; readonly generation: number; readonly isReady: boolean }
  /** In one transaction: delete the entity, and send it to `to` as an op. The decision. */
  | { readonly kind: 'give'; readonly to: ZoneId; readonly generation: number }
  /** In the transaction that takes the op from `from`: insert the entity. */
  | { readonly kind: 'take'; readonly from: ZoneId; readonly generation: number }
  /** Have the outbox send the op to `to` again, and the target pull it from our log. */
  | { readonly kind: 'resend'; readonly to: ZoneId; readonly generation: number }

export interface HandoverStep {
  readonly state: Handover
  readonly effect?: HandoverEffect
}

export const ABSENT: Handover = { mode: 'absent' }

/** An entity that was created here, or moved here for the `generation`-th time. */
export function owned(generation = 0): Owned {
  return { mode: 'owned', generation, towards: undefined, ticks: 0 }
}

/** Whether this zone is the one that may change the entity. */
export function isOwner({ mode }: Handover): boolean {
  return mode === 'owned' || mode === 'staging'
}

/** What is left after a crash: questions and kept room are not in the log; decisions are. */
export function recovered(state: Handover): Handover {
  if (state.mode === 'staging' || state.mode === 'owned') return owned(state.generation)
  return state.mode === 'incoming' ? ABSENT : state
}

/** How long a state lasts before it gets `timeout`, in ms; undefined when it waits for nothing. */
export function waitMs(state: Handover, rtoMs: number): number | undefined {
  if (state.mode === 'staging') return Math.min(WAIT_MS_MAX, rtoMs * 2 ** (state.asks - 1))
  if (state.mode === 'given') return Math.min(WAIT_MS_MAX, rtoMs * 2 ** (state.sends - 1))
  return state.mode === 'incoming' ? WAIT_MS_MAX : undefined
}

/** The state of the entity in zone `self` after an event. Whatever comes late or twice changes nothing. */
export function handover(
  self: ZoneId,
  state: Handover,
  event: HandoverEvent,
  hysteresis = HYSTERESIS_TICKS,
): HandoverStep {
  switch (event.kind) {
    case 'at':
      return moved(self, state, event.zone, hysteresis)
    case 'asked':
      return asked(state, event)
    case 'answered':
      return answered(state, event)
    case 'arrived':
      // Over capacity or out of range: it is taken all the same, and may then be given on. Nobody else has it.
      assert(!isOwner(state), `an entity of generation ${event.generation} arrives from zone ${event.from} and is here`)
      return {
        state: owned(event.generation),
        effect: { kind: 'take', from: event.from, generation: event.generation },
      }
    case 'acknowledged':
      return { state: state.mode === 'given' && state.generation === event.generation ? ABSENT : state }
    case 'timeout':
      return timedOut(state)
    default:
      return unreachable(event, 'event')
  }
}

function moved(self: ZoneId, state: Handover, zone: ZoneId | undefined, hysteresis: number): HandoverStep {
  if (state.mode !== 'owned' && state.mode !== 'staging') return { state }
  if (state.mode === 'staging' && state.target === zone) return { state }
  const { generation } = state
  // If its target was being asked: nothing has been given away, so nothing has to be undone.
  if (zone === undefined || zone === self) return { state: owned(generation) }
  const ticks = state.mode === 'owned' && state.towards === zone ? state.ticks + 1 : 1
  if (ticks < hysteresis) return { state: { mode: 'owned', generation, towards: zone, ticks } }
  return {
    state: { mode: 'staging', generation, target: zone, asks: 1 },
    effect: { kind: 'ask', to: zone, generation: generation + 1 },
  }
}

function asked(
  state: Handover,
  { from, generation, hasRoom }: Extract<HandoverEvent, { kind: 'asked' }>,
): HandoverStep {
  // A question from before the entity came here, or one that was overtaken by a later one.
  if (isOwner(state) || (state.mode === 'incoming' && state.generation > generation)) return { state }
  const effect = { kind: 'answer', to: from, generation, isReady: hasRoom } as const
  // What was given stays so until that op is acknowledged, even if the target, not yet durable, asks already.
  if (!hasRoom || state.mode === 'given') return { state, effect }
  return { state: { mode: 'incoming', generation, from }, effect }
}

function answered(
  state: Handover,
  { from, generation, isReady }: Extract<HandoverEvent, { kind: 'answered' }>,
): HandoverStep {
  if (state.mode !== 'staging' || state.target !== from || state.generation + 1 !== generation) return { state }
  if (!isReady) return { state: owned(state.generation) }
  return {
    state: { mode: 'given', generation, target: from, sends: 1 },
    effect: { kind: 'give', to: from, generation },
  }
}

function timedOut(state: Handover): HandoverStep {
  if (state.mode === 'incoming') return { state: ABSENT }
  if (state.mode === 'given') {
    const { target, generation } = state
    return { state: { ...state, sends: state.sends + 1 }, effect: { kind: 'resend', to: target, generation } }
  }
  if (state.mode !== 'staging') return { state }
  if (state.asks >= ASKS_MAX) return { state: owned(state.generation) }
  return {
    state: { ...state, asks: state.asks + 1 },
    effect: { kind: 'ask', to: state.target, generation: state.generation + 1 },
  }
}
