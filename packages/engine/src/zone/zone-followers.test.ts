import { Prng } from '@terrane/core'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { proofWorld, SimulatedTime } from '@terrane/testing'
import { describe, expect, test } from 'vitest'
import { Engine } from '../engine.js'
import type { EngineEvent } from './events.js'
import type { Zone } from './zone.js'

const ZONE = 'main'
const LIMITS = { leaseMs: 1_000, checkpointRowsMax: 7, checkpointEveryMs: 90, retentionMs: 1_500, idleMs: 400 }

interface Process {
  readonly engine: Engine
  readonly events: EngineEvent[]
}

function start(disk: MemoryDisk, time: SimulatedTime, owner: string, follows: boolean): Process {
  const events: EngineEvent[] = []
  const engine = new Engine({
    world: proofWorld,
    store: new MemoryStore(disk, { clock: time, chunkSize: 9 }),
    clock: time,
    timers: time,
    seed: owner,
    owner,
    follows,
    shared: { prefers: follows ? [] : [ZONE] },
    limits: LIMITS,
    report: (event) => events.push(event),
  })
  void engine.start()
  return { engine, events }
}

/** Plays for a while: rows come, change and go. */
async function play(zone: Zone, time: SimulatedTime, random: Prng, rounds: number): Promise<void> {
  const clients = ['ann', 'bob', 'cid'].map((player) =>
    zone.open(player, 'test', { onDurable: () => {}, onClosed: () => {} }),
  )
  const place = () => random.between(-60, 60)
  const id = () => `t${random.below(40)}`
  const inputs = [
    () => ({ from: random.below(12), to: random.below(12), amount: random.between(1, 300) }),
    () => ({ account: random.below(12), amount: random.between(1, 50) }),
    () => ({ id: id(), x: place(), y: place() }),
    () => ({ id: id(), x: place() }),
    () => ({ id: `p${random.below(9)}`, x: place(), y: place() }),
    () => ({ id: id() }),
  ]
  for (let i = 0; i < rounds; i++) {
    const stream = clients[random.below(clients.length)] as (typeof clients)[number]
    const input = random.below(inputs.length)
    zone.submit(stream, stream.applied + 1, input, inputs[input]?.())
    if (random.chance(0.3)) await time.advance(random.below(60))
  }
  for (const stream of clients) zone.close(stream)
}

function rowsOf(zone: Zone) {
  return Object.entries(zone.tables).map(([name, table]) => [
    name,
    [...table.all()].map((row) => JSON.stringify(row)).sort(),
  ])
}

/** All rows, and where the players' inputs stand. */
function stateOf(zone: Zone) {
  const streams = ['ann', 'bob', 'cid'].map((player) => {
    const stream = zone.open(player, 'test', { onDurable: () => {}, onClosed: () => {} })
    zone.close(stream)
    return [player, stream.applied]
  })
  return { rows: rowsOf(zone), streams }
}

/** What a process that has seen nothing of the zone before makes of this disk. */
async function coldState(disk: MemoryDisk, time: SimulatedTime) {
  const copy = new SimulatedTime(time.now() + 60_000)
  const { engine } = start(disk.copy(), copy, 'cold', false)
  await copy.until(() => engine.opened(ZONE) !== undefined)
  const state = stateOf(engine.opened(ZONE) as Zone)
  engine.stop()
  return state
}

const openings = ({ events }: Process) => events.flatMap((event) => (event.type === 'zone_opened' ? [event] : []))

