import type { TerraneError } from '@terrane/core'
import {
  broadcastHeader,
  decodeBinary,
  ENTRY_FULL,
  FORM_DELTA,
  FORM_SNAPSHOT,
  joinBytes,
  pack,
  SKIP,
  unpack,
  wireError,
} from '@terrane/protocol'
import { SimulatedTime } from '@terrane/testing'
import { describe, expect, test } from 'vitest'
import type { Client } from './client.js'
import { connectOver } from './connect.js'
import type { ConnectOptions } from './options.js'
import { JOIN_REPLY, ScriptedTransport } from './test-support/scripted-transport.js'
import { blocksOf } from './test-support/state-payload.js'

const ack = (...parts: [number, number, unknown[]]) => joinBytes(broadcastHeader('zone:main', 'a'), pack(parts))
const encode = blocksOf(JOIN_REPLY.kinds)
const state = (...block: Parameters<typeof encode>) => joinBytes(broadcastHeader('zone:main', 's'), encode(...block))
const ship = { id: 1, kind: 0, op: ENTRY_FULL, mask: 0b11, values: ['ship', 5] }
const inputsOf = (frame: Uint8Array | undefined) => unpack(decodeBinary(frame as Uint8Array)?.payload as Uint8Array)

function begin(options: ConnectOptions = {}) {
  const time = new SimulatedTime()
  const transport = new ScriptedTransport()
  const connecting = connectOver(transport)('https://host/base/', {
    clock: time,
    timers: time,
    random: () => 1,
    token: 'tök',
    remember: false,
    ...options,
  })
  connecting.catch(() => {})
  return { time, transport, connecting }
}

async function online(options: ConnectOptions = {}) {
  const { time, transport, connecting } = begin(options)
  await time.advance(0)
  transport.last.join()
  const client: Client = await connecting
  const statuses: string[] = []
  client.on('status', (status, reason) => statuses.push(`${status} ${reason?.code ?? ''}`))
  return { time, transport, client, statuses }
}

