import { fileURLToPath } from 'node:url'
import { systemTimers } from '@terrane/core'
import { broadcastHeader, EVENT_ACK, joinBytes, pack } from '@terrane/protocol'
import { Channel } from '../connection/channel.js'
import { DEFAULT_LIMITS } from '../limits.js'
import { InputLog } from './input-log.js'

const TOPIC = 'zone:main'

/**
 * CPU time of sending inputs and handling their acks, without the socket: µs per input. One frame per input,
 * one ack per `perAck` of them. With `promises`, `durable` of each input is read and awaited.
 */
export async function measureSendPath(inputs: number, perAck: number, promises: boolean): Promise<number> {
  let bytes = 0
  const socket = {
    sendText() {},
    sendBinary(frame: Uint8Array) {
      bytes += frame.length
    },
    close() {},
  }
  const log = new InputLog({ topic: TOPIC, acks: 'durable', unknownOutcome: 'resolve', limits: DEFAULT_LIMITS })
  const handlers = {
    onAck: (bytes: Uint8Array, at: number) => log.onAck(bytes, at),
    onState() {},
    onEvent() {},
    onFailed(error: Error) {
      throw error
    },
  }
  const options = { topic: TOPIC, joinRef: '1', heartbeatMs: 1e6, requestsMax: 8 }
  const channel = new Channel(socket, handlers, systemTimers, options)
  const inputKinds = [{ name: 'transfer', fields: ['from', 'to', 'amount'] }]
  const stand = { zone: 'main', epoch: 1, player: 'p', applied: 0, durable: 0, world: 'w', protocol: 1, now: 0, hz: 20 }
  log.onJoined({ ...stand, inputs: inputKinds, kinds: [] }, '1', (frame) => channel.send(frame))

  const head = broadcastHeader(TOPIC, EVENT_ACK)
  let microseconds = 0
  let settled = 0
  for (let sent = 0; sent < inputs; ) {
    // Acks are built ahead: that is the server's work.
    const acks: Uint8Array[] = []
    const end = Math.min(inputs, sent + 20_000)
    for (let seq = sent + perAck; seq <= end; seq += perAck) acks.push(joinBytes(head, pack([seq, seq, []])))
    const start = process.cpuUsage()
    for (const ack of acks) {
      for (let i = 0; i < perAck; i++, sent++) {
        const args = { from: (sent * 7_919) % 100_000, to: (sent * 104_729) % 100_000, amount: 5 }
        const input = log.send('transfer', args)
        if (promises) input.durable.then(() => settled++)
      }
      channel.receiveBinary(ack)
    }
    if (promises) await Promise.resolve()
    const { user, system } = process.cpuUsage(start)
    microseconds += user + system
    // What is left over when `perAck` does not divide the round.
    if (acks.length === 0) break
  }
  if (promises) await new Promise((resolve) => setImmediate(resolve))
  if (bytes === 0 || (promises && settled === 0)) throw new Error('nothing was sent')
  return microseconds / inputs
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const promises of [false, true]) {
    for (const perAck of [1, 8, 40]) {
      await measureSendPath(100_000, perAck, promises)
      const us = await measureSendPath(400_000, perAck, promises)
      console.log(`${us.toFixed(2)} µs per input, ${perAck} per ack${promises ? ', awaiting `durable`' : ''}`)
    }
  }
}
