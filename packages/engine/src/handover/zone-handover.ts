// Drives the hand-overs of one zone: which rows stand elsewhere, whom to ask, and when to let go. The rules, and why no
// row ever has two owners, are in docs/internals/handover.md; the states in `@terrane/causality`.
//
// Nothing here is durable. The rows are, and the op that carries them: a crash in any state leaves one of the two. What
// it forgets are questions, and how often a row has moved, which only tells late answers from those that count.
import {
  ABSENT,
  type Handover,
  type HandoverEvent,
  handover,
  owned,
  RttEstimator,
  waitMs,
  type ZoneId,
} from '@terrane/causality'
import type { Clock } from '@terrane/core'
import type { EngineLimits } from '../limits.js'
import type { ZoneNumbers } from '../ops/zone-numbers.js'
import type { OpExchange } from '../ports/op-exchange.js'
import type { Entity } from '../state/entity.js'
import type { TransactionRunner } from '../transaction/transaction-runner.js'
import type { Borders, Position } from '../world/borders.js'
import type { AnyKind, AnyWorld, Key } from '../world/define-world.js'
import type { Report } from '../zone/events.js'
import { encodeHandoverNote, type HandoverNote } from './handover-notes.js'
import { giveAway, type HandoverEnds, handoverOf } from './handover-op.js'

export interface ZoneHandoverOptions {
  readonly zone: string
  readonly number: ZoneId
  readonly world: AnyWorld
  readonly borders: Borders | undefined
  readonly runner: TransactionRunner
  readonly numbers: ZoneNumbers
  readonly exchange: OpExchange
  readonly limits: EngineLimits
  readonly clock: Clock
  readonly report: Report
  /** Period of `tick`, ms. */
  readonly tickMs: number
  /** First byte of the notes. */
  readonly tag: number
  /** Sends an op within the running transaction. */
  readonly send: (to: string, op: string, args: unknown) => void
}

export interface HandoverCounters {
  /** Questions for room that were sent, and those that another zone answered with no. */
  handoversAsked: number
  handoversDenied: number
  /** Rows that left for good, that came, and that came back because the other zone could not take them. */
  handoversGiven: number
  handoversTaken: number
  handoversReturned: number
}

export function zeroHandoverCounters(): HandoverCounters {
  return { handoversAsked: 0, handoversDenied: 0, handoversGiven: 0, handoversTaken: 0, handoversReturned: 0 }
}

type PositionOf = (row: Readonly<Record<string, unknown>>) => Position | undefined

/** A row of ours that stands elsewhere. */
interface Tracked {
  state: Handover
  /** When the state gets its time-out, ms since the epoch. */
  dueAt: number
  askedAt: number
}

/** A row for which room is kept. */
interface Incoming {
  state: Handover
  readonly until: number
}

/** A row that was refused waits this many times longer at most before it asks again. */
const PATIENCE_MAX = 8
/** So long after it was refused for the last time, it is as if it never was. */
const PATIENCE_MS = 120_000

export class ZoneHandover implements HandoverEnds {
  readonly counters: HandoverCounters = zeroHandoverCounters()
  readonly #options: ZoneHandoverOptions
  /** Where rows of the kinds that are handed over are. */
  readonly #positions: ReadonlyMap<string, PositionOf>
  /** Rows that stand elsewhere, or did at the last tick. */
  readonly #tracked = new Map<Entity, Tracked>()
  readonly #incoming = new Map<string, Incoming>()
  /** How often rows have moved, of those that came while this process had the zone. */
  readonly #generations = new Map<string, number>()
  /** By how many times longer than usual a row waits, because it was refused; forgotten after a while. */
  readonly #patience = new Map<string, { readonly factor: number; readonly until: number }>()
  readonly #rtts = new Map<ZoneId, RttEstimator>()
  #bordersVersion: number
  readonly #versionOfBorders: () => number

