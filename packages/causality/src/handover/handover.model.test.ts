// Every interleaving of one entity, two zones and the network between them: messages that are late, lost, repeated
// or overtaken, and crashes of either side, between any two steps.
import { describe, expect, it } from 'vitest'
import { ABSENT, type Handover, type HandoverEvent, handover, isOwner, owned, recovered, waitMs } from './handover.js'

type Side = 0 | 1
const SIDES: readonly Side[] = [0, 1]

/** A zone's memory, and what of it is in its log. */
interface Memory {
  readonly state: Handover
  /** Generations of the entity in the ops sent, in order: op n is at n - 1. */
  readonly sent: readonly number[]
  /** Ops received: op n is taken when it is the next one. */
  readonly received: number
}

type Message =
  | { readonly kind: 'ask'; readonly to: Side; readonly generation: number }
  | { readonly kind: 'answer'; readonly to: Side; readonly generation: number; readonly isReady: boolean }
  | { readonly kind: 'op'; readonly to: Side; readonly number: number; readonly generation: number }
  | { readonly kind: 'ack'; readonly to: Side; readonly number: number }

/** Every message that any world has seen: a network is a set of places in here, which is quick to compare. */
const MESSAGES: Message[] = []
const PLACES = new Map<string, number>()

interface World {
  readonly memory: readonly [Memory, Memory]
  readonly log: readonly [Memory, Memory]
  /**
   * All that was ever sent. Nothing leaves it: each message may arrive at any time, as often as it likes, or never,
   * so this one set stands for delay, repetition, reordering and loss. Ascending places in `MESSAGES`.
   */
  readonly network: readonly number[]
}

/** What a zone does, and what the rules around it are; mutants differ. */
interface Rules {
  readonly step: typeof handover
  /** Ops leave only when the batch that holds them is durable. */
  readonly isDurableFirst: boolean
  /** Ops are applied once. */
  readonly isOnce: boolean
}

const RULES: Rules = { step: handover, isDurableFirst: true, isOnce: true }
/** There, back, and there again. */
const MOVES_MAX = 3

const START: World = (() => {
  const memory = [
    { state: owned(), sent: [], received: 0 },
    { state: ABSENT, sent: [], received: 0 },
  ] as const
  return { memory, log: memory, network: [] }
})()

function other(side: Side): Side {
  return side === 0 ? 1 : 0
}

function replaced<T>(pair: readonly [T, T], side: Side, value: T): readonly [T, T] {
  return side === 0 ? [value, pair[1]] : [pair[0], value]
}

function updated(world: World, side: Side, memory: Memory, messages: readonly Message[] = []): World {
  return { ...world, memory: replaced(world.memory, side, memory), network: added(world.network, messages) }
}

function added(network: readonly number[], messages: readonly Message[]): readonly number[] {
  const news = messages.map(placeOf).filter((place) => !network.includes(place))
  return news.length === 0 ? network : [...new Set([...network, ...news])].sort((a, b) => a - b)
}

function placeOf(message: Message): number {
  const key = JSON.stringify(message)
  const place = PLACES.get(key) ?? MESSAGES.push(message) - 1
  PLACES.set(key, place)
  return place
}

function messagesIn(network: readonly number[]): Message[] {
  return network.map((place) => MESSAGES[place] as Message)
}

/** All ops in the log, and an acknowledgement of what it received. */
function outbox(side: Side, { sent, received }: Memory): Message[] {
  const to = other(side)
  const ops = sent.map((generation, i): Message => ({ kind: 'op', to, number: i + 1, generation }))
  return received === 0 ? ops : [...ops, { kind: 'ack', to, number: received }]
}

function react(rules: Rules, world: World, side: Side, event: HandoverEvent, received?: number): World {
  const before = world.memory[side]
  const { state, effect } = rules.step(side, before.state, event, 1)
  if (state === before.state && effect === undefined && received === undefined) return world
  // How often an op was sent again decides how long to wait, and nothing else.
  const next: Handover = state.mode === 'given' ? { ...state, sends: 1 } : state
  const gives = effect?.kind === 'give'
  const memory: Memory = {
    state: next,
    sent: gives ? [...before.sent, effect.generation] : before.sent,
    received: received ?? before.received,
  }
  const messages: Message[] = []
  if (effect?.kind === 'ask') messages.push({ kind: 'ask', to: effect.to as Side, generation: effect.generation })
  if (effect?.kind === 'answer') {
    messages.push({ kind: 'answer', to: effect.to as Side, generation: effect.generation, isReady: effect.isReady })
  }
  if (gives && !rules.isDurableFirst) messages.push(...outbox(side, memory))
  return updated(world, side, memory, messages)
}

function deliver(rules: Rules, world: World, message: Message, hasRoom: boolean): World {
  const side = message.to
  const from = other(side)
  const { sent, received } = world.memory[side]
  switch (message.kind) {
    case 'ask':
      return react(rules, world, side, { kind: 'asked', from, generation: message.generation, hasRoom })
    case 'answer':
      return react(rules, world, side, { ...message, kind: 'answered', from })
    case 'op': {
      if (rules.isOnce && message.number !== received + 1) return world
      return react(rules, world, side, { kind: 'arrived', from, generation: message.generation }, message.number)
    }
    case 'ack': {
      const generation = sent[message.number - 1]
      return generation === undefined ? world : react(rules, world, side, { kind: 'acknowledged', generation })
    }
  }
}

function persist(world: World, side: Side): World {
  const memory = world.memory[side]
  return { ...world, log: replaced(world.log, side, memory), network: added(world.network, outbox(side, memory)) }
}

