import type { Clock } from '@terrane/core'
import {
  type AppendResult,
  type CheckpointStore,
  type CheckpointWrite,
  type CommitLog,
  type KindChanges,
  type KindSchema,
  type LogAppend,
  type LogEntry,
  type MapWrite,
  type Store,
  type StoredMap,
  type StreamPosition,
  TransientStoreError,
  UncertainStoreError,
  type ZoneClaim,
  type ZoneDirectory,
  type ZoneHeld,
  ZoneMap,
  type ZoneMapStore,
  type ZoneRecord,
} from '@terrane/engine'
import type { MemoryDisk } from './memory-disk.js'

export type StoreMethod =
  | 'log.append'
  | 'log.headOf'
  | 'log.read'
  | 'log.trim'
  | 'checkpoints.write'
  | 'checkpoints.rows'
  | 'checkpoints.streams'
  | 'zones.claim'
  | 'zones.renew'
  | 'zones.release'
  | 'zones.register'
  | 'zones.unsettled'
  | 'zones.list'
  | 'map.read'
  | 'map.write'

/** One call, or one chunk of a read, as the fault hooks see it. */
export interface StoreCall {
  readonly method: StoreMethod
  /** The zones it is about; empty for those about all. */
  readonly zones: readonly string[]
  /** False for reads: an uncertain answer to them makes no sense. */
  readonly writes: boolean
}

/**
 * Where a simulator puts delays and failures. The disk changes between the two hooks: what `before`
 * throws means no effect, which the caller is told (`TransientStoreError`) or not (`UncertainStoreError`); what
 * `after` throws (`UncertainStoreError`) means that the effect took place and its answer was lost.
 */
export interface StoreFaults {
  before?(call: StoreCall): Promise<void> | void
  after?(call: StoreCall): Promise<void> | void
}

export interface MemoryStoreOptions {
  /** The database's clock: leases are measured by it. */
  readonly clock: Clock
  readonly faults?: StoreFaults
  /** Rows, batches or streams per chunk that reads yield; default 1,000. */
  readonly chunkSize?: number
}

/**
 * The store in memory: one process' connection to a `MemoryDisk`. Time passes only in the hooks, so a
 * run is a function of its calls and its clock.
 *
 * Two ways to end a process: after `close`, calls that still wait in `before` fail without effect. A
 * store that is merely abandoned lets them land later, as a real server does with a statement that
 * it received before its client died: the case that fencing is for. A simulator should do both.
 */
export class MemoryStore implements Store {
  readonly disk: MemoryDisk
  readonly log: CommitLog
  readonly checkpoints: CheckpointStore
  readonly zones: ZoneDirectory
  readonly map: ZoneMapStore
  readonly #faults: StoreFaults
  #closed = false

  constructor(disk: MemoryDisk, options: MemoryStoreOptions) {
    const chunkSize = options.chunkSize ?? 1_000
    const run: Run = (call, effect) => this.#run(call, effect)
    this.disk = disk
    this.#faults = options.faults ?? {}
    this.log = new MemoryLog(disk, run, chunkSize)
    this.checkpoints = new MemoryCheckpoints(disk, run, chunkSize)
    this.zones = new MemoryZones(disk, run, options.clock)
    this.map = new MemoryMap(disk, run)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async #run<T>(call: StoreCall, effect: () => T): Promise<T> {
    this.#checkOpen(call, TransientStoreError)
    await this.#faults.before?.(call)
    this.#checkOpen(call, TransientStoreError)
    const result = effect()
    await this.#faults.after?.(call)
    this.#checkOpen(call, call.writes ? UncertainStoreError : TransientStoreError)
    return result
  }

  #checkOpen(call: StoreCall, failure: new (message: string) => Error): void {
    if (this.#closed) throw new failure(`${call.method}: the store is closed`)
  }
}

type Run = <T>(call: StoreCall, effect: () => T) => Promise<T>

class MemoryLog implements CommitLog {
  readonly #disk: MemoryDisk
  readonly #run: Run
  readonly #chunkSize: number

  constructor(disk: MemoryDisk, run: Run, chunkSize: number) {
    this.#disk = disk
    this.#run = run
    this.#chunkSize = chunkSize
  }