  constructor(options: ZoneHandoverOptions & { readonly bordersVersion: () => number }) {
    this.#options = options
    this.#versionOfBorders = options.bordersVersion
    this.#bordersVersion = options.bordersVersion()
    const { world } = options
    this.#positions = new Map(
      Object.keys(world.handovers ?? {}).map((kind) => {
        const { replicate } = world.kinds[kind] as AnyKind
        return [kind, (handoverOf(world, kind)?.position ?? replicate?.position) as PositionOf]
      }),
    )
    this.#lookAtAll()
  }

  /** The world hands rows over by itself. */
  get isUsed(): boolean {
    return this.#positions.size > 0
  }

  /** Rows that this zone may hand over, and those for which it keeps room. */
  get load(): number {
    const { runner } = this.#options
    let rows = this.#incoming.size
    for (const kind of this.#positions.keys()) rows += runner.tablesByName[kind]?.count ?? 0
    return rows
  }

  changed(entity: Entity): void {
    const positionOf = this.#positions.get(entity.table.schema.name)
    if (positionOf === undefined) return
    if (entity.alive) {
      if (!this.#tracked.has(entity) && this.#elsewhere(entity, positionOf) !== undefined) this.#track(entity)
      return
    }
    this.#tracked.delete(entity)
    this.#generations.delete(idOf(entity.table.schema.name, entity.key))
  }

  /** To be called every tick while the zone may change its state. */
  tick(): void {
    const now = this.#options.clock.now()
    if (this.#bordersVersion !== this.#versionOfBorders()) {
      this.#bordersVersion = this.#versionOfBorders()
      this.#lookAtAll()
    }
    for (const [entity, tracked] of this.#tracked) {
      const zone = this.#elsewhere(entity, this.#positions.get(entity.table.schema.name) as PositionOf)
      if (zone === undefined) {
        // It came back: nothing has been given away, so nothing has to be undone.
        this.#tracked.delete(entity)
        continue
      }
      this.#step(entity, tracked, { kind: 'at', zone: this.#numberOf(zone) })
      if (now >= tracked.dueAt) this.#step(entity, tracked, { kind: 'timeout' })
    }
    for (const waiting of [this.#incoming, this.#patience]) {
      for (const [id, { until }] of waiting) if (now >= until) waiting.delete(id)
    }
  }

  receive(from: string, note: HandoverNote): void {
    const sender = this.#numberOf(from)
    if (sender === undefined || !this.#positions.has(note.table)) return
    if (note.kind === 'ask') this.#asked(from, sender, note)
    else this.#answered(sender, note)
  }

  // ── the two ends of an op ───────────────────────────────────────────────────────────────────────

  taken(kind: string, key: Key, generation: number, from: string): void {
    const id = idOf(kind, key)
    const sender = this.#numberOf(from) ?? this.#options.number
    const { state } = this.#incoming.get(id) ?? { state: ABSENT }
    this.#incoming.delete(id)
    const taken = handover(this.#options.number, state, { kind: 'arrived', from: sender, generation }).state
    if (taken.mode === 'owned') this.#generations.set(id, taken.generation)
    this.counters.handoversTaken++
  }

  returned(kind: string, key: Key): void {
    this.counters.handoversReturned++
    this.#bePatient(idOf(kind, key))
  }

  // ── states ──────────────────────────────────────────────────────────────────────────────────────

  #lookAtAll(): void {
    for (const [kind, positionOf] of this.#positions) {
      for (const entity of this.#options.runner.tablesByName[kind]?.entities() ?? []) {
        if (!this.#tracked.has(entity) && this.#elsewhere(entity, positionOf) !== undefined) this.#track(entity)
      }
    }
  }

  #track(entity: Entity): Tracked {
    const generation = this.#generations.get(idOf(entity.table.schema.name, entity.key)) ?? 0
    const tracked = { state: owned(generation), dueAt: Number.POSITIVE_INFINITY, askedAt: 0 }
    this.#tracked.set(entity, tracked)
    return tracked
  }

  /** The zone that a row should move to. */
  #elsewhere(entity: Entity, positionOf: PositionOf): string | undefined {
    const position = positionOf(entity.row)
    const zone = position && this.#options.borders?.ownerOf(position)
    return zone === this.#options.zone ? undefined : zone
  }

  #numberOf(zone: string): ZoneId | undefined {
    const { numbers } = this.#options
    const number = numbers.of(zone)
    if (number === undefined) void numbers.register(zone).catch(() => {})
    return number
  }

  #step(entity: Entity, tracked: Tracked, event: HandoverEvent): void {
    const { number, limits, clock, tickMs } = this.#options
    const patience = this.#patience.get(idOf(entity.table.schema.name, entity.key))?.factor ?? 1
    const { state, effect } = handover(number, tracked.state, event, limits.handoverTicks * patience)
    if (effect?.kind === 'give') {
      if (!this.#give(entity, state, effect.to)) this.#keep(entity, tracked)
      return
    }
    const isSame = state === tracked.state
    tracked.state = state
    if (state.mode !== 'staging') tracked.dueAt = Number.POSITIVE_INFINITY
    else if (!isSame) {
      const rtoMs = Math.max(this.#rttOf(state.target).rtoMs, 2 * tickMs)
      tracked.dueAt = clock.now() + (waitMs(state, rtoMs) ?? 0)
    }
    if (effect?.kind !== 'ask') return
    if (state.mode === 'staging' && state.asks === 1) tracked.askedAt = clock.now()
    this.counters.handoversAsked++
    this.#tell(effect.to, { kind: 'ask', ...idOfNote(entity), generation: effect.generation })
  }

  #asked(from: string, sender: ZoneId, { table, key, generation }: HandoverNote): void {
    const { number, runner, limits, clock } = this.#options
    const id = idOf(table, key)
    const isHere = runner.tablesByName[table]?.has(key) === true
    const before = isHere ? owned(this.#generations.get(id) ?? 0) : (this.#incoming.get(id)?.state ?? ABSENT)
    const hasRoom = this.#incoming.has(id) || this.load < limits.authorityMax - limits.authorityHeadroom
    const { state, effect } = handover(number, before, { kind: 'asked', from: sender, generation, hasRoom })
    if (state.mode === 'incoming') this.#incoming.set(id, { state, until: clock.now() + (waitMs(state, 0) ?? 0) })
    if (effect?.kind !== 'answer') return
    const answer = encodeHandoverNote(this.#options.tag, {
      kind: effect.isReady ? 'ready' : 'full',
      table,
      key,
      generation,
    })
    this.#options.exchange.tell({ from: this.#options.zone, to: from, bytes: answer })
  }

  #answered(sender: ZoneId, { kind, table, key, generation }: HandoverNote): void {
    const entity = this.#options.runner.tablesByName[table]?.entity(key)
    const tracked = entity && this.#tracked.get(entity)
    if (entity === undefined || tracked?.state.mode !== 'staging' || tracked.state.target !== sender) return
    if (tracked.state.asks === 1) this.#rttOf(sender).sample(this.#options.clock.now() - tracked.askedAt)
    if (kind === 'full') {
      this.counters.handoversDenied++
      this.#bePatient(idOf(table, key))
    }
    this.#step(entity, tracked, { kind: 'answered', from: sender, generation, isReady: kind === 'ready' })
  }

  /** The decision. False when it could not be made: the row is still ours. */
  #give(entity: Entity, state: Handover, target: ZoneId): boolean {
    const { world, runner, numbers, report, zone, send } = this.#options
    const to = numbers.nameOf(target)
    if (to === undefined || state.mode !== 'given') return false
    const { key, table } = entity
    const decision = { kind: table.schema.name, key, to, generation: state.generation }
    const outcome = runner.run('', (tx) => giveAway(world, tx, decision, send))
    if (outcome.kept) {
      this.counters.handoversGiven++
      return true
    }
    if ('failure' in outcome) {
      report({ type: 'handover_failed', zone, kind: decision.kind, key: String(key), to, cause: outcome.failure })
    }
    return false
  }

  #keep(entity: Entity, tracked: Tracked): void {
    if (tracked.state.mode === 'staging') tracked.state = owned(tracked.state.generation)
    tracked.dueAt = Number.POSITIVE_INFINITY
    this.#bePatient(idOf(entity.table.schema.name, entity.key))
  }

  #bePatient(id: string): void {
    const factor = Math.min(PATIENCE_MAX, (this.#patience.get(id)?.factor ?? 1) * 2)
    this.#patience.set(id, { factor, until: this.#options.clock.now() + PATIENCE_MS })
  }

  #rttOf(zone: ZoneId): RttEstimator {
    let rtt = this.#rtts.get(zone)
    if (rtt === undefined) {
      rtt = new RttEstimator()
      this.#rtts.set(zone, rtt)
    }
    return rtt
  }

  #tell(target: ZoneId, note: HandoverNote): void {
    const { numbers, exchange, zone, tag } = this.#options
    const to = numbers.nameOf(target)
    if (to !== undefined) exchange.tell({ from: zone, to, bytes: encodeHandoverNote(tag, note) })
  }
}

function idOf(kind: string, key: Key): string {
  return `${typeof key} ${kind} ${key}`
}

function idOfNote(entity: Entity): { readonly table: string; readonly key: Key } {
  return { table: entity.table.schema.name, key: entity.key }
}