function crash(world: World, side: Side): World {
  const log = world.log[side]
  return updated(world, side, { ...log, state: recovered(log.state) })
}

function successors(rules: Rules, world: World): World[] {
  const next: World[] = []
  for (const message of messagesIn(world.network)) {
    next.push(deliver(rules, world, message, true))
    if (message.kind === 'ask') next.push(deliver(rules, world, message, false))
  }
  for (const side of SIDES) {
    const { state } = world.memory[side]
    next.push(persist(world, side), crash(world, side))
    if (waitMs(state, 1) !== undefined) next.push(react(rules, world, side, { kind: 'timeout' }))
    if (!isOwner(state)) continue
    next.push(react(rules, world, side, { kind: 'at', zone: side }))
    if ((state as { generation: number }).generation < MOVES_MAX) {
      next.push(react(rules, world, side, { kind: 'at', zone: other(side) }))
    }
  }
  return next
}

function owners({ memory }: Pick<World, 'memory'>): number {
  return memory.filter(({ state }) => isOwner(state)).length
}

/** Owners, and ops with the entity that are sent and not received: one of all these, always. */
function copies({ memory }: World): number {
  const [a, b] = memory
  return owners({ memory }) + a.sent.length - b.received + b.sent.length - a.received
}

/** All that is under way is lost; from now on messages arrive, once each, and nobody crashes. */
function settled(rules: Rules, world: World): World {
  let now: World = { ...world, network: [] }
  for (let round = 0; round < 10; round++) {
    for (const side of SIDES) {
      now = react(rules, now, side, { kind: 'timeout' })
      now = persist(now, side)
    }
    const arriving = now.network
    now = { ...now, network: [] }
    for (const message of messagesIn(arriving)) now = deliver(rules, now, message, true)
  }
  return now
}

interface Findings {
  readonly states: number
  readonly moved: number
  readonly problem?: string
}

/** Breadth first, so that a problem is found by a shortest way. An assertion of the zone itself is a finding too. */
function explore(rules: Rules): Findings {
  const seen = new Set([JSON.stringify(START)])
  const settledSeen = new Set<string>()
  let moved = 0
  let problem: string | undefined
  try {
    for (let frontier = [START]; frontier.length > 0 && problem === undefined; ) {
      const next: World[] = []
      for (const each of frontier.flatMap((world) => successors(rules, world).filter((each) => each !== world))) {
        const key = JSON.stringify(each)
        if (seen.has(key)) continue
        seen.add(key)
        next.push(each)
        moved = Math.max(moved, ...each.memory.map(({ received }) => received))
        problem ??= judge(rules, each, settledSeen)
      }
      frontier = next
    }
  } catch (error) {
    problem = String(error)
  }
  return { states: seen.size, moved, ...(problem !== undefined && { problem }) }
}

function judge(rules: Rules, world: World, settledSeen: Set<string>): string | undefined {
  if (owners(world) > 1) return '2 owners'
  if (copies(world) !== 1) return `${copies(world)} copies`
  // What is under way is lost there, so worlds that differ in it alone end alike.
  const key = JSON.stringify([world.memory, world.log])
  if (settledSeen.has(key)) return undefined
  settledSeen.add(key)
  const end = settled(rules, world)
  if (owners(end) !== 1) return `${owners(end)} owners in the end`
  const modes = end.memory.map(({ state }) => state.mode).sort()
  return modes.includes('absent') ? undefined : `in the end the zones are ${modes.join(' and ')}`
}

describe('every interleaving of a hand-over', () => {
  it('has never two owners, and one when messages flow', () => {
    const { states, moved, problem } = explore(RULES)
    expect(problem).toBeUndefined()
    expect(moved).toBe(2)
    expect(states).toBeGreaterThan(5000)
  })
})

describe('the exploration finds', () => {
  const mutant = (change: (state: Handover, event: HandoverEvent) => Handover | undefined): Rules => ({
    ...RULES,
    step: (self, state, event, hysteresis) => {
      const changed = change(state, event)
      return changed === undefined ? handover(self, state, event, hysteresis) : { state: changed }
    },
  })

  it('a source that takes the entity back when the acknowledgement is late', () => {
    const rules = mutant((state, event) =>
      state.mode === 'given' && event.kind === 'timeout' ? owned(state.generation - 1) : undefined,
    )
    expect(explore(rules).problem).toMatch(/2 owners|arrives from zone/)
  })

  it('ops that leave before they are durable', () => {
    expect(explore({ ...RULES, isDurableFirst: false }).problem).toMatch(/2 owners|arrives from zone/)
  })

  it('a target that takes an op twice', () => {
    expect(explore({ ...RULES, isOnce: false }).problem).toMatch(/2 owners|arrives from zone/)
  })

  it('a target that owns the entity from the moment that it was asked', () => {
    const rules = mutant((state, event) =>
      event.kind === 'asked' && state.mode === 'absent' ? owned(event.generation) : undefined,
    )
    expect(explore(rules).problem).toMatch('2 owners')
  })

  it('a target that refuses what it kept no room for', () => {
    const rules = mutant((state, event) => (event.kind === 'arrived' && state.mode !== 'incoming' ? state : undefined))
    expect(explore(rules).problem).toBe('0 owners in the end')
  })

  it('a target that keeps room for ever', () => {
    const rules = mutant((state, event) => (event.kind === 'timeout' && state.mode === 'incoming' ? state : undefined))
    expect(explore(rules).problem).toMatch('in the end the zones are')
  })
})