  append(entries: readonly LogAppend[]): Promise<readonly AppendResult[]> {
    const call: StoreCall = { method: 'log.append', zones: entries.map((entry) => entry.zone), writes: true }
    return this.#run(call, () => entries.map((entry) => appendOne(this.#disk, entry)))
  }

  headOf(zone: string): Promise<{ seq: number; epoch: number } | undefined> {
    return this.#run({ method: 'log.headOf', zones: [zone], writes: false }, () => {
      const head = this.#disk.zones.get(zone)?.log.at(-1)
      return head && { seq: head.seq, epoch: head.epoch }
    })
  }

  async *read(zone: string, after: number): AsyncGenerator<readonly LogEntry[]> {
    let position = after
    for (;;) {
      const chunk = await this.#run({ method: 'log.read', zones: [zone], writes: false }, () => {
        const log = this.#disk.zones.get(zone)?.log ?? []
        const start = Math.max(0, position + 1 - (log[0]?.seq ?? 0))
        return log.slice(start, start + this.#chunkSize).map((entry) => ({ ...entry, payload: entry.payload.slice() }))
      })
      if (chunk.length === 0) return
      position = chunk.at(-1)?.seq ?? position
      yield chunk
    }
  }

  trim(zone: string, upTo: number): Promise<number> {
    return this.#run({ method: 'log.trim', zones: [zone], writes: true }, () => {
      const disk = this.#disk.zones.get(zone)
      if (disk === undefined) return 0
      // The newest batch stays whatever the checkpoint says: without it a fenced owner could append again (S2).
      const limit = Math.min(upTo, disk.checkpoint, this.#disk.headSeq(zone) - 1)
      const count = Math.max(0, limit + 1 - (disk.log[0]?.seq ?? limit + 1))
      disk.log.splice(0, count)
      return count
    })
  }
}

/** Whether the batch would follow what the log holds (S2). */
function mayAppend(disk: MemoryDisk, { zone, seq, epoch }: LogAppend): boolean {
  return disk.headSeq(zone) === seq - 1 && (disk.zones.get(zone)?.log.at(-1)?.epoch ?? 0) <= epoch
}

function appendOne(disk: MemoryDisk, entry: LogAppend): AppendResult {
  if (!mayAppend(disk, entry)) return 'fenced'
  const { zone, seq, epoch } = entry
  disk.zone(zone).log.push({ zone, seq, epoch, payload: entry.payload.slice() })
  for (const changes of entry.rows ?? []) disk.applyChanges(zone, changes)
  return 'committed'
}

class MemoryCheckpoints implements CheckpointStore {
  readonly #disk: MemoryDisk
  readonly #run: Run
  readonly #chunkSize: number

  constructor(disk: MemoryDisk, run: Run, chunkSize: number) {
    this.#disk = disk
    this.#run = run
    this.#chunkSize = chunkSize
  }

