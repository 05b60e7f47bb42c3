import { assert, type Clock, messageOf, type Prng, TerraneError, type Timers } from '@terrane/core'
import { type Focus, SKIP, type WireError, wireError } from '@terrane/protocol'
import { DEFAULT_HZ, Publisher } from '../interest/publisher.js'
import type { EngineLimits } from '../limits.js'
import type { DeadLetter } from '../ops/dead-letters.js'
import { type OpServices, type OpStatus, ZoneOps } from '../ops/zone-ops.js'
import type { OpParcel, OpReceipt, ZoneNote } from '../ports/op-exchange.js'
import type { LogAppend, Store } from '../ports/store.js'
import type { ReplicaStatus } from '../replicas/replica-store.js'
import type { Entity } from '../state/entity.js'
import type { KindTable } from '../state/kind-table.js'
import type { TransactionRunner } from '../transaction/transaction-runner.js'
import type { AnyWorld, Kinds, ReadTables, TickDefinition } from '../world/define-world.js'
import type { ReplicaTables } from '../world/replication.js'
import type { CurrentMap } from '../zones/current-map.js'
import { ZoneAuthority } from '../zones/zone-authority.js'
import { encodeBatch } from './batch-codec.js'
import { Beats } from './beats.js'
import type { CheckpointPace } from './checkpoint-pace.js'
import { CheckpointWriter } from './checkpoint-writer.js'
import { Checkpointer, commitRowsOf } from './checkpointer.js'
import { runCommand } from './commands.js'
import type { CommitSource, Committer } from './committer.js'
import type { Report, ZoneEnd } from './events.js'
import { type InputHandler, inputHandlersOf } from './input-handlers.js'
import type { Recovery } from './recovery.js'
import { type Stream, type StreamHandle, type Streams, streamName } from './streams.js'
import type { TickTimes } from './tick-times.js'
import { ZoneBorders } from './zone-borders.js'
import { type ZoneCounters, zeroZoneCounts } from './zone-counters.js'
import { initFailed, unavailable } from './zone-errors.js'
import { ZoneMemory } from './zone-memory.js'
import type {
  InputStream,
  ResumeFrom,
  StateSink,
  StreamHolder,
  SubmitOutcome,
  Subscription,
  ZoneSessions,
} from './zone-session.js'
import type { ZoneState } from './zone-state.js'

export interface ZoneOptions {
  readonly id: string
  readonly world: AnyWorld
  readonly store: Store
  readonly committer: Committer
  readonly pace: CheckpointPace
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Prng
  readonly limits: EngineLimits
  readonly report: Report
  readonly ops: OpServices
  /** The newest map that the process knows. */
  readonly map: CurrentMap
  readonly tickTimes: TickTimes
  /** It is made for rows that other zones have: the world does not fill it. */
  readonly isForRows: boolean
  /** Called once, when the zone has closed. */
  readonly closed: (zone: Zone, why: ZoneEnd) => void
}

export interface ZoneStatus {
  readonly id: string
  readonly state: ZoneState
  /** What the store said last; only while the zone is stalled. */
  readonly stalledBecause?: string
  readonly epoch: number
  /** A warm copy had followed it before it was opened here. */
  readonly isWarm: boolean
  /** Position of the last batch that is durable. */
  readonly seq: number
  readonly checkpoint: number
  readonly entities: number
  readonly sessions: number
  readonly tailBytes: number
  readonly checkpointLagMs: number
  readonly ops: OpStatus
  readonly replicas: ReplicaStatus
}

/**
 * The unit of authority: single-threaded, the only writer of its rows and of its log. Whatever reads or changes the zone's
 * state and its open batch is in this one file, long as it is: apart, each part would need all of the others' fields.
 * What can be told from outside (checkpoints, ops, borders, streams, publication) has a module of its own.
 */
export class Zone implements ZoneSessions, CommitSource {
  readonly id: string
  readonly epoch: number
  readonly hz: number
  readonly #counts = zeroZoneCounts()