describe('connecting', () => {
  test('goes to the socket of the address, with the token in a sub-protocol', async () => {
    const { transport, client } = await online()
    expect(transport.last.url).toBe('wss://host/base/socket/websocket?vsn=2.0.0')
    const token = transport.last.protocols[1]?.replace('base64url.bearer.phx.', '') ?? ''
    expect(Buffer.from(token, 'base64url').toString()).toBe('tök')
    expect(transport.last.texts[0]).toMatchObject({
      topic: 'zone:main',
      event: 'phx_join',
      payload: { client: 'main', acks: 'both', format: 'binary', focus: { mode: 'follow' }, presence: true },
    })
    expect(client.player).toBe('ann')
  })

  test('tries again after passing failures, and rejects when the time is up or the failure is final', async () => {
    const { time, transport, connecting } = begin({ timeoutMs: 1_000 })
    await time.advance(0)
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    expect(transport.sockets).toHaveLength(2)
    await time.advance(1_000)
    await expect(connecting).rejects.toMatchObject({ code: 'connect_timeout' })
    expect(transport.last.closed).toBe(true)

    for (const fail of [
      (last: ScriptedTransport['last']) => last.handlers.onClose(4001, 'unauthorized: the token has expired'),
      (last: ScriptedTransport['last']) => last.handlers.onClose(1006, '', 401),
    ]) {
      const again = begin()
      await again.time.advance(0)
      fail(again.transport.last)
      await expect(again.connecting).rejects.toMatchObject({ code: 'unauthorized' })
    }
    const refused = begin()
    await refused.time.advance(0)
    refused.transport.last.handlers.onOpen()
    refused.transport.last.refuse('phx_join', wireError('unknown_topic'))
    await expect(refused.connecting).rejects.toMatchObject({ code: 'unknown_topic' })
    const other = begin()
    await other.time.advance(0)
    other.transport.last.join({ protocol: 99 })
    await expect(other.connecting).rejects.toMatchObject({ code: 'other_protocol' })
  })

  test('tells why it has to wait and for how long, also before it was online, and not of what is final', async () => {
    const told: string[] = []
    const onRetry = (reason: TerraneError, inMs: number) => told.push(`${reason.code} ${inMs}`)
    const { time, transport, connecting } = begin({ onRetry })
    await time.advance(0)
    transport.last.handlers.onOpen()
    transport.last.refuse('phx_join', wireError('zone_unavailable'))
    expect(told).toEqual(['zone_unavailable 100'])
    await time.advance(100)
    transport.last.handlers.onClose(1006, '')
    await time.advance(200)
    transport.last.join()
    await connecting
    await time.advance(2_000)
    transport.last.handlers.onClose(1012, 'draining: the server is going down')
    expect(told).toEqual(['zone_unavailable 100', 'connection_lost 200', 'draining 100'])
    await time.advance(100)
    transport.last.handlers.onClose(4001, 'unauthorized: the token has expired')
    expect(told).toHaveLength(3)
  })

  test('goes on when who is told of an attempt throws', async () => {
    const thrown: unknown[] = []
    const { time, transport, connecting } = begin({
      onRetry: () => {
        throw new Error('a slip')
      },
      onError: (error) => thrown.push(error),
    })
    await time.advance(0)
    transport.last.handlers.onClose(1006, '')
    expect(thrown).toEqual([new Error('a slip')])
    await time.advance(100)
    transport.last.join()
    expect((await connecting).status).toBe('online')
  })

  test('is not told of another attempt by who closes it at the first', async () => {
    const told: string[] = []
    const { time, transport, client } = await online({ onRetry: ({ code }) => told.push(code) })
    client.on('status', (status) => {
      if (status === 'reconnecting') void client.close()
    })
    transport.last.handlers.onClose(1006, '')
    await time.advance(10_000)
    expect([told, transport.sockets.length, client.status]).toEqual([[], 1, 'closed'])
  })

  test('asks the token function again when a token was refused, once', async () => {
    let count = 0
    const { time, transport, connecting } = begin({ token: async () => `token-${++count}` })
    await time.advance(0)
    transport.last.handlers.onClose(4001, 'unauthorized: expired')
    await time.advance(100)
    transport.last.handlers.onClose(4001, 'unauthorized: expired')
    await expect(connecting).rejects.toMatchObject({ code: 'unauthorized' })
    expect(count).toBe(2)
  })

  test.each(['nowhere', 'ftp://host'])('refuses the address %s', async (address) => {
    await expect(connectOver(new ScriptedTransport())(address)).rejects.toMatchObject({ code: 'invalid_options' })
  })
})