  write(checkpoint: CheckpointWrite): Promise<'written' | 'fenced'> {
    return this.#run({ method: 'checkpoints.write', zones: [checkpoint.zone], writes: true }, () => {
      const disk = this.#disk.zones.get(checkpoint.zone)
      if (disk === undefined || disk.epoch === 0 || disk.checkpoint !== checkpoint.from) return 'fenced'
      if (checkpoint.epoch !== undefined && checkpoint.epoch !== disk.epoch) return 'fenced'
      for (const changes of checkpoint.changes) this.#disk.applyChanges(checkpoint.zone, changes)
      for (const name of checkpoint.endedStreams) disk.streams.delete(name)
      for (const stream of checkpoint.streams) disk.streams.set(stream.stream, { ...stream })
      disk.checkpoint = checkpoint.to
      return 'written'
    })
  }

  async *rows(zone: string, kind: KindSchema): AsyncGenerator<KindChanges> {
    const call: StoreCall = { method: 'checkpoints.rows', zones: [zone], writes: false }
    const keys = await this.#run(call, () => this.#disk.keysOf(zone, kind) ?? [])
    for (let start = 0; start < keys.length; start += this.#chunkSize) {
      const part = keys.slice(start, start + this.#chunkSize)
      yield await this.#run(call, () => this.#disk.readRows(zone, kind, part))
    }
  }

  async *streams(zone: string): AsyncGenerator<readonly StreamPosition[]> {
    const call: StoreCall = { method: 'checkpoints.streams', zones: [zone], writes: false }
    const all = await this.#run(call, () => [...(this.#disk.zones.get(zone)?.streams.values() ?? [])])
    for (let start = 0; start < all.length; start += this.#chunkSize) yield all.slice(start, start + this.#chunkSize)
  }
}

class MemoryZones implements ZoneDirectory {
  readonly #disk: MemoryDisk
  readonly #run: Run
  readonly #clock: Clock

  constructor(disk: MemoryDisk, run: Run, clock: Clock) {
    this.#disk = disk
    this.#run = run
    this.#clock = clock
  }

  claim(zone: string, owner: string, leaseMs: number): Promise<ZoneClaim | ZoneHeld> {
    return this.#run<ZoneClaim | ZoneHeld>({ method: 'zones.claim', zones: [zone], writes: true }, () => {
      const disk = this.#disk.numbered(zone)
      const now = this.#clock.now()
      if (disk.owner !== undefined && disk.owner !== owner && disk.leaseUntil > now) {
        return { claimed: false, owner: disk.owner, leaseUntil: disk.leaseUntil }
      }
      disk.epoch++
      disk.owner = owner
      disk.leaseUntil = now + leaseMs
      // Not "was claimed before": an owner that died before its first commit left nothing, so `init` is still due.
      const existed = disk.log.length > 0 || disk.checkpoint > 0
      return { claimed: true, epoch: disk.epoch, checkpoint: disk.checkpoint, existed, number: disk.number }
    })
  }

  renew(owner: string, zones: readonly string[], leaseMs: number): Promise<readonly string[]> {
    return this.#run({ method: 'zones.renew', zones, writes: true }, () =>
      zones.filter((zone) => {
        const disk = this.#disk.zones.get(zone)
        if (disk?.owner !== owner) return true
        disk.leaseUntil = this.#clock.now() + leaseMs
        return false
      }),
    )
  }

  release(zone: string, owner: string): Promise<void> {
    return this.#run({ method: 'zones.release', zones: [zone], writes: true }, () => {
      const disk = this.#disk.zones.get(zone)
      if (disk?.owner !== owner) return
      disk.owner = undefined
      disk.leaseUntil = 0
    })
  }

  register(zone: string): Promise<number> {
    const call: StoreCall = { method: 'zones.register', zones: [zone], writes: true }
    return this.#run(call, () => this.#disk.numbered(zone).number)
  }

  unsettled(): Promise<readonly string[]> {
    return this.#run({ method: 'zones.unsettled', zones: [], writes: false }, () =>
      [...this.#disk.zones.values()]
        .filter(
          ({ zone, checkpoint, tables }) =>
            this.#disk.headSeq(zone) > checkpoint || (tables.get('terrane.op_outbox')?.rows.size ?? 0) > 0,
        )
        .map(({ zone }) => zone)
        .sort(),
    )
  }

  list(): Promise<readonly ZoneRecord[]> {
    return this.#run({ method: 'zones.list', zones: [], writes: false }, () =>
      [...this.#disk.zones.values()]
        .filter((disk) => disk.number > 0)
        .map(({ zone, number, owner, epoch, leaseUntil, checkpoint }) => ({
          zone,
          number,
          owner,
          epoch,
          leaseUntil,
          leaseLeftMs: leaseUntil === 0 ? 0 : leaseUntil - this.#clock.now(),
          checkpoint,
        }))
        .sort((a, b) => (a.zone < b.zone ? -1 : 1)),
    )
  }
}

class MemoryMap implements ZoneMapStore {
  readonly #disk: MemoryDisk
  readonly #run: Run

  constructor(disk: MemoryDisk, run: Run) {
    this.#disk = disk
    this.#run = run
  }

  read(): Promise<StoredMap> {
    return this.#run({ method: 'map.read', zones: [], writes: false }, () => this.#disk.map)
  }

  async write({ from, ranges, appends }: MapWrite): Promise<'written' | 'stale' | 'fenced'> {
    const map = ZoneMap.of(from + 1, ranges)
    const call: StoreCall = { method: 'map.write', zones: appends.map(({ zone }) => zone), writes: true }
    return this.#run(call, () => {
      if (this.#disk.map.version !== from) return 'stale'
      if (!appends.every((entry) => mayAppend(this.#disk, entry))) return 'fenced'
      for (const entry of appends) appendOne(this.#disk, entry)
      this.#disk.map = { version: map.version, ranges: map.ranges }
      return 'written'
    })
  }
}