describe('a standby', () => {
  test.each(Array.from({ length: 20 }, (_, i) => i))(
    'has what the log has, whenever it began, and the tables after it (seed %i)',
    async (seed) => {
      const random = new Prng(`followers ${seed}`)
      const time = new SimulatedTime()
      const disk = new MemoryDisk()
      const owner = start(disk, time, 'owner', false)
      await time.until(() => owner.engine.opened(ZONE) !== undefined)
      const zone = owner.engine.opened(ZONE) as Zone
      await play(zone, time, random, random.below(300))
      const standby = start(disk, time, 'standby', true)
      await play(zone, time, random, 400 + random.below(400))
      await time.until(() => standby.engine.followed().some(({ readAt }) => readAt > 0))
      await play(zone, time, random, random.below(100))
      owner.engine.stop()
      const diedAt = time.now()
      const expected = await coldState(disk, time)
      await time.until(() => standby.engine.opened(ZONE) !== undefined)
      expect(time.now() - diedAt).toBeLessThanOrEqual((LIMITS.leaseMs * 4) / 3 + 100)
      const taken = standby.engine.opened(ZONE) as Zone
      expect(stateOf(taken)).toEqual(expected)
      expect(openings(standby)).toMatchObject([{ isWarm: true, epoch: 2 }])
      expect(standby.engine.checkInvariants()).toEqual([])

      // What it has not seen change must reach the tables all the same, and what it writes must be complete.
      await play(taken, time, random, 50)
      let isDrained = false
      void standby.engine.drain().then(() => {
        isDrained = true
      })
      await time.until(() => isDrained)
      const lasting = rowsOf(taken)
      const later = start(disk, time, 'later', false)
      await time.until(() => later.engine.opened(ZONE) !== undefined)
      expect(openings(later)[0]?.replayedBytes).toBe(0)
      expect(rowsOf(later.engine.opened(ZONE) as Zone)).toEqual(lasting)
      for (const { events } of [owner, standby, later]) {
        expect(events.filter(({ type }) => type.endsWith('failed'))).toEqual([])
      }
      later.engine.stop()
    },
  )

  test('reads the end of the log only, and is handed from owner to owner', async () => {
    const random = new Prng('handed')
    const time = new SimulatedTime()
    const disk = new MemoryDisk()
    let owner = start(disk, time, 'first', false)
    await time.until(() => owner.engine.opened(ZONE) !== undefined)
    await play(owner.engine.opened(ZONE) as Zone, time, random, 2_000)
    for (let epoch = 2; epoch < 6; epoch++) {
      const standby = start(disk, time, `owner ${epoch}`, true)
      await time.until(() => standby.engine.followed().some(({ readAt }) => readAt > 0))
      const { seq } = (owner.engine.opened(ZONE) as Zone).status()
      expect(standby.engine.followed()).toMatchObject([{ id: ZONE, seq: expect.any(Number) }])
      await time.until(() => (standby.engine.followed()[0]?.seq ?? 0) >= seq)
      owner.engine.stop()
      await time.until(() => standby.engine.opened(ZONE) !== undefined)
      expect(openings(standby)).toMatchObject([{ isWarm: true, epoch }])
      expect(standby.engine.followed()).toEqual([])
      owner = standby
      await play(owner.engine.opened(ZONE) as Zone, time, random, 200)
    }
    owner.engine.stop()
  })

  test('begins anew when the log was trimmed before it was read', async () => {
    const random = new Prng('trimmed')
    const time = new SimulatedTime()
    const disk = new MemoryDisk()
    const owner = start(disk, time, 'owner', false)
    await time.until(() => owner.engine.opened(ZONE) !== undefined)
    const standby = start(disk, time, 'standby', true)
    await time.until(() => standby.engine.followed().some(({ readAt }) => readAt > 0))
    await play(owner.engine.opened(ZONE) as Zone, time, random, 100)
    await time.advance(1_000)
    // As if it had slept for longer than the log is kept.
    await play(owner.engine.opened(ZONE) as Zone, time, random, 3)
    const { log } = disk.zone(ZONE)
    log.splice(0, log.length - 1)
    await time.until(() => standby.events.some(({ type }) => type === 'follow_failed'))
    await time.until(() => standby.engine.followed().some(({ readAt }) => readAt > 0))
    await play(owner.engine.opened(ZONE) as Zone, time, random, 100)
    owner.engine.stop()
    const expected = await coldState(disk, time)
    await time.until(() => standby.engine.opened(ZONE) !== undefined)
    expect(stateOf(standby.engine.opened(ZONE) as Zone)).toEqual(expected)
    standby.engine.stop()
  })
})
