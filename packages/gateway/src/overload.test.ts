import type { Socket } from 'node:net'
import { wireError } from '@terrane/protocol'
import { describe, expect, test } from 'vitest'
import { RawClient } from './test-support/raw-client.js'
import { startTestServer } from './test-support/test-server.js'

const MOVE: [number, unknown] = [0, [1, 2]]
const CRAFT: [number, unknown] = [1, ['x'.repeat(200)]]

/** The TCP socket under a client, to stop reading from it. */
function tcpOf(client: RawClient): Socket {
  return (client.socket as unknown as { _socket: Socket })._socket
}

describe('rate limits', () => {
  test('inputs above the limit are refused one by one; those behind them fit', async () => {
    const { connect, zone, clock } = await startTestServer({ limits: { inputsPerSecond: 1, inputsBurst: 3 } })
    clock.halt()
    const client = await connect()
    await client.join({ format: 'binary' })
    client.inputs(1, MOVE, MOVE, MOVE, MOVE, MOVE)
    await client.durable(5)
    expect(client.acks().flatMap((ack) => ack.outcomes)).toEqual([
      4,
      1,
      wireError('rate_limited'),
      5,
      1,
      wireError('rate_limited'),
    ])
    expect(zone.executed.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  test('a refused text input takes no number unless it has one', async () => {
    const { connect, clock } = await startTestServer({ limits: { inputsPerSecond: 1, inputsBurst: 1 } })
    clock.halt()
    const client = await connect()
    await client.join()
    const move = (seq?: number) => client.push('zone:main', 'input', { name: 'move', args: [1, 2], seq })
    expect((await move()).response).toEqual({ seq: 1 })
    expect((await move()).response).toEqual(wireError('rate_limited'))
    expect((await move(2)).response).toEqual(wireError('rate_limited'))
    clock.shiftMs += 1_500
    expect((await move()).response).toEqual({ seq: 3 })
  })

  test('10,000 messages at once from one socket: limited, then closed; others do not notice', async () => {
    const { connect, zone, gateway, clock } = await startTestServer()
    clock.halt()
    const [flooder, other] = [await connect('mallory'), await connect('ada')]
    await flooder.join({ format: 'binary' })
    await other.join({ format: 'binary' })
    for (let seq = 1; seq <= 10_000; seq++) flooder.inputs(seq, MOVE)
    for (let seq = 1; seq <= 50; seq++) {
      other.inputs(seq, MOVE)
      await other.message(() => other.acks().some((ack) => ack.applied >= seq))
    }
    expect(await flooder.ending('zone:main')).toMatchObject({ code: 'flooding', closeCode: 4003, retry: 'later' })
    expect(zone.executed.filter(({ player }) => player === 'mallory')).toHaveLength(400)
    expect(zone.executed.filter(({ player }) => player === 'ada')).toHaveLength(50)
    // Of the 2,000 tokens for frames, the join took one, 400 inputs one each, and each refused one two.
    expect(flooder.acks().flatMap((ack) => ack.outcomes).length / 3).toBe(799)
    expect(gateway.stats()).toMatchObject({ sessions: 1, closes: { flooding: 1 } })
  })

  test('control messages count, and so do bytes', async () => {
    const { connect, clock } = await startTestServer({ limits: { framesBurst: 1_000, bytesBurst: 200_000 } })
    clock.halt()
    const [chatty, heavy] = [await connect('ada'), await connect('bob')]
    for (let i = 0; i < 1_100; i++) chatty.cast('phoenix', 'heartbeat', {}, null)
    for (let i = 0; i < 4; i++) heavy.cast('phoenix', 'heartbeat', 'x'.repeat(100_000), null)
    expect((await chatty.ending()).code).toBe('flooding')
    expect((await heavy.ending()).code).toBe('flooding')
  })
})

test('pings count too, though ws answers them', async () => {
  const { connect, clock, gateway } = await startTestServer()
  clock.halt()
  const client = await connect()
  for (let i = 0; i < 2_100; i++) client.socket.ping()
  await client.closed
  // Nothing says that ws does not cut a flood of pings before we do.
  expect(gateway.stats().sessions).toBe(0)
})

describe('a client that stops reading', () => {
  test('gets no state while it is congested, and is closed when that lasts', async () => {
    const { connect, zone, clock } = await startTestServer({ limits: { congestedBytes: 64 * 1024, sweepMs: 20 } })
    const [stuck, other] = [await connect('ada'), await connect('bob')]
    await stuck.join({ format: 'binary' })
    await other.join({ format: 'binary' })
    tcpOf(stuck).pause()
    const block = new Uint8Array(100_000)
    let delivered = 2
    // The kernels' buffers fill first.
    for (let i = 0; i < 500 && delivered === 2; i++) {
      delivered = zone.publish(block)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(() => zone.publish(block)).toBe(1)
    clock.shiftMs += 11_000
    other.cast('phoenix', 'heartbeat', {}, null)
    await expect.poll(() => zone.sinks.size).toBe(1)
    tcpOf(stuck).resume()
    expect(await stuck.ending('zone:main')).toMatchObject({ code: 'too_slow', closeCode: 4004 })
  })

  test('that reads again in time gets one cumulative ack', async () => {
    const { connect, zone } = await startTestServer({ limits: { congestedBytes: 64 * 1024 } })
    zone.commits = 'by hand'
    const client = await connect()
    await client.join({ format: 'binary' })
    client.inputs(1, MOVE)
    await client.event('a')
    tcpOf(client).pause()
    const block = new Uint8Array(100_000)
    for (let i = 0; i < 500 && zone.publish(block) === 1; i++) await new Promise((resolve) => setImmediate(resolve))
    const before = client.acks().length
    for (let seq = 2; seq <= 20; seq++) {
      client.inputs(seq, MOVE)
      zone.commit()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await expect.poll(() => zone.executed.length).toBe(20)
    zone.commit()
    tcpOf(client).resume()
    await client.durable(20)
    expect(client.acks().length - before).toBeLessThan(4)
  })

  test('and leaves results unread is closed before they take much memory', async () => {
    const { connect, zone, gateway } = await startTestServer({
      limits: { congestedBytes: 64 * 1024, outcomesMax: 500, inputsPerSecond: 100_000 },
    })
    const client = await connect()
    await client.join({ format: 'binary' })
    tcpOf(client).pause()
    const block = new Uint8Array(100_000)
    for (let i = 0; i < 500 && zone.publish(block) === 1; i++) await new Promise((resolve) => setImmediate(resolve))
    for (let seq = 1; seq <= 1_000; seq++) client.inputs(seq, CRAFT)
    await expect.poll(() => gateway.stats().closes).toEqual({ too_slow: 1 })
  })

  test('but asks for replies without end is cut at once', async () => {
    const { connect, gateway } = await startTestServer({
      limits: { congestedBytes: 64 * 1024, unsentBytesMax: 128 * 1024, inputsPerSecond: 1_000_000 },
    })
    const client = await connect()
    tcpOf(client).pause()
    const topic = `zone:${'x'.repeat(20_000)}`
    for (let i = 0; i < 2_000; i++) client.cast(topic, 'phx_join', {})
    await expect
      .poll(() => gateway.stats(), { timeout: 10_000 })
      .toMatchObject({ sessions: 0, closes: { too_slow: 1 } })
  })
})

describe('bounds on sessions', () => {
  test('a silent client is closed', async () => {
    const { connect, clock } = await startTestServer({ limits: { sweepMs: 20 } })
    const client = await connect()
    clock.shiftMs += 59_000
    client.cast('phoenix', 'heartbeat', {}, null)
    await client.event('phx_reply')
    clock.shiftMs += 59_000
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(client.socket.readyState).toBe(1)
    clock.shiftMs += 2_000
    expect(await client.ending('phoenix')).toMatchObject({ code: 'silent', closeCode: 4007, retry: 'later' })
  })

  test('a full server, and a player with too many sessions, are told to come again', async () => {
    const { connect } = await startTestServer({ limits: { sessionsMax: 3, sessionsPerPlayerMax: 2 } })
    await connect('ada')
    await connect('ada')
    const third = await connect('ada')
    expect(await third.ending()).toMatchObject({
      code: 'full',
      closeCode: 1013,
      message: expect.stringMatching('player'),
    })
    await connect('bob')
    const fourth = await connect('eve')
    expect(await fourth.ending()).toMatchObject({ code: 'full', closeCode: 1013, retry: 'later' })
  })

  test('when very many are refused at one time, the rest gets HTTP 503', async () => {
    const { url } = await startTestServer({ limits: { refusalsMax: 0 } })
    const client = new RawClient(`${url}/websocket?vsn=2.0.0`)
    await expect(client.opened).rejects.toThrow('503')
  })

  test('a storm of 500 clients that come back joins within seconds, and nobody is left out', async () => {
    const { connect, gateway } = await startTestServer()
    const clients = await Promise.all(Array.from({ length: 500 }, (_, i) => connect(`p${i}`)))
    const replies = await Promise.all(
      clients.map((client) => client.join({ format: 'binary', presence: false, resume: { epoch: 7, cells: [1, 2] } })),
    )
    expect(replies.every((reply) => reply.status === 'ok')).toBe(true)
    expect(gateway.stats()).toMatchObject({ sessions: 500, channels: 500 })
  })
})

describe('drain', () => {
  test('what was taken becomes durable and is acknowledged; then clients are told and closed', async () => {
    const { connect, zone, gateway, url } = await startTestServer()
    zone.commits = 'by hand'
    const client = await connect()
    await client.join({ format: 'binary', acks: 'durable' })
    client.inputs(1, MOVE)
    await expect.poll(() => zone.executed.length).toBe(1)
    const drained = gateway.drain()
    setTimeout(() => zone.commit(), 50)
    const late = new RawClient(`${url}/websocket?vsn=2.0.0`)
    expect((await late.ending()).closeCode).toBe(1012)
    expect(await client.ending('zone:main')).toEqual({
      ...wireError('draining'),
      closeCode: 1012,
      reason: expect.stringMatching(/^draining: /),
    })
    expect(client.acks()).toEqual([{ applied: 1, durable: 1, outcomes: [] }])
    await drained
    expect(gateway.stats()).toMatchObject({ sessions: 0, channels: 0, closes: { draining: 2 } })
    expect(zone.held).toBe(0)
  })

  test('sockets that were refused are gone when the gateway stops', async () => {
    const { url, gateway } = await startTestServer()
    const refused = new RawClient(`${url}/websocket?vsn=2.0.0`)
    await refused.event('closing')
    tcpOf(refused).pause()
    gateway.stop()
    tcpOf(refused).resume()
    await refused.closed
  })

  test('does not wait for ever: neither for a stuck zone nor for a stuck client', async () => {
    const { connect, zone, gateway } = await startTestServer({ limits: { drainGraceMs: 50, drainMs: 100 } })
    zone.commits = 'by hand'
    const client = await connect()
    await client.join({ format: 'binary' })
    client.inputs(1, MOVE)
    await client.event('a')
    tcpOf(client).pause()
    await gateway.drain()
    await expect.poll(() => gateway.stats().sessions).toBe(0)
  })
})
