import { TerraneError } from '@terrane/core'
import { BlockEncoder, ENTRY_CHANGED, ENTRY_GONE, FORM_DELTA, type Focus, type StateEntry } from '@terrane/protocol'
import type { EngineLimits } from '../limits.js'
import type { Entity } from '../state/entity.js'
import type { TransactionRunner } from '../transaction/transaction-runner.js'
import type { AnyWorld, InterestDefinition, Kinds, Visibility } from '../world/define-world.js'
import { wireTypeOf } from '../world/kind-schema.js'
import type { ResumeFrom, StateFrame, StateSink } from '../zone/zone-session.js'
import { type Cell, type CellMap, NOWHERE } from './cells.js'
import { frameOf, Publication, wholeEntry } from './publication.js'
import { InterestSubscription } from './subscription.js'

/** Publications per second, which are a zone's ticks too. */
export const DEFAULT_HZ = 20

/** Publications follow changes in steps of this: finer ones would cost more than they gain. */
const BEAT_MS_MIN = 5

/**
 * Sends what changes in a zone to those who see it. At each publication the changes are sorted into
 * their cells and every watched cell is encoded once; a client's frame is then put together from
 * slices of that one buffer, and clients that see the same get the very same frame.
 *
 * A zone that nobody watches tracks nothing.
 */
export class Publisher {
  readonly hz: number
  readonly cells: CellMap
  readonly interest: InterestDefinition<Kinds>
  readonly radiusMax: number
  /** Which named cells exist at all, by the kinds' visibility. */
  readonly hasEveryone: boolean
  readonly hasOwners: boolean
  readonly hasGrid: boolean
  readonly #runner: TransactionRunner
  readonly #limits: EngineLimits
  readonly #subscriptions = new Set<InterestSubscription>()
  readonly #observing = new Set<InterestSubscription>()
  /** Those who move, or who lack something. */
  readonly #restless = new Set<InterestSubscription>()
  readonly encoder: BlockEncoder
  /** How often `beat` wants to be called, ms. */
  readonly beatMs: number
  readonly #periodMs: number
  #nextMainAt = 0
  /** Somebody looks elsewhere, or came, and waits for a visit. */
  #called = false
  #queue: Entity[] = []
  #roomQueue: Entity[] = []
  #version = 0
  /** What it was when `sweep` was called last. */
  #sweptVersion = 0
  #unwatchedSweeps = 0
  /** Frames of this publication that several clients get. */
  #sharedFrames = new Map<Cell | 'observers', StateFrame>()