describe('a connection that was online', () => {
  test('comes back with growing pauses, and says what it holds', async () => {
    const { time, transport, client, statuses } = await online()
    transport.last.handlers.onBinary(state(7, FORM_SNAPSHOT, 3, 3, [ship]))
    await time.advance(2_000)
    transport.last.handlers.onClose(1006, '')
    for (const pause of [100, 200, 400]) {
      const before = transport.sockets.length
      await time.advance(pause - 1)
      expect(transport.sockets).toHaveLength(before)
      await time.advance(1)
      expect(transport.sockets).toHaveLength(before + 1)
      if (pause < 400) transport.last.handlers.onClose(1006, '')
    }
    transport.last.join()
    expect(transport.last.texts[0]?.payload).toMatchObject({ resume: { epoch: 1, cells: [7, 3] } })
    expect(statuses).toEqual(['reconnecting connection_lost', 'online '])
    expect(client.tables.ships?.get('ship')).toEqual({ id: 'ship', x: 5 })
  })

  test('stays closed when the server says never', async () => {
    const { time, transport, client, statuses } = await online()
    const input = client.send('move', { x: 1 })
    transport.last.say('closing', wireError('replaced'))
    transport.last.say('phx_close', {})
    await time.advance(60_000)
    expect(transport.sockets).toHaveLength(1)
    expect(statuses).toEqual(['closed replaced'])
    await expect(input.applied).rejects.toMatchObject({ code: 'replaced' })
    expect(() => client.send('move', { x: 2 })).toThrow(expect.objectContaining({ code: 'replaced' }))
    await expect(client.ready()).rejects.toMatchObject({ code: 'replaced' })
    await expect(client.focus({ mode: 'none' })).rejects.toMatchObject({ code: 'replaced' })
  })

  test('gives up after the allowed attempts', async () => {
    const { time, transport, statuses } = await online({ reconnect: { attemptsMax: 1 } })
    transport.last.handlers.onClose(1012, 'draining: the server is going down')
    await time.advance(100)
    transport.last.handlers.onClose(1006, '')
    expect(statuses).toEqual(['reconnecting draining', 'closed too_many_attempts'])
  })

  test('notices a server that no longer answers', async () => {
    const { time, transport, statuses } = await online({ heartbeatMs: 1_000, attemptMs: 500 })
    await time.advance(1_000)
    transport.last.answer('heartbeat', {})
    await time.advance(2_000)
    expect(statuses).toEqual([])
    await time.advance(1_000)
    expect(statuses).toEqual(['reconnecting connection_lost'])
    expect(transport.sockets[0]?.closed).toBe(true)
    // The next socket never opens.
    await time.advance(5_000)
    expect(transport.sockets.length).toBeGreaterThan(2)
  })

  test('begins anew after frames that make no sense, and ignores what a given-up socket still says', async () => {
    const { time, transport, client, statuses } = await online()
    const old = transport.last
    old.handlers.onText('{"not": "ours"}')
    expect(statuses).toEqual(['reconnecting bad_frame'])
    old.handlers.onBinary(ack(5, 5, []))
    old.handlers.onClose(4006, 'replaced: elsewhere')
    await time.advance(100)
    transport.last.join()
    transport.last.handlers.onBinary(joinBytes(broadcastHeader('zone:main', 's'), Uint8Array.of(5, 5)))
    expect(client.status).toBe('reconnecting')
  })

  test('refuses who owned the zone before, until that can only be a world begun anew', async () => {
    const { time, transport, client } = await online()
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join({ epoch: 5 })
    const input = client.send('move', { x: 1 })
    const isRefused = async () => {
      transport.last.handlers.onClose(1006, '')
      await time.advance(20_000)
      transport.last.join({ epoch: 4, durable: 1, applied: 1 })
      return client.status === 'reconnecting'
    }
    expect(await isRefused()).toBe(true)
    // What the owner of old says of inputs is not believed.
    expect([input.status, transport.last.binaries]).toEqual(['pending', []])
    await time.advance(20_000)
    transport.last.join({ epoch: 5 })
    expect(client.status).toBe('online')
    expect([await isRefused(), await isRefused(), await isRefused()]).toEqual([true, true, false])
  })

  test('closes for good when the player is another', async () => {
    const { time, transport, statuses } = await online()
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join({ player: 'eve' })
    expect(statuses.at(-1)).toBe('closed other_player')
  })
})

