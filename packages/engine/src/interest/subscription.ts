import { cellId, type Focus } from '@terrane/protocol'
import type { ResumeFrom, StateSink } from '../zone/zone-session.js'
import { Area } from './area.js'
import { CastGroup } from './cast-group.js'
import type { Cell, CellChange } from './cells.js'
import { changesAfter, changesSince, frameOf, leftBlock, marked, type Publication, snapshotOf } from './publication.js'
import type { Publisher } from './publisher.js'

/** Bytes of snapshots per publication and client: a large view is filled over several, nearest need first. */
const SNAPSHOT_BYTES_MAX = 256 * 1024

/**
 * What one client sees: grid cells around its focus, rooms, its own cell, `everyone`; or, for an
 * observer, everything public. A cell that comes into sight waits in `#awaiting` for its snapshot and
 * gets no deltas before. While the sink cannot take frames nothing is sent; `#delivered` then tells
 * from where to catch up.
 */
export class InterestSubscription {
  readonly #publisher: Publisher
  readonly #sink: StateSink
  readonly #player: string
  #focus: Focus
  /** The focus that `#named` and `#observing` follow; they change only with it. */
  #appliedFocus: Focus | undefined
  #area = Area.EMPTY
  #named = new Set<Cell>()
  #observing = false
  readonly #awaiting = new Set<Cell>()
  readonly #left: number[] = []
  /** Versions that the client brought along, by cell id. */
  readonly #brought = new Map<number, number>()
  /** Publication up to which this client has everything. */
  #delivered: number
  #lagging = false
  /** Holds all that it sees, up to `#delivered`, and nothing that it does not. */
  #settled = false
  /** The one cell that it sees, where that is all and others see it too: rooms are mostly watched like this. */
  #lone: Cell | undefined
  /** Its place in the group of its lone cell; -1 outside. The group's, to be read only. */
  place = -1
  /** The publication that has been here. */
  #visitedIn = -1

  constructor(publisher: Publisher, sink: StateSink, player: string, focus: Focus, resume: ResumeFrom | undefined) {
    publisher.requireAllowed(focus)
    this.#publisher = publisher
    this.#sink = sink
    this.#player = player
    this.#focus = focus
    this.#delivered = publisher.version
    for (let i = 0; i + 1 < (resume?.cells.length ?? 0); i += 2) {
      this.#brought.set(resume?.cells[i] as number, resume?.cells[i + 1] as number)
    }
  }

  focus(focus: Focus): void {
    this.#publisher.requireAllowed(focus)
    this.#leaveGroup(this.#publisher.version)
    this.#focus = focus
    this.#publisher.wake(this)
  }

