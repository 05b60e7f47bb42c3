import { TerraneError } from '@terrane/core'
import { ENTRY_CHANGED, ENTRY_GONE, encodeBlock, type Focus } from '@terrane/protocol'
import type { EngineLimits } from '../limits.js'
import type { Entity } from '../state/entity.js'
import type { TransactionRunner } from '../transaction/transaction-runner.js'
import type { AnyWorld, InterestDefinition, Kinds, Visibility } from '../world/define-world.js'
import type { ResumeFrom, StateFrame, StateSink } from '../zone/zone-session.js'
import { type Cell, type CellMap, NOWHERE } from './cells.js'
import { appendWhole, frameOf, Publication } from './publication.js'
import { InterestSubscription } from './subscription.js'

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
  #queue: Entity[] = []
  #version = 0
  #observers = 0
  #unwatchedSweeps = 0
  /** Frames of this publication that several clients get. */
  #sharedFrames = new Map<Cell | 'observers', StateFrame>()

  constructor(options: { world: AnyWorld; runner: TransactionRunner; cells: CellMap; limits: EngineLimits }) {
    const { world, runner, cells, limits } = options
    this.#runner = runner
    this.#limits = limits
    this.cells = cells
    this.interest = (world.interest ?? {}) as InterestDefinition<Kinds>
    this.hz = this.interest.hz ?? 20
    this.radiusMax = (this.interest.radius ?? 1000) * limits.radiusFactorMax
    const shown = new Set(
      Object.values(world.kinds as Kinds).map(
        (kind) => ((kind.visible as Visibility<object>) ?? { to: 'everyone' }).to,
      ),
    )
    this.hasEveryone = shown.has('everyone')
    this.hasOwners = shown.has('owner')
    this.hasGrid = shown.has('nearby')
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
    return subscription
  }

  unsubscribe(subscription: InterestSubscription): void {
    if (!this.#subscriptions.delete(subscription)) return
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

  observerChanged(by: 1 | -1): void {
    this.#observers += by
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
    this.#queue.push(entity)
  }

  publish(): void {
    if (!this.#runner.context.published) return
    const changed = this.#gather()
    const version = this.#version
    const grid: Cell[] = []
    const shared: Cell[] = []
    for (const cell of changed) {
      const previous = cell.version
      cell.version = version
      const entries = cell.pending as unknown[]
      cell.pending = undefined
      if (!this.#watched(cell)) {
        cell.history.length = 0
        continue
      }
      const block = encodeBlock(cell.id, 0, version, previous, entries)
      cell.block = block
      cell.blockVersion = version
      cell.history.push({ version, previous, block })
      if (cell.history.length > this.#limits.historyMax) cell.history.shift()
      if (cell.isGrid) grid.push(cell)
      else if (!cell.isPrivate) shared.push(cell)
    }
    const publication = new Publication(version, grid, shared)
    this.#sharedFrames = new Map()
    for (const subscription of this.#subscriptions) subscription.publish(publication)
  }

  /** The frame with just this cell's block of the present publication. */
  cellFrame(cell: Cell): StateFrame {
    return this.#shared(cell, () => [cell.block as Uint8Array])
  }

  /** The frame with everything that changed, for those who watch the whole zone. */
  observersFrame(publication: Publication): StateFrame | undefined {
    if (publication.gridIds.length === 0 && publication.shared.length === 0) return undefined
    return this.#shared('observers', () => [
      publication.wholeGrid,
      ...publication.shared.map((cell) => cell.block as Uint8Array),
    ])
  }

  sweep(): void {
    if (this.#subscriptions.size > 0) {
      this.#unwatchedSweeps = 0
      if (this.#observers === 0) this.cells.sweep()
      return
    }
    // Kept for one more round: clients that lost their connection come back to a gap, not to snapshots.
    if (this.#unwatchedSweeps++ > 0) this.#deactivate()
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.end()
    this.#subscriptions.clear()
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

  #watched(cell: Cell): boolean {
    return cell.watchers > 0 || (this.#observers > 0 && !cell.isPrivate)
  }

  /** Sorts the queued changes into their cells; returns the cells. */
  #gather(): Cell[] {
    this.#version++
    const touched: Cell[] = []
    const touch = (cell: Cell): unknown[] => {
      if (cell.pending === undefined) {
        cell.pending = []
        touched.push(cell)
      }
      return cell.pending
    }
    const queue = this.#queue
    this.#queue = []
    for (const entity of queue) {
      const mask = entity.publishMask
      const from = entity.shown ?? entity.cell
      const to = entity.cell
      entity.publishQueued = false
      entity.publishMask = 0
      entity.shown = undefined
      const tag = entity.table.number * 4
      if (from !== to) {
        if (from !== undefined && from !== NOWHERE) touch(from).push(entity.id, tag + ENTRY_GONE)
        if (to !== undefined) appendWhole(touch(to), entity)
      } else if (to !== undefined && mask !== 0) {
        const entries = touch(to)
        entries.push(entity.id, tag + ENTRY_CHANGED, mask)
        for (let bits = mask; bits !== 0; bits &= bits - 1) {
          entries.push(entity.row[entity.table.names[31 - Math.clz32(bits & -bits)] as string])
        }
      }
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
    this.#gather().forEach((cell) => {
      cell.pending = undefined
    })
    this.#runner.context.published = false
    for (const cell of this.cells.all()) {
      cell.history.length = 0
      cell.block = undefined
      cell.snapshot = undefined
    }
  }
}