  constructor(options: { world: AnyWorld; runner: TransactionRunner; cells: CellMap; limits: EngineLimits }) {
    const { world, runner, cells, limits } = options
    this.#runner = runner
    this.#limits = limits
    this.cells = cells
    this.interest = (world.interest ?? {}) as InterestDefinition<Kinds>
    this.hz = this.interest.hz ?? DEFAULT_HZ
    this.radiusMax = (this.interest.radius ?? 1000) * limits.radiusFactorMax
    const shown = new Set(
      Object.values(world.kinds as Kinds).map(
        (kind) => ((kind.visible as Visibility<object>) ?? { to: 'everyone' }).to,
      ),
    )
    this.hasEveryone = shown.has('everyone')
    this.hasOwners = shown.has('owner')
    this.hasGrid = shown.has('nearby')
    this.encoder = new BlockEncoder(
      [...runner.tables, ...runner.replicas.tables].map((table) => table.schema.columns.map(wireTypeOf)),
    )
    this.#periodMs = 1000 / this.hz
    this.beatMs = Math.min(this.#periodMs, Math.max(BEAT_MS_MIN, this.#periodMs / 10))
  }

  get subscriptions(): number {
    return this.#subscriptions.size
  }

  get version(): number {
    return this.#version
  }

  get tables(): TransactionRunner['tablesByName'] {
    return this.#runner.tablesByName
  }

  subscribe(sink: StateSink, player: string, focus: Focus, resume: ResumeFrom | undefined): InterestSubscription {
    this.#activate()
    const subscription = new InterestSubscription(this, sink, player, focus, resume)
    this.#subscriptions.add(subscription)
    this.wake(subscription)
    return subscription
  }

  unsubscribe(subscription: InterestSubscription): void {
    if (!this.#subscriptions.delete(subscription)) return
    this.#restless.delete(subscription)
    subscription.end()
  }

  /** Checks what a client may look at; throws `forbidden`. */
  requireAllowed(focus: Focus): void {
    if (focus.mode === 'all' && this.interest.observers === false) {
      throw new TerraneError('forbidden', 'this world does not let clients watch a whole zone', {
        hint: 'Use the focus mode "follow" or "area".',
      })
    }
    if (focus.mode === 'area' && this.interest.follow !== undefined && this.interest.observers === false) {
      throw new TerraneError('forbidden', 'this world decides itself where its players look', {
        hint: 'Use the focus mode "follow".',
      })
    }
  }

  /** Notes who watches the whole zone. */
  setObserving(subscription: InterestSubscription, observing: boolean): void {
    if (observing) this.#observing.add(subscription)
    else this.#observing.delete(subscription)
  }

  /** Cells that someone who watches the whole zone sees: all but those of other players. */
  *publicCells(): IterableIterator<Cell> {
    for (const cell of this.cells.all()) if (!cell.isPrivate) yield cell
  }

  /** An entity's columns in `mask` changed, or it appeared, moved or went. Only called while published. */
  changed(entity: Entity, mask: number): void {
    entity.publishMask |= mask
    if (entity.publishQueued || (entity.cell === undefined && entity.shown === undefined)) return
    entity.publishQueued = true
    if (entity.table.inRooms) this.#roomQueue.push(entity)
    else this.#queue.push(entity)
  }

  /**
   * To be called every `beatMs`. Grid cells, owners and `everyone` publish together, about `hz` times a
   * second, so that a client gets one frame for all of them; they do so as soon as something happens
   * once the period is over, so a world that ticks at `hz` is published right behind its ticks. A room
   * publishes by itself, with the same bound.
   */
  beat(now: number): void {
    if (!this.#runner.context.published) return
    const due = this.#takeDueRooms(now)
    const main = this.#mainIsDue(now)
    if (main) {
      // A visit for nothing does not hold back what happens next.
      this.#nextMainAt = this.#queue.length > 0 ? this.#after(this.#nextMainAt, now) : now
      this.#called = false
      for (const entity of this.#queue) due.push(entity)
      this.#queue = []
    } else if (due.length === 0) return
    const publication = this.#encode(this.#gather(due), now)
    this.#sharedFrames = new Map()
    // Groups first: who catches up below joins them with the next publication.
    for (const cell of publication.named) {
      if (cell.group === undefined || cell.group.size === 0) continue
      for (const member of cell.group.deliver(this.cellFrame(cell, publication))) member.missed(publication)
    }
    for (const subscription of this.#observing) subscription.publish(publication, main)
    if (main) for (const subscription of this.#restless) subscription.publish(publication, main)
    // Those who see a few named cells and hold all of them need a visit only when something happened there.
    for (const cell of publication.named) for (const viewer of cell.viewers) viewer.publish(publication, main)
  }

  /** This subscription wants a visit at every common publication until it rests. */
  wake(subscription: InterestSubscription): void {
    this.#restless.add(subscription)
    this.#called = true
  }

  rest(subscription: InterestSubscription): void {
    this.#restless.delete(subscription)
  }

  /** The frame with just this cell's block of the present publication. */
  cellFrame(cell: Cell, publication: Publication): StateFrame {
    return this.#shared(cell, () => [publication.mark, cell.block as Uint8Array])
  }

  /** The frame with everything that changed, for those who watch the whole zone. */
  observersFrame(publication: Publication): StateFrame {
    return this.#shared('observers', () => [
      publication.mark,
      publication.wholeGrid,
      ...publication.shared.map((cell) => cell.block as Uint8Array),
    ])
  }

  /**
   * To be called every few seconds. Lets go of changes that are older than the last call: clients that come back do so
   * sooner, and a cell in which little happens would keep its last changes for hours.
   */
  sweep(): void {
    if (this.#subscriptions.size > 0) {
      this.#unwatchedSweeps = 0
      for (const cell of this.cells.all()) cell.forget(this.#sweptVersion)
      this.#sweptVersion = this.#version
      if (this.#observing.size === 0) this.cells.sweep()
      return
    }
    // Kept for one more round: clients that lost their connection come back to a gap, not to snapshots.
    if (this.#unwatchedSweeps++ > 0) this.#deactivate()
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.end()
    this.#subscriptions.clear()
    this.#restless.clear()
    this.#deactivate()
  }

  #shared(key: Cell | 'observers', parts: () => Uint8Array[]): StateFrame {
    let frame = this.#sharedFrames.get(key)
    if (frame === undefined) {
      frame = frameOf(parts())
      this.#sharedFrames.set(key, frame)
    }
    return frame
  }

  /**
   * From when on the next publication may follow one at `now` that was allowed from `at` on: `hz` a second on the
   * whole, and one more behind a pause, so that a delay does not push back all that comes after it.
   */
  #after(at: number, now: number): number {
    return Math.max(at + this.#periodMs, now)
  }

  #mainIsDue(now: number): boolean {
    if (now < this.#nextMainAt - this.beatMs / 2) return false
    return this.#queue.length > 0 || this.#called || now >= this.#nextMainAt + this.#periodMs
  }

  #watched(cell: Cell): boolean {
    return cell.watchers > 0 || (this.#observing.size > 0 && !cell.isPrivate)
  }

  /** Takes what happened in rooms that may publish now; the rest stays. */
  #takeDueRooms(now: number): Entity[] {
    if (this.#roomQueue.length === 0) return []
    const due: Entity[] = []
    const later: Entity[] = []
    const limit = now + this.beatMs / 2
    for (const entity of this.#roomQueue) {
      const at = Math.max(entity.cell?.nextAt ?? 0, entity.shown?.nextAt ?? 0)
      if (at <= limit) due.push(entity)
      else later.push(entity)
    }
    this.#roomQueue = later
    return due
  }

  #encode(changed: readonly Cell[], now: number): Publication {
    const version = this.#version
    const grid: Cell[] = []
    const named: Cell[] = []
    for (const cell of changed) {
      const previous = cell.version
      cell.version = version
      cell.nextAt = this.#after(cell.nextAt, now)
      const entries = cell.pending as StateEntry[]
      cell.pending = undefined
      if (!this.#watched(cell)) {
        cell.history.length = 0
        continue
      }
      const block = this.encoder.encode(cell.id, FORM_DELTA, version, previous, entries)
      cell.block = block
      cell.blockVersion = version
      cell.history.push({ version, previous, block })
      if (cell.history.length > this.#limits.historyMax) cell.history.shift()
      if (cell.isGrid) grid.push(cell)
      else named.push(cell)
    }
    return new Publication(version, grid, named)
  }

  /** Sorts changes into their cells; returns the cells. */
  #gather(queue: readonly Entity[]): Cell[] {
    this.#version++
    const touched: Cell[] = []
    const touch = (cell: Cell): StateEntry[] => {
      if (cell.pending === undefined) {
        cell.pending = []
        touched.push(cell)
      }
      return cell.pending
    }
    for (const entity of queue) {
      const mask = entity.publishMask
      const from = entity.shown ?? entity.cell
      const to = entity.cell
      entity.publishQueued = false
      entity.publishMask = 0
      entity.shown = undefined
      if (from !== to) {
        if (from !== undefined && from !== NOWHERE) touch(from).push(goneEntry(entity))
        if (to !== undefined) touch(to).push(wholeEntry(entity))
      } else if (to !== undefined && mask !== 0) touch(to).push(changedEntry(entity, mask))
    }
    return touched
  }

  #activate(): void {
    this.#unwatchedSweeps = 0
    if (this.#runner.context.published) return
    this.#runner.context.published = true
    // Nothing was tracked until now: whatever a client holds from before, it must take anew.
    this.#version++
    for (const cell of this.cells.all()) {
      cell.version = this.#version
      cell.history.length = 0
    }
  }

  #deactivate(): void {
    if (!this.#runner.context.published) return
    for (const cell of this.#gather([...this.#queue, ...this.#roomQueue])) cell.pending = undefined
    this.#queue = []
    this.#roomQueue = []
    this.#runner.context.published = false
    for (const cell of this.cells.all()) {
      cell.history.length = 0
      cell.block = undefined
      cell.snapshot = undefined
    }
  }
}

function goneEntry(entity: Entity): StateEntry {
  return { id: entity.id, kind: entity.table.number, op: ENTRY_GONE, mask: 0, values: [] }
}

function changedEntry(entity: Entity, mask: number): StateEntry {
  const { names } = entity.table
  const values: unknown[] = []
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    values.push(entity.row[names[31 - Math.clz32(bits & -bits)] as string])
  }
  return { id: entity.id, kind: entity.table.number, op: ENTRY_CHANGED, mask, values }
}
