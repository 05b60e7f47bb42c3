import { BlockEncoder, ENTRY_FULL, encodeMark, FORM_SNAPSHOT, pack } from '@terrane/protocol'
import { type Channel, Presence, Socket } from 'phoenix'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { FAKE_WORLD } from './test-support/fake-zone.js'
import { startTestServer, type TestServer } from './test-support/test-server.js'

/** The `phoenix` package from npm as it is. */
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect()
})

async function connect(server: TestServer, player: string, how: 'authToken' | 'params' = 'authToken'): Promise<Socket> {
  const token = await server.auth.issueGuestToken(player)
  const socket = new Socket(server.url, {
    transport: WebSocket as never,
    ...(how === 'params' ? { params: { token } } : { authToken: token }),
    reconnectAfterMs: () => 20,
    rejoinAfterMs: () => 20,
    heartbeatIntervalMs: 50,
  } as never)
  sockets.push(socket)
  socket.connect()
  return socket
}

interface Pushing {
  receive(status: string, callback: (response: never) => void): Pushing
}

function answer(push: unknown): Promise<{ status: string; response: Record<string, unknown> }> {
  return new Promise((resolve) => {
    const pushing = push as Pushing
    for (const status of ['ok', 'error', 'timeout']) {
      pushing.receive(status, (response) => resolve({ status, response: response as Record<string, unknown> }))
    }
  })
}

function nextEvent(channel: Channel, event: string): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    const ref = channel.on(event, (payload) => {
      channel.off(event, ref)
      resolve(payload as Record<string, unknown>)
    })
  })
}

describe('the phoenix package', () => {
  test.each(['authToken', 'params'] as const)('joins with its token in %s', async (how) => {
    const server = await startTestServer()
    const socket = await connect(server, 'ada', how)
    const joined = await answer(socket.channel('zone:main', {}).join())
    expect(joined).toMatchObject({ status: 'ok', response: { zone: 'main', player: 'ada', applied: 0 } })
  })

  test('pushes inputs, and gets replies when they are durable, acks and state', async () => {
    const server = await startTestServer()
    const socket = await connect(server, 'ada')
    const channel = socket.channel('zone:main', {})
    await answer(channel.join())
    const ack = nextEvent(channel, 'ack')
    const state = nextEvent(channel, 'state')
    expect(await answer(channel.push('input', { name: 'craft', args: { item: 'axe' } }))).toEqual({
      status: 'ok',
      response: { seq: 1, result: { made: 'axe' } },
    })
    expect(await ack).toMatchObject({ applied: 1, outcomes: [] })
    const entries = [{ id: 3, kind: 0, op: ENTRY_FULL, mask: 7, values: ['ship1', 10, 20.5] }]
    const encoder = new BlockEncoder(FAKE_WORLD.kinds.map(({ types }) => types))
    const block = encoder.encode(5, FORM_SNAPSHOT, 12, 0, entries)
    server.zone.publish(Buffer.concat([encodeMark(12), block]))
    expect(await state).toEqual({ blocks: [{ cell: 5, form: FORM_SNAPSHOT, version: 12, previous: 0, entries }] })
    const refused = await answer(channel.push('input', { name: 'fly' }))
    expect(refused).toEqual({
      status: 'error',
      response: { code: 'unknown_input', message: 'the world has no input "fly"', retry: 'never' },
    })
  })

  test('sends and receives binary frames', async () => {
    const server = await startTestServer()
    const socket = await connect(server, 'ada')
    const channel = socket.channel('zone:main', { format: 'binary' })
    await answer(channel.join())
    const state = nextEvent(channel, 's')
    const bytes = pack([1, 0, [1, 2]])
    const payload = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    expect((await answer(channel.push('i', payload as object))).status).toBe('ok')
    server.zone.publish(new Uint8Array([1, 2, 3]))
    expect(new Uint8Array((await state) as unknown as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]))
    expect(server.zone.executed).toHaveLength(1)
  })

  test('hears of an error in joining, and joins when it is over', async () => {
    const server = await startTestServer()
    const socket = await connect(server, 'ada')
    const refused = await answer(socket.channel('zone:down', {}).join())
    expect(refused).toMatchObject({ status: 'error', response: { code: 'zone_unavailable', retry: 'later' } })
  })

  test('uses Presence', async () => {
    const server = await startTestServer()
    const channel = (await connect(server, 'ada')).channel('zone:main', {})
    const presence = new Presence(channel)
    const names = (): string[] => presence.list((key: string) => key as never) as string[]
    await answer(channel.join())
    await expect.poll(names).toEqual(['ada'])
    const second = await connect(server, 'bob')
    const other = second.channel('zone:main', {})
    const otherPresence = new Presence(other)
    await answer(other.join())
    await expect.poll(names).toEqual(['ada', 'bob'])
    await expect.poll(() => otherPresence.list((key: string) => key as never)).toEqual(['ada', 'bob'])
    second.disconnect()
    await expect.poll(names).toEqual(['ada'])
  })

  test('keeps its connection with heartbeats, and leaves in order', async () => {
    const server = await startTestServer({ limits: { silentMs: 200, sweepMs: 20 } })
    const socket = await connect(server, 'ada')
    const channel = socket.channel('zone:main', {})
    await answer(channel.join())
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(socket.isConnected()).toBe(true)
    const left = await answer(channel.leave())
    expect(left.status).toBe('ok')
    // phoenix.js answers a leave to itself, before the server has heard of it.
    await expect.poll(() => server.zone.held).toBe(0)
  })

  test('reconnects and joins again after a lost connection, and goes on with its numbers', async () => {
    const server = await startTestServer()
    const socket = await connect(server, 'ada')
    const channel = socket.channel('zone:main', {})
    let joins = 0
    channel.join().receive('ok', () => joins++)
    await answer(channel.push('input', { name: 'move', args: [1, 2] }))
    ;(socket as unknown as { conn: WebSocket }).conn.terminate()
    await expect.poll(() => joins).toBe(2)
    expect((await answer(channel.push('input', { name: 'move', args: [3, 4] }))).response).toEqual({ seq: 2 })
    expect(server.zone.executed.map(({ seq }) => seq)).toEqual([1, 2])
  })

  test('joins again when a zone was unavailable for a while, and gives up when it was replaced', async () => {
    const server = await startTestServer()
    const socket = await connect(server, 'ada')
    const channel = socket.channel('zone:main', {})
    let joins = 0
    channel.join().receive('ok', () => joins++)
    await expect.poll(() => joins).toBe(1)
    server.zone.closeAll({ code: 'zone_unavailable', message: 'moving', retry: 'later' })
    await expect.poll(() => joins).toBe(2)
    const other = await connect(server, 'ada')
    const closed = new Promise<void>((resolve) => channel.onClose(() => resolve()))
    await answer(other.channel('zone:main', {}).join())
    await closed
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(joins).toBe(2)
  })

  test('learns why its token was refused', async () => {
    const server = await startTestServer()
    const socket = new Socket(server.url, { transport: WebSocket as never, params: { token: 'a.b.c' } })
    sockets.push(socket)
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.onClose((event) => resolve(event as never))
    })
    socket.connect()
    const { code, reason } = await closed
    expect([code, reason]).toEqual([4001, 'unauthorized: the token is not a JWT'])
  })
})
