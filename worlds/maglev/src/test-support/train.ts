import { Engine, type EngineEvent, type InputStream } from '@terrane/engine'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '@terrane/testing'
import maglev, { CARS, type CarZone, COURIER, type Mission, type Score, TERMINAL } from '../index.js'
import type { Brain } from '../players/brain.js'
import type { TrainView } from '../players/view.js'

/** A train in this process, on a store in memory and simulated time. */
export interface Train {
  readonly time: SimulatedTime
  readonly view: TrainView
  readonly events: readonly EngineEvent[]
  /** Joins both cars. */
  board(player: string): void
  /** The rejection's code, or what it answered. */
  send(player: string, zone: CarZone, input: string, args?: unknown): unknown
  /** Lets these players play, and time pass. */
  play(brains: ReadonlyMap<string, Brain>, ms: number): Promise<void>
  missions(): Mission[]
  scores(): Score[]
  runs(): { readonly player: string; readonly cores: number; readonly result: string }[]
  problems(): unknown[]
}

export async function openTrain(): Promise<Train> {
  const time = new SimulatedTime()
  const events: EngineEvent[] = []
  const engine = new Engine({
    world: maglev,
    store: new MemoryStore(new MemoryDisk(), { clock: time }),
    clock: time,
    timers: time,
    seed: 'train',
    owner: 'test',
    limits: { leaseMs: 1_000_000 },
    report: (event) => events.push(event),
  })
  await engine.start()
  const zoneOf = (name: string) => {
    const zone = engine.opened(name)
    if (zone === undefined) throw new Error(`zone ${name} is not open`)
    return zone
  }
  // biome-ignore lint/suspicious/noExplicitAny: the tables of a zone are those of the world
  const tablesOf = (name: string) => zoneOf(name).tables as any
  const view = { [COURIER]: tablesOf(COURIER), [TERMINAL]: tablesOf(TERMINAL) } as TrainView
  const streams = new Map<string, InputStream>()
  const inAllZones = <Row>(kind: string) =>
    engine.zones().flatMap(({ id }): Row[] => Array.from(tablesOf(id)[kind].all(), (row: Row) => ({ ...row })))
  const train: Train = {
    time,
    view,
    events,
    board(player) {
      for (const zone of Object.keys(CARS)) {
        streams.set(`${zone} ${player}`, zoneOf(zone).open(player, 'test', { onDurable: () => {}, onClosed: () => {} }))
      }
    },
    send(player, zone, input, args = {}) {
      const stream = streams.get(`${zone} ${player}`)
      if (stream === undefined) throw new Error(`${player} has not boarded`)
      const outcome = zoneOf(zone).submit(stream, stream.applied + 1, maglev.inputNames.indexOf(input), args)
      if (typeof outcome !== 'object') return outcome
      return 'rejected' in outcome ? outcome.rejected.code : outcome.result
    },
    async play(brains, ms) {
      for (let passed = 0; passed < ms; passed += 50) {
        await time.advance(50)
        for (const [player, brain] of brains) {
          for (const { zone, input, args } of brain.think(view)) train.send(player, zone, input, args)
        }
      }
    },
    missions: () => inAllZones('missions'),
    scores: () => inAllZones('scores'),
    runs: () => inAllZones('runs'),
    problems: () => engine.checkInvariants(),
  }
  return train
}
