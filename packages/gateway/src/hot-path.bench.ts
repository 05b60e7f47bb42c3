import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import { systemClock, systemTimers } from '@terrane/core'
import { encodeText, joinBytes, pack, pushHeader } from '@terrane/protocol'
import type { WebSocket } from 'ws'
import { Counters } from './counters.js'
import { DirectWrites } from './direct-writes.js'
import { resolveLimits } from './limits.js'
import { PayloadReader } from './payload-reader.js'
import { PresenceTopics } from './presence.js'
import { Session } from './session.js'
import { FAKE_WORLD, FakeZone } from './test-support/fake-zone.js'
import { Turn } from './turn.js'
import { ZoneCasts } from './zone-cast.js'
import { worldTables } from './zone-services.js'

/** What the hot path costs in the gateway: frames of inputs from `message` to the zone, and the acks. */
export interface HotPathFigures {
  /** µs per frame of one input, with the fake zone, without ws and the kernel. */
  readonly perSingleInputFrameUs: number
  /** µs per input in frames of eight. */
  readonly perInputOfEightUs: number
}

class FakeSocket extends EventEmitter {
  readonly readyState = 1
}

/** 64 sessions take turns of 16 frames, then everything becomes durable: `count` inputs in all. */
export async function measureHotPath(count: number, inputsPerFrame: number): Promise<number> {
  const limits = resolveLimits({ inputsPerSecond: Number.POSITIVE_INFINITY })
  const counters = new Counters(limits.codesMax)
  const zone = new FakeZone()
  zone.commits = 'by hand'
  zone.keepsLog = false
  const directWrites = new DirectWrites()
  const services = {
    zones: async () => zone,
    world: worldTables(FAKE_WORLD),
    limits,
    clock: systemClock,
    turn: new Turn(systemClock, systemTimers, counters.appliedMs, () => {}),
    counters,
    presence: new PresenceTopics(systemClock, systemTimers, Math.random, limits),
    reader: new PayloadReader(),
    directWrites,
    casts: new ZoneCasts(directWrites, counters),
    onBug: (error: unknown) => {
      throw error
    },
    stats: undefined,
    observers: false,
    relays: undefined,
    feeds: undefined,
  }
  const sockets: FakeSocket[] = []
  for (let i = 0; i < 64; i++) {
    const socket = new FakeSocket()
    const wire = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
    const identity = { player: `player${i}`, role: 'player' } as const
    new Session(socket as unknown as WebSocket, wire, identity, services, () => {})
    const params = { format: 'binary', acks: 'durable', presence: false }
    const join = encodeText({ joinRef: '1', ref: '1', topic: 'zone:main', event: 'phx_join', payload: params })
    socket.emit('message', Buffer.from(join), false)
    sockets.push(socket)
  }
  await new Promise((resolve) => setImmediate(resolve))

  const head = pushHeader('1', '', 'zone:main', 'i')
  const turns = Math.ceil(count / (64 * 16 * inputsPerFrame))
  let seq = 1
  let spent = 0n
  for (let turn = 0; turn < turns; turn++) {
    // As ws yields them: views into a large buffer.
    const frames: Buffer[] = []
    for (let k = 0; k < 16; k++) {
      const inputs: unknown[] = [seq]
      for (let j = 0; j < inputsPerFrame; j++) inputs.push(0, [seq & 0xffff, 98_765 + j, 10])
      seq += inputsPerFrame
      frames.push(Buffer.from(joinBytes(head, pack(inputs))))
    }
    const begin = process.hrtime.bigint()
    for (const socket of sockets) {
      for (const frame of frames) socket.emit('message', frame, true)
    }
    zone.commit()
    await new Promise((resolve) => setImmediate(resolve))
    spent += process.hrtime.bigint() - begin
  }
  const inputs = turns * 64 * 16 * inputsPerFrame
  if (counters.inputs !== inputs) throw new Error(`${counters.inputs} of ${inputs} inputs arrived`)
  return Number(spent) / 1000 / inputs
}

export async function hotPathFigures(count: number): Promise<HotPathFigures> {
  await measureHotPath(Math.ceil(count / 5), 1)
  return {
    perSingleInputFrameUs: await measureHotPath(count, 1),
    perInputOfEightUs: await measureHotPath(count, 8),
  }
}
