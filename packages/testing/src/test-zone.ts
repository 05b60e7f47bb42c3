import {
  type AnyWorld,
  Engine,
  type EngineEvent,
  type EngineLimits,
  type InputStream,
  type Zone,
} from '@terrane/engine'
import { MemoryDisk, MemoryStore, type StoreFaults } from '@terrane/store-memory'
import { SimulatedTime } from './simulated-time.js'

export interface TestZone {
  readonly engine: Engine
  readonly zone: Zone
  /** Moves only when told to: `advance` runs ticks, commits and checkpoints that fall due. */
  readonly time: SimulatedTime
  readonly disk: MemoryDisk
  readonly events: readonly EngineEvent[]
  /**
   * Sends an input as a player and returns what it answered. Throws when it was rejected, with the code in
   * the message; use `attempt` to look at rejections.
   */
  send(player: string, input: string, args?: unknown): unknown
  attempt(
    player: string,
    input: string,
    args?: unknown,
  ): { readonly code: string; readonly message: string } | undefined
  /** Problems that the world's invariants find. */
  problems(): string[]
  /** Waits until all inputs are durable. */
  durable(): Promise<void>
  /** Drops the process without warning and opens the zone again from the disk. */
  crash(): Promise<TestZone>
  close(): Promise<void>
}

/** Opens one zone of a world on a store in memory: for testing world code by its rules alone. */
export async function openTestZone(
  world: AnyWorld,
  options: {
    readonly zone?: string
    readonly seed?: string
    readonly time?: SimulatedTime
    readonly disk?: MemoryDisk
    readonly limits?: Partial<EngineLimits>
    /** What the store does wrong; `before` and `after` are asked at each of its calls. */
    readonly faults?: StoreFaults
  } = {},
): Promise<TestZone> {
  const time = options.time ?? new SimulatedTime()
  const disk = options.disk ?? new MemoryDisk()
  const events: EngineEvent[] = []
  const engine = new Engine({
    world,
    store: new MemoryStore(disk, { clock: time, ...(options.faults && { faults: options.faults }) }),
    clock: time,
    timers: time,
    seed: options.seed ?? 'test',
    owner: 'test',
    limits: { leaseMs: 1_000_000, ...options.limits },
    report: (event) => events.push(event),
  })
  await whileRunning(time, engine.start())
  const zone = await whileRunning(time, engine.zone(options.zone ?? world.layout.standing[0] ?? 'main'))
  const streams = new Map<string, InputStream>()
  const submit = (player: string, input: string, args: unknown) => {
    const number = world.inputNames.indexOf(input)
    if (number === -1) throw new Error(`the world has no input "${input}"`)
    let stream = streams.get(player)
    if (stream === undefined) {
      stream = zone.open(player, 'test', { onDurable: () => {}, onClosed: () => {} })
      streams.set(player, stream)
    }
    return zone.submit(stream, stream.applied + 1, number, args)
  }
  return {
    engine,
    zone,
    time,
    disk,
    events,
    send(player, input, args = {}) {
      const outcome = submit(player, input, args)
      if (typeof outcome === 'string') throw new Error(`the input was not taken: ${outcome}`)
      if (outcome === undefined) return undefined
      if ('rejected' in outcome) throw new Error(`${outcome.rejected.code}: ${outcome.rejected.message}`)
      return outcome.result
    },
    attempt(player, input, args = {}) {
      const outcome = submit(player, input, args)
      return typeof outcome === 'object' && 'rejected' in outcome ? outcome.rejected : undefined
    },
    problems: () => zone.checkInvariants().map(({ invariant, problem }) => `${invariant}: ${problem}`),
    durable: () => time.until(() => [...streams.values()].every((stream) => stream.durable === stream.applied)),
    async crash() {
      engine.stop()
      return openTestZone(world, { ...options, time, disk })
    },
    close: () => whileRunning(time, engine.drain()),
  }
}

/** Awaits a promise whose progress depends on simulated time. */
async function whileRunning<T>(time: SimulatedTime, promise: Promise<T>): Promise<T> {
  let settled = false
  const watched = promise.finally(() => {
    settled = true
  })
  watched.catch(() => {})
  await time.until(() => settled)
  return watched
}