describe('inputs', () => {
  test('go one to a frame, or many', async () => {
    const { transport, client } = await online()
    client.inputs.move?.({ x: 1, y: 2 })
    client.sendMany([
      ['move', { x: 3 }],
      ['move', { y: 4 }],
    ])
    expect(transport.last.binaries.map(inputsOf)).toEqual([
      [1, 0, [1, 2]],
      [2, 0, [3], 0, { y: 4 }],
    ])
    expect(() => client.send('fly', {})).toThrow(expect.objectContaining({ code: 'unknown_input' }))
    expect(client.pending).toBe(3)
  })

  test('are bounded; `ready` and `drained` wait', async () => {
    const { time, transport, client } = await online({ limits: { pendingMax: 2 } })
    client.send('move', { x: 1 })
    client.send('move', { x: 2 })
    expect(() => client.send('move', { x: 3 })).toThrow(expect.objectContaining({ code: 'too_many_pending' }))
    let woken = ''
    void client.ready().then(() => {
      woken += 'ready '
    })
    void client.drained().then(() => {
      woken += 'drained '
    })
    transport.last.handlers.onBinary(ack(2, 1, []))
    await time.advance(0)
    expect([woken, client.room]).toEqual(['ready ', 1])
    transport.last.handlers.onBinary(ack(2, 2, []))
    await time.advance(0)
    expect(woken).toBe('ready drained ')
  })

  test('that the server forgot fail, and the numbers begin where it stands', async () => {
    const { time, transport, client } = await online()
    const first = client.send('move', { x: 1 })
    transport.last.handlers.onBinary(ack(1, 1, []))
    const second = client.send('move', { x: 2 })
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join({ applied: 0, durable: 0 })
    expect([first.status, second.status]).toEqual(['durable', 'failed'])
    await expect(second.durable).rejects.toMatchObject({ code: 'history_lost' })
    client.send('move', { x: 3 })
    expect(transport.last.binaries.map(inputsOf)).toEqual([[1, 0, [3]]])
  })

  test('follow their names when the world is replaced', async () => {
    const { time, transport, client } = await online()
    client.send('move', { x: 1, y: 2 })
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join({
      inputs: [
        { name: 'rest', fields: [] },
        { name: 'move', fields: ['speed', 'y', 'x'] },
      ],
    })
    client.send('rest')
    transport.last.handlers.onClose(1006, '')
    await time.advance(200)
    transport.last.join({ inputs: [{ name: 'rest', fields: [] }] })
    expect(transport.sockets.slice(1).map((socket) => inputsOf(socket.binaries[0]))).toEqual([
      [1, 1, { y: 2, x: 1 }],
      [1, SKIP, null, 0, []],
    ])
  })

  test('of an earlier life, which a crash took back, are skipped', async () => {
    const { time, transport, connecting } = begin()
    await time.advance(0)
    transport.last.join({ applied: 5, durable: 3 })
    const client = await connecting
    client.send('move', { x: 1 })
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join({ applied: 3, durable: 3, epoch: 2 })
    expect(inputsOf(transport.last.binaries[0])).toEqual([4, SKIP, null, SKIP, null, 0, [1]])
  })

  test('whose answer was lost reject on request', async () => {
    const { time, transport, client } = await online({ unknownOutcome: 'reject' })
    const input = client.send('move', { x: 1 })
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join({ applied: 1, durable: 1 })
    expect(input.status).toBe('unknown')
    await expect(input.durable).rejects.toMatchObject({ code: 'outcome_unknown' })
  })
})

describe('state and focus', () => {
  test('asks for a cell whose chain is broken', async () => {
    const { transport } = await online()
    transport.last.handlers.onBinary(state(7, FORM_DELTA, 9, 8, []))
    expect(transport.last.texts.at(-1)).toMatchObject({ event: 'resync', payload: { cells: [7] } })
  })

  test('removes rows of an earlier epoch when nothing more is in sight', async () => {
    const { time, transport, client } = await online()
    transport.last.handlers.onBinary(state(7, FORM_SNAPSHOT, 3, 3, [ship]))
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join({ epoch: 2 })
    expect(client.tables.ships?.size).toBe(1)
    await time.advance(2_000)
    expect(client.tables.ships?.size).toBe(0)
  })

  test('a focus outlives the connection; a refused one does not', async () => {
    const { time, transport, client } = await online()
    const refused = client.focus({ mode: 'all' })
    transport.last.refuse('focus', wireError('forbidden'))
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' })
    const area = client.focus({ mode: 'area', x: 1, y: 2 })
    transport.last.handlers.onClose(1006, '')
    await time.advance(100)
    transport.last.join()
    await time.advance(0)
    expect(transport.last.texts[0]?.payload).toMatchObject({ focus: { mode: 'follow' } })
    transport.last.answer('focus', {})
    await area
    transport.last.handlers.onClose(1006, '')
    await time.advance(200)
    transport.last.join()
    expect(transport.last.texts[0]?.payload).toMatchObject({ focus: { mode: 'area', x: 1, y: 2 } })
  })

  test('closing is quiet and final', async () => {
    const { time, transport, client, statuses } = await online()
    client.send('move', { x: 1 })
    await client.close()
    await client.close()
    expect(transport.last.texts.at(-1)?.event).toBe('phx_leave')
    expect(transport.last.closed).toBe(true)
    await time.advance(60_000)
    expect([statuses, transport.sockets.length]).toEqual([['closed closed'], 1])
  })
})