  resync(ids: readonly number[]): void {
    this.#leaveGroup(this.#publisher.version)
    this.#settled = false
    const wanted = new Set(ids)
    this.#eachCell((cell) => {
      if (wanted.has(cell.id)) this.#awaiting.add(cell)
    })
    this.#publisher.wake(this)
  }

  end(): void {
    this.#leaveGroup(this.#publisher.version)
    this.#setArea(Area.EMPTY)
    this.#setNamed(new Set())
    this.#publisher.setObserving(this, false)
    this.#observing = false
  }

  /** Once for each publication, however often it is called. `common`: not one of rooms alone. */
  publish(publication: Publication, common: boolean): void {
    if (this.#visitedIn === publication.version) return
    this.#visitedIn = publication.version
    if (common) this.#publishAll(publication)
    else this.#publishRooms(publication)
  }

  #publishAll(publication: Publication): void {
    if (!this.#sink.ready()) {
      this.#lag()
      return
    }
    const calm =
      !this.#lagging && this.#awaiting.size === 0 && this.#left.length === 0 && this.#focus === this.#appliedFocus
    const before = this.#area
    this.#look()
    if (calm) this.#publishDeltas(publication, before)
    else this.#publishCatchUp()
    this.#delivered = publication.version
    this.#lagging = false
    this.#settled = this.#awaiting.size === 0 && this.#left.length === 0
    if (this.#awaiting.size > 0 || this.#mayMove) return
    this.#publisher.rest(this)
    this.#joinGroup()
  }

  /** A publication of rooms between the common ones. Whoever is not up to date waits for the next of those. */
  #publishRooms(publication: Publication): void {
    if (!this.#settled || !this.#sink.ready()) {
      this.#lag()
      return
    }
    if (this.#lone === undefined) this.#publishDeltas(publication, this.#area)
    else this.#sink.deliver(this.#publisher.cellFrame(this.#lone, publication))
    this.#delivered = publication.version
  }

  /** Its group's frame of this publication has not reached it. */
  missed(publication: Publication): void {
    if (this.#lone === undefined) return
    if (this.#sink.ready()) {
      this.#sink.deliver(this.#publisher.cellFrame(this.#lone, publication))
      return
    }
    this.#leaveGroup(publication.version - 1)
    this.#lag()
  }

  /** While it rests and sees one cell only, it is served together with the others who do. */
  #joinGroup(): void {
    const cell = this.#lone
    const lane = this.#settled ? this.#sink.lane : undefined
    if (cell === undefined || lane === undefined || this.place >= 0) return
    cell.group ??= new CastGroup(lane.cast)
    if (cell.group.cast !== lane.cast) return
    cell.viewers.delete(this)
    cell.group.add(this, lane.number)
  }

  /** @param delivered the publication up to which the group has served it */
  #leaveGroup(delivered: number): void {
    if (this.place < 0) return
    const cell = this.#lone as Cell
    cell.group?.remove(this)
    cell.viewers.add(this)
    this.#delivered = delivered
  }

  #lag(): void {
    this.#lagging = true
    this.#settled = false
    this.#publisher.wake(this)
  }

  /** Sees cells of the grid: they change without its being listed there. */
  get #mayMove(): boolean {
    const { hasGrid } = this.#publisher
    return hasGrid && (this.#focus.mode === 'follow' || this.#focus.mode === 'area')
  }

  /**
   * The common case: deltas, in slices of the publication, of what was in sight before and still is; behind them
   * what has gone out of sight and what has come into it since.
   */
  #publishDeltas(publication: Publication, before: Area): void {
    const publisher = this.#publisher
    if (this.#observing && !this.#hasOwnNews(publication.version)) {
      if (!publication.empty) this.#sink.deliver(publisher.observersFrame(publication))
      return
    }
    const parts: Uint8Array[] = [publication.mark]
    let lone: Cell | undefined
    if (this.#observing) {
      parts.push(publication.wholeGrid)
      for (const cell of publication.shared) if (!this.#named.has(cell)) parts.push(cell.block as Uint8Array)
    } else if (publication.gridIds.length > 0) {
      this.#pushSlices(publication, before, parts)
    }
    for (const cell of this.#named) {
      if (cell.blockVersion !== publication.version) continue
      if (parts.length === 1) lone = cell
      parts.push(cell.block as Uint8Array)
    }
    if (this.#left.length > 0 || this.#awaiting.size > 0) {
      this.#pushMoved(parts)
      this.#sink.deliver(frameOf(parts))
      return
    }
    if (parts.length === 1) return
    const shared = parts.length === 2 && lone !== undefined && !lone.isPrivate
    this.#sink.deliver(shared ? publisher.cellFrame(lone as Cell, publication) : frameOf(parts))
  }

  #pushSlices(publication: Publication, before: Area, parts: Uint8Array[]): void {
    const area = this.#area
    for (let i = 0; i < area.rows; i++) {
      const row = area.bottom + i
      const left = Math.max(area.left[i] as number, before.leftAt(row))
      const right = Math.min(area.right[i] as number, before.rightAt(row))
      if (left > right) continue
      const first = cellId(left, row)
      const slice = publication.slice(first, first + right - left)
      if (slice !== undefined) parts.push(slice)
    }
  }

  /** Cells that the last step of the focus left behind, and those that it brought. */
  #pushMoved(parts: Uint8Array[]): void {
    const { encoder } = this.#publisher
    const blocks = this.#left.map((id) => ({ version: 0, block: leftBlock(id, encoder) }))
    this.#left.length = 0
    let budget = SNAPSHOT_BYTES_MAX
    for (const cell of this.#awaiting) {
      if (budget <= 0) break
      const block = snapshotOf(cell, encoder)
      blocks.push({ version: cell.version, block })
      budget -= block.length
      this.#awaiting.delete(cell)
    }
    parts.push(...marked(blocks))
  }

  /**
   * Cells went out of sight, await their snapshot, or the client could not be reached for a while.
   *
   * The order matters, because an entity may have moved between these cells: deltas of several
   * publications go in the order of the publications, and snapshots, which show the present, last.
   */
  #publishCatchUp(): void {
    const { encoder } = this.#publisher
    const changes: CellChange[] = []
    const snapshots: { readonly version: number; readonly block: Uint8Array }[] = []
    const show = (cell: Cell): number => {
      const block = snapshotOf(cell, encoder)
      snapshots.push({ version: cell.version, block })
      return block.length
    }
    this.#eachCell((cell) => {
      if (cell.version <= this.#delivered || this.#awaiting.has(cell)) return
      const missed = changesAfter(cell, this.#delivered)
      if (missed === undefined) show(cell)
      else changes.push(...missed)
    })
    // All at once: a delta must not arrive after later ones of other cells.
    if (this.#brought.size > 0) {
      for (const cell of this.#awaiting) {
        const version = this.#brought.get(cell.id)
        const missed = version === undefined ? undefined : changesSince(cell, version)
        if (missed === undefined) continue
        changes.push(...missed)
        this.#awaiting.delete(cell)
      }
      this.#brought.clear()
    }
    let budget = SNAPSHOT_BYTES_MAX
    for (const cell of this.#awaiting) {
      if (budget <= 0) break
      budget -= show(cell)
      this.#awaiting.delete(cell)
    }
    const byVersion = (a: { readonly version: number }, b: { readonly version: number }) => a.version - b.version
    const gone = this.#left.map((id) => ({ version: 0, block: leftBlock(id, encoder) }))
    const blocks = [...gone, ...changes.sort(byVersion), ...snapshots.sort(byVersion)]
    this.#left.length = 0
    if (blocks.length > 0) this.#sink.deliver(frameOf(marked(blocks)))
  }

  #hasOwnNews(version: number): boolean {
    for (const cell of this.#named) if (cell.isPrivate && cell.blockVersion === version) return true
    return false
  }

  #cells(): Set<Cell> {
    const found = new Set<Cell>()
    this.#eachCell((cell) => found.add(cell))
    return found
  }

  #eachCell(visit: (cell: Cell) => void): void {
    const { cells } = this.#publisher
    if (this.#observing) {
      for (const cell of this.#publisher.publicCells()) if (!this.#named.has(cell)) visit(cell)
    }
    this.#area.eachBeyond(Area.EMPTY, (column, row) => {
      visit(cells.ensure(cellId(column, row)))
    })
    for (const cell of this.#named) visit(cell)
  }

  /** Brings the set of cells in line with the focus. */
  #look(): void {
    const first = this.#appliedFocus === undefined
    if (this.#focus !== this.#appliedFocus) this.#applyFocus()
    else this.#moveArea()
    if (!first || this.#brought.size === 0) return
    // What the client still holds and no longer sees.
    const ids = new Set(Array.from(this.#cells(), (cell) => cell.id))
    for (const id of this.#brought.keys()) if (!ids.has(id)) this.#left.push(id)
  }

  /** Another focus may show the same cells in another way, so the sets before and after are compared. */
  #applyFocus(): void {
    this.#appliedFocus = this.#focus
    const before = this.#cells()
    this.#observing = this.#focus.mode === 'all'
    this.#publisher.setObserving(this, this.#observing)
    this.#setNamed(this.#namedCells())
    this.#setArea(this.#nextArea())
    const after = this.#cells()
    for (const cell of after) if (!before.has(cell)) this.#awaiting.add(cell)
    for (const cell of before) if (!after.has(cell)) this.#forget(cell)
  }

  #namedCells(): Set<Cell> {
    const { cells, interest, hasEveryone, hasOwners } = this.#publisher
    const focus = this.#focus
    const named = new Set<Cell>()
    if (focus.mode === 'none') return named
    if (hasEveryone) named.add(cells.named('everyone'))
    if (hasOwners) named.add(cells.named(`owner:${this.#player}`))
    if (focus.mode !== 'rooms') return named
    const allowed = interest.rooms?.(this.#publisher.tables as never, this.#player)
    for (const room of focus.rooms) {
      if (allowed === undefined || allowed.includes(room)) named.add(cells.named(`room:${room}`))
    }
    return named
  }

  #setNamed(named: Set<Cell>): void {
    for (const cell of this.#named) this.#unwatch(cell)
    for (const cell of named) {
      cell.watchers++
      cell.viewers.add(this)
    }
    this.#named = named
    const [first] = named
    const alone = named.size === 1 && !this.#observing
    this.#lone = alone && first?.isPrivate === false ? first : undefined
  }

  #setArea(next: Area): void {
    const { cells } = this.#publisher
    const old = this.#area
    next.eachBeyond(old, (column, row) => {
      cells.ensure(cellId(column, row)).watchers++
    })
    old.eachBeyond(next, (column, row) => {
      cells.ensure(cellId(column, row)).watchers--
    })
    this.#area = next
  }

  #moveArea(): void {
    const old = this.#area
    const next = this.#nextArea()
    if (next === old || next.equals(old)) return
    const { cells } = this.#publisher
    this.#setArea(next)
    next.eachBeyond(old, (column, row) => {
      this.#awaiting.add(cells.ensure(cellId(column, row)))
    })
    old.eachBeyond(next, (column, row) => {
      this.#forget(cells.ensure(cellId(column, row)))
    })
  }

  #unwatch(cell: Cell): void {
    cell.watchers--
    cell.viewers.delete(this)
  }

  #forget(cell: Cell): void {
    // Said also of one that still waits: after a resync or a reconnect the client may hold it all the same.
    this.#awaiting.delete(cell)
    this.#left.push(cell.id)
  }

  #nextArea(): Area {
    const { cells, interest, radiusMax, hasGrid } = this.#publisher
    const focus = this.#focus
    if (!hasGrid) return Area.EMPTY
    if (focus.mode === 'area') {
      return Area.around(cells, focus.x, focus.y, Math.min(focus.radius ?? radiusMax, radiusMax))
    }
    if (focus.mode !== 'follow' || interest.follow === undefined) return Area.EMPTY
    const at = interest.follow(this.#publisher.tables as never, this.#player)
    // A player without a place (dead, not yet spawned) keeps the last view.
    return at === undefined ? this.#area : Area.around(cells, at.x, at.y, radiusMax)
  }
}