  readonly #options: ZoneOptions
  readonly #runner: TransactionRunner
  readonly #publisher: Publisher
  readonly #streams: Streams
  readonly #checkpointer: Checkpointer
  readonly #ops: ZoneOps
  readonly #borders: ZoneBorders
  readonly #inputs: readonly InputHandler[]
  readonly #checkpoints: CheckpointWriter
  readonly #beats: Beats

  #state: ZoneState = 'active'
  /** Why the last append failed that led to, or went on with, the state `stalled`. */
  #stallCause: unknown
  /** The opening batch is durable: the log is ours. */
  #ownsLog = false
  /** Last sealed and last durable batch. */
  #sealedSeq: number
  #durableSeq: number
  /** The open batch. */
  #dirty: Entity[] = []
  #openStreams: Stream[] = []
  /** The streams of the sealed batch, with the numbers that it makes durable. */
  #sealedStreams: { readonly stream: Stream; readonly number: number }[] = []
  #settled: (() => void)[] = []
  /** Commands whose effects, or what they have seen, are not durable yet. In the order of `seq`. */
  #commands: PendingCommand[] = []
  readonly #isWarm: boolean
  /** When the last session left, ms since the epoch. */
  #idleSince: number

  private constructor(options: ZoneOptions, epoch: number, parts: ZoneParts) {
    this.id = options.id
    this.#isWarm = parts.isWarm
    this.epoch = epoch
    this.#options = options
    this.#runner = parts.runner
    this.#streams = parts.streams
    this.#publisher = parts.publisher
    this.#checkpointer = parts.checkpointer
    this.#ops = parts.ops
    this.#borders = parts.borders
    this.#sealedSeq = parts.seq
    this.#durableSeq = parts.seq
    this.#inputs = inputHandlersOf(options.world)
    this.hz = this.#publisher.hz
    this.#idleSince = options.clock.now()
    this.#beats = new Beats(options.clock, options.timers)
    this.#checkpoints = new CheckpointWriter({
      ...options,
      zone: this,
      checkpointer: parts.checkpointer,
      counts: this.#counts,
      settle: () => this.#settle(),
    })
  }

  /**
   * Recovers a claimed zone and takes over its log: the opening batch carries the new epoch, so an
   * earlier owner that still runs is fenced at its next append. A zone that never was gets the
   * world's `init` in its opening batch.
   * @param memory what followed the zone until now; default: nothing
   */
  static async open(
    options: ZoneOptions,
    claim: { readonly epoch: number; readonly checkpoint: number; readonly number: number },
    memory = new ZoneMemory(options, claim.checkpoint),
  ): Promise<Zone> {
    const { id, world, clock, random, limits, report } = options
    const startedAt = clock.now()
    const { runner, streams, recovery, cells } = memory
    const before = recovery.replayedBytes
    let zone: Zone | undefined
    const authority = new ZoneAuthority(world.layout, id, options.map)
    runner.context.authority = authority
    const borders = new ZoneBorders({
      ...options,
      zone: id,
      number: claim.number,
      runner,
      numbers: options.ops.numbers,
      exchange: options.ops.exchange,
      tickMs: 1000 / (world.interest?.hz ?? DEFAULT_HZ),
      publish: (entity, mask) => {
        if (runner.context.published && entity.table.isPublic) publisher.changed(entity, mask)
      },
    })
    const ops = new ZoneOps(
      {
        zone: id,
        number: claim.number,
        world,
        services: options.ops,
        handover: borders.handler,
        authority,
        clock,
        timers: options.timers,
        random: random.fork('ops'),
        limits,
        report,
        request: () => options.committer.request(zone as Zone),
        stalled: (cause) => zone?.stalled(cause),
      },
      runner,
    )
    memory.useBy({
      collect: (to, op, args) => ops.collect(to, op, args),
      rollback: () => ops.rollback(),
      keep: () => ops.keep(),
      changed: (entity, mask, whole) => (zone as Zone).#changed(entity, mask, whole),
    })
    const isWarm = recovery.hasTables
    if (!isWarm) await recovery.readTables()
    await recovery.replay()
    recovery.covered(claim.checkpoint)
    const { tailBytes } = recovery
    const replayed = recovery.finish()
    ops.recover()
    // Behind what was replayed nobody can have changed the zone's codes, or taking the log fails below.
    await options.map.refresh()
    const fresh = recovery.seq === 0
    const publisher = new Publisher({ world, runner, cells, limits })
    const checkpointer = new Checkpointer({
      zone: id,
      position: claim.checkpoint,
      streams,
      pace: options.pace,
      limits,
      clock,
    })
    checkpointer.recovered(recovery.seq, tailBytes, replayed)
    borders.start(ops)
    const parts = { runner, streams, publisher, checkpointer, ops, borders, seq: recovery.seq, isWarm }
    zone = new Zone(options, claim.epoch, parts)
    if (fresh && world.init !== undefined && !options.isForRows) {
      const outcome = runner.run('', world.init as (tx: never) => unknown)
      if (!outcome.kept) throw initFailed(id, outcome)
    }
    if (!ops.isReady) await ops.resolve()
    await zone.#takeLog(recovery)
    if (fresh) report({ type: 'zone_created', zone: id, rows: zone.entities })
    report({
      type: 'zone_opened',
      zone: id,
      epoch: claim.epoch,
      rows: zone.entities,
      replayedBytes: recovery.replayedBytes - before,
      isWarm,
      tookMs: clock.now() - startedAt,
    })
    zone.#startTimers()
    return zone
  }

  /** The tables, read-only. Rows are live. */
  get tables(): ReadTables<Kinds> {
    return this.#runner.tablesByName as unknown as ReadTables<Kinds>
  }

  /** Copies of rows that other zones own. */
  get replicas(): ReplicaTables<Kinds> {
    return this.#runner.replicas.readers as unknown as ReplicaTables<Kinds>
  }

  get state(): ZoneState {
    return this.#state
  }

  /** The last batch that is durable. */
  get durableSeq(): number {
    return this.#durableSeq
  }

  get entities(): number {
    return this.#runner.tables.reduce((sum, table) => sum + table.count, 0)
  }

  get counters(): ZoneCounters {
    return { ...this.#counts, ...this.#ops.counters, ...this.#borders.counters }
  }

  get sessions(): number {
    return this.#streams.held
  }

  /** How long nobody has been here, ms. */
  get idleMs(): number {
    const used =
      this.#state === 'held' || this.#streams.held > 0 || this.#publisher.subscriptions > 0 || this.#ops.isWaiting
    return used ? 0 : this.#options.clock.now() - this.#idleSince
  }

  status(): ZoneStatus {
    return {
      id: this.id,
      state: this.#state,
      ...(this.#state === 'stalled' && { stalledBecause: messageOf(this.#stallCause) }),
      epoch: this.epoch,
      isWarm: this.#isWarm,
      seq: this.#durableSeq,
      checkpoint: this.#checkpointer.position,
      entities: this.entities,
      sessions: this.#streams.held,
      tailBytes: this.#checkpointer.tailBytes,
      checkpointLagMs: this.#checkpointer.lagMs,
      ops: this.#ops.status(),
      replicas: this.#borders.status(),
    }
  }

  /** Ops that could not be applied here, oldest first. */
  deadLetters(): readonly DeadLetter[] {
    return [...this.#ops.deadLetters()]
  }

  /** What is wrong, by invariant. */
  checkInvariants(): { readonly invariant: string; readonly problem: string }[] {
    const problems: { invariant: string; problem: string }[] = []
    const invariants = (this.#options.world.invariants ?? {}) as Record<string, (tables: unknown) => string | undefined>
    for (const [invariant, check] of Object.entries(invariants)) {
      const problem = check(this.tables)
      if (problem !== undefined) problems.push({ invariant, problem })
    }
    return problems
  }

  // ── inputs ──────────────────────────────────────────────────────────────────────────────────────

  open(player: string, client: string, holder: StreamHolder, watches = false): InputStream {
    if (this.#state !== 'active') throw unavailable(this.#state)
    if (!watches) {
      const refused = this.#takeIn(player)
      if (refused !== undefined) throw new TerraneError(refused.code, refused.message)
    }
    const stream = this.#streams.ensure(streamName(player, client))
    stream.handle?.holder.onClosed(wireError('replaced'))
    stream.at = this.#options.clock.now()
    return this.#streams.hold(stream, holder, watches)
  }

  /** The first input of a session that watched. Says why the player is not let in: the next one tries again. */
  #admit(handle: StreamHandle): { readonly rejected: WireError } | undefined {
    if (this.#state !== 'active') return { rejected: wireError('zone_unavailable') }
    const refused = this.#takeIn(handle.player)
    if (refused !== undefined) return { rejected: refused }
    this.#streams.enter(handle)
    return undefined
  }

  /** Lets a player into the world, unless one of their sessions is in it already. Says why not. */
  #takeIn(player: string): WireError | undefined {
    const join = this.#options.world.join as ((tx: never) => unknown) | undefined
    if (join === undefined || this.#streams.sessionsOf(player) > 0) return undefined
    const outcome = this.#runner.run(player, join)
    if (outcome.kept) return undefined
    if ('rejection' in outcome) return outcome.rejection
    this.#options.report({ type: 'input_failed', zone: this.id, input: 'join', player, cause: outcome.failure })
    return wireError('world_error', `the world could not take ${player} in`)
  }

  close(handle: InputStream): void {
    this.#streams.release(handle as StreamHandle)
    this.#idleSince = this.#options.clock.now()
  }

  submit(handle: InputStream, seq: number, input: number, args: unknown): SubmitOutcome {
    const held = handle as StreamHandle
    const { stream } = held
    if (stream.handle !== handle) return { rejected: wireError('replaced') }
    if (this.#state !== 'active' && this.#state !== 'stalled') return { rejected: unavailable(this.#state).wire }
    if (seq <= stream.applied) return 'past'
    if (seq !== stream.applied + 1) return 'gap'
    stream.applied = seq
    this.#queueStream(stream)
    if (input === SKIP) return undefined
    this.#counts.inputs++
    const outcome = (held.watches ? this.#admit(held) : undefined) ?? this.#execute(stream, input, args)
    if (outcome !== undefined && 'rejected' in outcome) this.#counts.rejected++
    return outcome
  }

  #execute(stream: Stream, input: number, args: unknown): undefined | { result: unknown } | { rejected: WireError } {
    if (this.#state === 'stalled') return { rejected: wireError('zone_unavailable') }
    const handler = this.#inputs[input]
    if (handler === undefined) return { rejected: wireError('unknown_input', `no input has the number ${input}`) }
    const parsed = handler.parse(args)
    if (!parsed.ok) return { rejected: wireError('invalid_args', parsed.problem) }
    const outcome = this.#runner.run(stream.player, (tx) => handler.apply(tx, parsed.args))
    if (outcome.kept) return outcome.result === undefined ? undefined : { result: outcome.result }
    if ('rejection' in outcome) {
      const { code, message, retry } = outcome.rejection
      return { rejected: { code, message, retry } }
    }
    this.#options.report({
      type: 'input_failed',
      zone: this.id,
      input: handler.name,
      player: stream.player,
      cause: outcome.failure,
    })
    return { rejected: wireError('world_error') }
  }

  /**
   * Runs one of the world's commands, for an operator, and resolves with its result when everything that it has
   * changed and seen is durable. Rejects with the world's own codes; `unknown_command`, `invalid_args`,
   * `zone_unavailable` and `draining` had no effect. `zone_moved`: whether it has had one must be looked up.
   */
  async command(name: string, args: unknown): Promise<unknown> {
    if (this.#state !== 'active') throw unavailable(this.#state)
    const { world, report } = this.#options
    const outcome = runCommand(world, this.#runner, name, args)
    if ('failure' in outcome) {
      report({ type: 'command_failed', zone: this.id, command: name, cause: outcome.failure })
      throw new TerraneError('world_error', `the command ${name} failed in zone ${this.id}`, {
        hint: "It had no effect. The server's log says where the world failed.",
        cause: outcome.failure,
      })
    }
    this.#idleSince = this.#options.clock.now()
    const seq = this.#hasWork ? this.#sealedSeq + 1 : this.#sealedSeq
    if (this.#durableSeq < seq) {
      await new Promise<void>((resolve, reject) => this.#commands.push({ seq, resolve, reject }))
    }
    return outcome.result
  }

  subscribe(sink: StateSink, player: string, focus: Focus, resume?: ResumeFrom): Subscription {
    if (this.#state === 'closed') throw unavailable(this.#state)
    const subscription = this.#publisher.subscribe(
      sink,
      player,
      focus,
      resume?.epoch === this.epoch ? resume : undefined,
    )
    return {
      focus: (next) => subscription.focus(next),
      resync: (cells) => subscription.resync(cells),
      close: () => {
        this.#publisher.unsubscribe(subscription)
        this.#idleSince = this.#options.clock.now()
      },
    }
  }

  // ── commits ─────────────────────────────────────────────────────────────────────────────────────

  #changed(entity: Entity, mask: number, whole: boolean): void {
    entity.logMask |= mask
    if (whole) entity.logWhole = true
    if (!entity.logQueued) {
      entity.logQueued = true
      this.#dirty.push(entity)
      if (this.#dirty.length === 1) this.#options.committer.request(this)
    }
    if (this.#runner.context.published && entity.table.isPublic) this.#publisher.changed(entity, mask)
    this.#borders.changed(entity, whole)
  }

  #queueStream(stream: Stream): void {
    stream.at = this.#options.clock.now()
    if (stream.queued) return
    stream.queued = true
    this.#openStreams.push(stream)
    if (this.#openStreams.length === 1) this.#options.committer.request(this)
  }

  seal(): LogAppend | undefined {
    if (this.#state === 'closed' || !this.#ownsLog || !this.#hasWork) return undefined
    if (!this.#ops.isReady) {
      void this.#ops.resolve()
      return undefined
    }
    return this.#orFail(() => this.#sealBatch())
  }

  /** The open batch holds something. */
  get #hasWork(): boolean {
    return this.#dirty.length > 0 || this.#openStreams.length > 0 || this.#ops.hasWork
  }

  /** Memory is what is durable. */
  get isAtRest(): boolean {
    return !this.#hasWork && this.#sealedSeq === this.#durableSeq
  }

  #sealBatch(): LogAppend {
    assert(this.#sealedSeq === this.#durableSeq, `zone ${this.id}: a batch was sealed while another is in flight`)
    this.#borders.willSeal()
    this.#ops.seal()
    const dirty = this.#dirty
    const streams: (string | number)[] = []
    for (const stream of this.#openStreams) {
      stream.queued = false
      streams.push(stream.name, stream.applied)
      this.#sealedStreams.push({ stream, number: stream.applied })
      if (!stream.unsaved) this.#streams.markUnsaved(stream)
    }
    this.#dirty = []
    this.#openStreams = []
    const seq = ++this.#sealedSeq
    const rows = commitRowsOf(dirty)
    const payload = encodeBatch(this.#options.clock.now(), dirty, streams)
    this.#checkpointer.sealed(seq, payload.length, dirty)
    if (this.#checkpointer.due(this.#state === 'draining')) this.#checkpointer.copySlice(seq)
    this.#borders.sealed()
    const entry = { zone: this.id, seq, epoch: this.epoch, payload }
    return rows === undefined ? entry : { ...entry, rows }
  }

  committed(seq: number): void {
    if (this.#state === 'closed') return
    this.#durableSeq = seq
    if (this.#state === 'stalled') {
      this.#state = 'active'
      this.#options.report({ type: 'zone_resumed', zone: this.id })
    }
    const streams = this.#sealedStreams
    this.#sealedStreams = []
    for (const { stream, number } of streams) {
      stream.durable = number
      stream.handle?.holder.onDurable(stream.handle)
    }
    while (this.#commands[0] !== undefined && this.#commands[0].seq <= seq) this.#commands.shift()?.resolve()
    this.#ops.committed()
    this.#borders.committed()
    if (this.#hasWork) this.#options.committer.request(this)
    this.#checkpoints.pump()
    this.#settle()
  }

  fenced(): void {
    this.#end('fenced', wireError('zone_moved'))
  }

  refused(cause: unknown): void {
    this.#options.report({ type: 'zone_failed', zone: this.id, cause })
    this.#end('failed', wireError('zone_unavailable', 'the database refused a batch; the zone is loaded anew'))
  }

  stalled(cause: unknown): void {
    this.#stallCause = cause
    if (this.#state !== 'active') return
    this.#state = 'stalled'
    this.#options.report({ type: 'zone_stalled', zone: this.id, cause })
  }

  /** Appends the opening batch. */
  async #takeLog(recovery: Recovery): Promise<void> {
    const entry = this.#sealBatch()
    const results = await this.#options.store.log.append([entry])
    if (results[0] !== 'committed') {
      // Rare: rather than mend what has been sealed, start over with what the log now holds.
      throw new TerraneError('zone_busy', `zone ${this.id} was written by another owner while it was opened`, {
        retry: 'later',
      })
    }
    assert(recovery.seq === entry.seq - 1, 'the opening batch does not follow the recovered log')
    this.#ownsLog = true
    this.committed(entry.seq)
    this.#ops.start()
  }

  // ── ops ─────────────────────────────────────────────────────────────────────────────────────────

  /** Takes ops from another zone. While it is not active it takes none; they are sent again. */
  receive(parcel: OpParcel): void {
    if (this.#state !== 'active') return
    this.#idleSince = this.#options.clock.now()
    this.#orFail(() => this.#ops.receive(parcel))
  }

  /** Another zone says what it has durably delivered. */
  acknowledged(receipt: OpReceipt): void {
    if (this.#state === 'active') this.#orFail(() => this.#ops.acknowledged(receipt))
  }

  /** Another zone says something that nothing durable depends on. */
  told(note: ZoneNote): void {
    if (this.#state === 'active') this.#orFail(() => this.#borders.told(note))
  }

  /** A mistake of ours must neither go on with what is in memory nor take the other zones along. */
  #orFail<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (cause) {
      this.#options.report({ type: 'zone_failed', zone: this.id, cause })
      this.#end('failed', wireError('zone_unavailable', 'the zone failed and is loaded anew'))
      return undefined
    }
  }

  // ── time ────────────────────────────────────────────────────────────────────────────────────────

  #startTimers(): void {
    const { world, limits } = this.#options
    for (const [name, tick] of Object.entries((world.ticks ?? {}) as Record<string, TickDefinition<Kinds>>)) {
      if (tick.in?.(this.id) === false) continue
      this.#beats.every(tick.everyMs, (elapsedMs) => this.#tick(name, tick, elapsedMs))
    }
    this.#beats.every(this.#publisher.beatMs, () => this.#publisher.beat(this.#options.clock.now()))
    if (ZoneBorders.isUsedBy(world)) {
      this.#beats.every(1000 / this.hz, () =>
        this.#orFail(() => this.#borders.tick(this.isAtRest, this.#state === 'active')),
      )
    }
    this.#beats.every(Math.max(10, limits.checkpointEveryMs / 4), () => this.#checkpoints.pump())
  }

  #tick(name: string, tick: TickDefinition<Kinds>, elapsedMs: number): void {
    if (this.#state !== 'active') return
    this.#counts.ticks++
    const outcome = this.#options.tickTimes.measure(name, () => this.#runner.run('', (tx) => tick.apply(tx, elapsedMs)))
    if (outcome.kept) return
    const cause =
      'rejection' in outcome ? new Error(`${outcome.rejection.code}: ${outcome.rejection.message}`) : outcome.failure
    this.#options.report({ type: 'tick_failed', zone: this.id, tick: name, cause })
  }

  /** Forgets streams that have long been silent and cells that hold nothing. */
  async housekeep(): Promise<void> {
    const { clock, limits, store } = this.#options
    this.#streams.endIdle(clock.now() - limits.streamRetentionMs)
    this.#publisher.sweep()
    const upTo = this.#checkpointer.trimmable(clock.now() - limits.retentionMs)
    if (upTo > 0) await store.log.trim(this.id, upTo)
  }

  // ── rows that go from zone to zone ──────────────────────────────────────────────────────────────

  /** Tells clients to come back later, takes nothing, and resolves when all that it has is durable. */
  async hold(): Promise<void> {
    if (this.#state !== 'active') throw unavailable(this.#state)
    this.#enter('held')
    for (const handle of [...this.#streams.handles()]) {
      handle.holder.onClosed(wireError('zone_moved'))
      this.#streams.release(handle)
    }
    await new Promise<void>((resolve) => {
      this.#settled.push(resolve)
      this.#settle()
    })
    if (this.state !== 'held') throw unavailable(this.state)
  }

  /** Changes the rows of a held zone, and returns the batch, of which the caller says `committed` or `refused`. */
  transfer(change: (tables: readonly KindTable[]) => void): LogAppend {
    if (this.#state !== 'held') throw unavailable(this.#state)
    assert(this.isAtRest, `zone ${this.id} is not at rest`)
    const outcome = this.#runner.run('', () => change(this.#runner.tables))
    if (outcome.kept) return this.#sealBatch()
    throw 'rejection' in outcome ? outcome.rejection : outcome.failure
  }

  release(): void {
    if (this.#state !== 'held') return
    this.#idleSince = this.#options.clock.now()
    this.#enter('active')
    if (this.#hasWork) this.#options.committer.request(this)
  }

  #enter(state: ZoneState): void {
    this.#state = state
  }

  // ── the end ─────────────────────────────────────────────────────────────────────────────────────

  /** Takes no more inputs; resolves when everything is durable and in the tables, or the zone has closed. */
  async drain(why: ZoneEnd = 'drained'): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'draining'
    const error = wireError('draining')
    for (const handle of [...this.#streams.handles()]) handle.holder.onClosed(error)
    this.#checkpoints.pump()
    await new Promise<void>((resolve) => {
      this.#settled.push(resolve)
      this.#settle()
    })
    this.#end(why, error)
  }

  /** Lets go at once, as a crash does; what is not durable is lost to memory only. */
  stop(): void {
    this.#end('stopped', wireError('draining'))
  }

  #settle(): void {
    const done =
      this.#state === 'closed' ||
      (this.#state === 'held' && this.isAtRest) ||
      (this.#state === 'draining' && this.isAtRest && !this.#checkpoints.isWriting && this.#checkpointer.clean)
    if (!done) return
    const waiting = this.#settled
    this.#settled = []
    for (const resolve of waiting) resolve()
  }

  #end(why: ZoneEnd, error: WireError): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#beats.stop()
    this.#ops.stop()
    this.#checkpointer.stop()
    this.#publisher.stop()
    for (const handle of [...this.#streams.handles()]) handle.holder.onClosed(error)
    for (const { reject } of this.#commands.splice(0)) reject(unavailable('closed'))
    this.#settle()
    this.#options.report({ type: 'zone_closed', zone: this.id, why })
    this.#options.closed(this, why)
  }
}

interface PendingCommand {
  /** The batch with which it is durable. */
  readonly seq: number
  resolve(): void
  reject(error: Error): void
}

interface ZoneParts {
  readonly runner: TransactionRunner
  readonly streams: Streams
  readonly publisher: Publisher
  readonly checkpointer: Checkpointer
  readonly ops: ZoneOps
  readonly borders: ZoneBorders
  readonly seq: number
  readonly isWarm: boolean
}
