import net from 'node:net'
import { encodeText, PROTOCOL_VERSION, pushHeader, wireError } from '@terrane/protocol'
import { describe, expect, test } from 'vitest'
import { FAKE_WORLD } from './test-support/fake-zone.js'
import { RawClient } from './test-support/raw-client.js'
import { startTestServer } from './test-support/test-server.js'

const MOVE = 0
const CRAFT = 1
const FAIL = 2
const SHOUT = 3
const CRASH = 4

describe('joining', () => {
  test('the reply says where the stream stands and what the world is', async () => {
    const { connect } = await startTestServer()
    const client = await connect('ada')
    const reply = await client.join({ client: 'tab1' })
    expect(reply.status).toBe('ok')
    expect(reply.response).toMatchObject({
      protocol: PROTOCOL_VERSION,
      zone: 'main',
      epoch: 7,
      player: 'ada',
      applied: 0,
      durable: 0,
      world: 'fake',
      hz: 20,
      kinds: FAKE_WORLD.kinds,
    })
    expect(reply.response.inputs[0]).toEqual({ name: 'move', fields: ['x', 'y'] })
  })

  test('unknown topics and zones, zones that are down, and bad parameters each have their error', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    const codes = []
    for (const [topic, params] of [
      ['room:1', {}],
      ['zone:', {}],
      ['zone:elsewhere', {}],
      ['zone:down', {}],
      ['zone:main', { client: 'no spaces' }],
      ['zone:main', { focus: { mode: 'area', x: 'far', y: 0 } }],
      ['zone:main', { focus: { mode: 'all' } }],
      ['stats', {}],
    ] as const) {
      const { status, response } = await client.join(params, topic)
      expect(status).toBe('error')
      codes.push([response.code, response.retry, response.message])
    }
    expect(codes).toEqual([
      ['unknown_topic', 'never', 'no topic "room:1"'],
      ['unknown_topic', 'never', 'no topic "zone:"'],
      ['unknown_topic', 'never', 'no zone "elsewhere"'],
      ['zone_unavailable', 'later', 'the zone is being recovered'],
      ['invalid_args', 'never', 'client: use 1 to 32 letters, digits, dashes or underscores'],
      ['invalid_args', 'never', expect.stringMatching(/^focus\.x: /)],
      ['forbidden', 'never', 'nobody may watch the whole zone'],
      ['unknown_topic', 'never', 'this server publishes no statistics'],
    ])
  })

  test('a refused join leaves nothing behind, and the topic can be joined afterwards', async () => {
    const { connect, zone, gateway } = await startTestServer()
    const client = await connect()
    await client.join({ focus: { mode: 'all' } })
    expect(zone.held).toBe(0)
    expect((await client.join()).status).toBe('ok')
    expect(gateway.stats().channels).toBe(1)
  })

  test('a second join of the topic ends the first, as in Phoenix', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    await client.join({}, 'zone:main', '1')
    await client.join({}, 'zone:main', '2')
    expect((await client.event('phx_close')).joinRef).toBe('1')
    expect(zone.sinks.size).toBe(1)
    expect(zone.held).toBe(1)
  })

  test('leaving gives the stream back, and ends with phx_close', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    await client.join()
    expect((await client.push('zone:main', 'phx_leave', {})).status).toBe('ok')
    await client.event('phx_close')
    expect([zone.held, zone.sinks.size]).toEqual([0, 0])
    const late = await client.push('zone:main', 'input', { name: 'move', args: [1, 2] })
    expect(late.response.code).toBe('not_joined')
  })

  test('a session joins a bounded number of topics', async () => {
    const { connect } = await startTestServer({ limits: { topicsMax: 1 }, statsFeed: () => ({}), observers: true })
    const client = await connect()
    await client.join()
    expect((await client.join({}, 'stats')).response).toMatchObject({ code: 'forbidden' })
  })

  test('a join that is overtaken by a leave never happens', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    client.cast('zone:main', 'phx_join', {})
    const left = await client.push('zone:main', 'phx_leave', {})
    await client.push('phoenix', 'heartbeat', {}, null)
    expect(left.status).toBe('ok')
    expect(zone.held).toBe(0)
  })
})

describe('binary inputs', () => {
  test('are executed in order and acknowledged when applied and when durable', async () => {
    const { connect, zone } = await startTestServer()
    zone.commits = 'by hand'
    const client = await connect()
    await client.join({ format: 'binary' })
    client.inputs(1, [MOVE, [1, 2]], [MOVE, { x: 3, y: 4 }])
    client.inputs(3, [CRAFT, ['axe']])
    await client.message(() => client.acks().some((ack) => ack.applied === 3))
    expect(zone.executed.map(({ seq, args }) => [seq, args])).toEqual([
      [1, [1, 2]],
      [2, { x: 3, y: 4 }],
      [3, ['axe']],
    ])
    expect(client.acks().at(-1)).toEqual({ applied: 3, durable: 0, outcomes: [3, 0, { made: 'axe' }] })
    zone.commit()
    await client.durable(3)
    expect(client.acks().at(-1)).toEqual({ applied: 3, durable: 3, outcomes: [] })
  })

  test('acks: durable leaves out what is only applied, and holds results until they are durable', async () => {
    const { connect, zone } = await startTestServer()
    zone.commits = 'by hand'
    const client = await connect()
    await client.join({ format: 'binary', acks: 'durable' })
    client.inputs(1, [MOVE, [1, 2]], [CRAFT, ['axe']])
    await client.push('phoenix', 'heartbeat', {}, null)
    expect(client.acks()).toEqual([])
    zone.commit()
    await client.durable(2)
    expect(client.acks()).toEqual([{ applied: 2, durable: 2, outcomes: [2, 0, { made: 'axe' }] }])
  })

  test('a rejection is told once, at once, and keeps its number', async () => {
    const { connect, zone } = await startTestServer()
    zone.commits = 'by hand'
    const client = await connect()
    await client.join({ format: 'binary', acks: 'durable' })
    client.inputs(1, [FAIL, []], [MOVE, ['far', 0]], [9, []], [MOVE, [1, 1]])
    await client.event('a')
    zone.commit()
    await client.durable(4)
    const outcomes = client.acks().flatMap((ack) => ack.outcomes)
    expect(outcomes.filter((_, i) => i % 3 === 0)).toEqual([1, 2, 3])
    expect(outcomes.filter((_, i) => i % 3 === 2).map((each) => (each as { code: string }).code)).toEqual([
      'no_wood',
      'invalid_args',
      'unknown_input',
    ])
    expect(outcomes[5]).toMatchObject({ message: 'x: a number is expected' })
    expect(zone.executed.at(-1)).toMatchObject({ seq: 4, args: [1, 1] })
  })

  test('numbers of the past are answered with the present ack and not executed again', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    await client.join({ format: 'binary', acks: 'durable' })
    client.inputs(1, [MOVE, [1, 2]])
    await client.durable(1)
    client.inputs(1, [MOVE, [1, 2]])
    await client.message(() => client.acks().length === 2)
    expect(client.acks()[1]).toEqual({ applied: 1, durable: 1, outcomes: [] })
    expect(zone.executed).toHaveLength(1)
  })

  test('a gap ends the connection and names the next number', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    await client.join({ format: 'binary' })
    client.inputs(1, [MOVE, [1, 2]])
    client.inputs(3, [MOVE, [1, 2]])
    expect(await client.ending('zone:main')).toEqual({
      ...wireError('input_gap', 'the next input has number 2'),
      closeCode: 4002,
      reason: 'input_gap: the next input has number 2',
    })
    expect(client.acks().at(-1)?.applied).toBe(1)
    expect(zone.held).toBe(0)
  })

  test('a zone that takes nothing rejects each number, and none becomes a gap', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    await client.join({ format: 'binary' })
    zone.available = false
    client.inputs(1, [MOVE, [1, 2]])
    await client.event('a')
    zone.available = true
    client.inputs(2, [MOVE, [1, 2]])
    await client.durable(2)
    expect(client.acks().flatMap((ack) => ack.outcomes)).toEqual([1, 1, wireError('zone_unavailable')])
  })

  test('with a ref they are replied to, which is how an unmodified client would send them', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    await client.join({ format: 'binary' })
    const payload = Buffer.from([0x93, 1, 0, 0x92, 1, 2])
    client.socket.send(Buffer.concat([pushHeader('1', 'x9', 'zone:main', 'i'), payload]))
    const reply = await client.message((each) => each.ref === 'x9')
    expect(reply.payload).toEqual({ status: 'ok', response: {} })
  })

  test('a join without binary format gets the same acks as JSON events', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    await client.join()
    client.inputs(1, [CRAFT, ['axe']], [FAIL, []])
    const ack = await client.event('ack')
    expect(ack.joinRef).toBe('1')
    expect(ack.payload).toMatchObject({
      applied: 2,
      outcomes: [
        { seq: 1, result: { made: 'axe' } },
        { seq: 2, error: { code: 'no_wood' } },
      ],
    })
  })

  test('a bug in the zone is reported, and ends this connection only', async () => {
    const { connect, bugs } = await startTestServer()
    const [client, other] = [await connect('ada'), await connect('bob')]
    await client.join({ format: 'binary' })
    await other.join({ format: 'binary' })
    client.inputs(1, [CRASH, []])
    expect(await client.ending()).toMatchObject({ code: 'zone_unavailable', retry: 'later', closeCode: 1012 })
    expect(String(bugs[0])).toContain('the zone has a bug')
    other.inputs(1, [MOVE, [1, 2]])
    await other.durable(1)
  })
})

describe('text inputs', () => {
  test('are answered when durable, with their number and result', async () => {
    const { connect, zone } = await startTestServer()
    zone.commits = 'by hand'
    const client = await connect()
    await client.join()
    const reply = client.push('zone:main', 'input', { name: 'craft', args: { item: 'axe' } })
    await client.event('ack')
    expect(client.events('phx_reply')).toHaveLength(1)
    zone.commit()
    expect(await reply).toEqual({ status: 'ok', response: { seq: 1, result: { made: 'axe' } } })
    expect(client.events('ack').map((each) => each.payload)).toEqual([
      { applied: 1, durable: 0, outcomes: [] },
      { applied: 1, durable: 1, outcomes: [] },
    ])
  })

  test('rejections, unknown inputs and bad shapes are answered at once', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    await client.join()
    const ask = async (payload: unknown) => (await client.push('zone:main', 'input', payload)).response
    expect(await ask({ name: 'fail' })).toMatchObject({ code: 'no_wood' })
    expect(await ask({ name: 'fly' })).toMatchObject({ code: 'unknown_input', message: 'the world has no input "fly"' })
    expect(await ask({ name: 'move', args: ['far'] })).toMatchObject({
      code: 'invalid_args',
      message: 'x: a number is expected',
    })
    expect(await ask({ name: 'move', seq: 0 })).toMatchObject({ code: 'invalid_args' })
    expect(await ask({ nom: 'move' })).toMatchObject({
      code: 'invalid_args',
      message: expect.stringMatching(/^name: /),
    })
    // Only those that reached the zone have used a number.
    expect(await ask({ name: 'move', args: [1, 2], seq: 3 })).toEqual({ seq: 3 })
    expect(await ask({ name: 'move', args: [1, 2], seq: 2 })).toEqual({ seq: 2, past: true })
    expect(zone.executed.filter(({ seq }) => seq === 2)).toHaveLength(1)
  })

  test('an unknown input with a number of its own uses it up', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    await client.join()
    client.cast('zone:main', 'input', { name: 'fly', seq: 1 })
    const reply = await client.push('zone:main', 'input', { name: 'move', args: [1, 2], seq: 2 })
    expect(reply).toEqual({ status: 'ok', response: { seq: 2 } })
  })

  test('a gap is replied to, and ends the connection', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    await client.join()
    const reply = await client.push('zone:main', 'input', { name: 'move', args: [1, 2], seq: 5 })
    expect(reply.response).toMatchObject({ code: 'input_gap', message: 'the next input has number 1' })
    expect((await client.ending()).closeCode).toBe(4002)
  })

  test('without a ref the outcome is told by an ack', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    await client.join()
    client.socket.send(
      encodeText({ joinRef: '1', ref: null, topic: 'zone:main', event: 'input', payload: { name: 'fail' } }),
    )
    expect((await client.event('ack')).payload).toMatchObject({ outcomes: [{ seq: 1, error: { code: 'no_wood' } }] })
  })

  test('those that wait when the zone ends the stream are told', async () => {
    const { connect, zone } = await startTestServer()
    zone.commits = 'by hand'
    const client = await connect()
    await client.join()
    const reply = client.push('zone:main', 'input', { name: 'move', args: [1, 2] })
    await client.event('ack')
    zone.closeAll(wireError('zone_moved'))
    expect((await reply).response).toEqual(wireError('zone_moved'))
    expect((await client.ending()).closeCode).toBe(4005)
  })
})

describe('focus, resync and state', () => {
  test('focus and resync reach the zone, or are refused with the field', async () => {
    const { connect, zone } = await startTestServer()
    const client = await connect()
    await client.join({ resume: { epoch: 7, cells: [3, 40] } })
    const [seen] = [...zone.sinks.values()]
    expect(seen?.resume).toEqual({ epoch: 7, cells: [3, 40] })
    await client.push('zone:main', 'focus', { mode: 'area', x: 1, y: 2, radius: 3 })
    await client.push('zone:main', 'resync', { cells: [1, 2] })
    expect(seen).toMatchObject({ focus: { mode: 'area', x: 1, y: 2, radius: 3 }, resyncs: [[1, 2]] })
    const bad = await client.push('zone:main', 'focus', { mode: 'area', x: 1 })
    expect(bad.response).toMatchObject({ code: 'invalid_args', message: expect.stringMatching(/^y: /) })
    const forbidden = await client.push('zone:main', 'focus', { mode: 'all' })
    expect(forbidden.response.code).toBe('forbidden')
    const unknown = await client.push('zone:main', 'dance', {})
    expect(unknown.response).toMatchObject({ code: 'unknown_event', message: 'no event "dance" on a zone topic' })
  })
})

describe('bad frames', () => {
  test.each([
    ['text that is no JSON', 'hello', 'malformed', 4000],
    ['JSON that is no message', '{"topic":"zone:main"}', 'malformed', 4000],
    ['a message of wrong types', '[1,2,3,4,5]', 'malformed', 4000],
    ['text that is not UTF-8', Buffer.from([0x5b, 0xff, 0xfe, 0x5d]), 'malformed', 4000],
    ['binary of an unknown kind', new Uint8Array([9, 1, 2, 3]), 'malformed', 4000],
    ['binary whose header lies', new Uint8Array([0, 255, 255, 255, 255]), 'malformed', 4000],
    ['an empty binary frame', new Uint8Array(), 'malformed', 4000],
    ['a frame that is too large', `["1","1","zone:main","input",{"a":"${'x'.repeat(140_000)}"}]`, 'oversized', 1009],
  ])('%s: the reason is told, and the connection ends', async (_, frame, code, closeCode) => {
    const { connect } = await startTestServer()
    const client = await connect()
    const isText = typeof frame === 'string' || (frame as Buffer)[0] === 0x5b
    client.socket.send(frame, { binary: !isText })
    const ending = await client.ending('phoenix')
    expect(ending).toMatchObject({ code, closeCode, retry: 'never' })
    expect(ending.reason).toMatch(new RegExp(`^${code}: `))
  })

  test.each([
    ['no array', [0x01]],
    ['too few members', [0x92, 1, 0]],
    ['an even number of members', [0x94, 1, 0, 0x90, 0]],
    ['number 0', [0x93, 0, 0, 0x90]],
    ['a text as number', [0x93, 0xa1, 0x61, 0, 0x90]],
    ['bytes missing', [0x93, 1, 0, 0x92, 1]],
    ['bytes left over', [0x93, 1, 0, 0x90, 7]],
    ['an extension type', [0x93, 1, 0, 0xd4, 0x72, 0x40]],
    ['an array longer than the frame', [0x93, 1, 0, 0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a prototype as key', [0x93, 1, 0, 0x81, 0xa9, ...Buffer.from('__proto__'), 0x80]],
    ['text that is not UTF-8', [0x93, 1, 0, 0x91, 0xa2, 0xff, 0xfe]],
    ['deep nesting', [0x93, 1, 0, ...new Array(64).fill(0x91), 0xc0]],
  ])('an input frame with %s is malformed', async (_, payload) => {
    const { connect } = await startTestServer()
    const client = await connect()
    await client.join({ format: 'binary' })
    client.socket.send(Buffer.concat([pushHeader('1', '', 'zone:main', 'i'), Buffer.from(payload)]))
    expect(await client.ending('zone:main')).toMatchObject({ code: 'malformed', closeCode: 4000 })
  })

  test('far above the limit the parser itself closes with 1009', async () => {
    const { connect, gateway } = await startTestServer()
    const client = await connect()
    client.socket.send(new Uint8Array(600_000))
    expect((await client.closed).code).toBe(1009)
    await expect.poll(() => gateway.stats().sessions).toBe(0)
  })

  test('pushes to topics that are not joined: answered with a ref, dropped without', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    client.inputs(1, [MOVE, [1, 2]])
    expect((await client.push('zone:main', 'input', { name: 'move' })).response.code).toBe('not_joined')
    expect((await client.push('lobby', 'input', {})).response.code).toBe('unknown_topic')
    expect((await client.push('phoenix', 'dance', {}, null)).response.code).toBe('unknown_event')
    expect(client.messages.every((each) => each.ref !== null)).toBe(true)
  })
})

describe('the end of a stream', () => {
  test('a second connection of the same client takes over, and the first does not fight back', async () => {
    const { connect, zone } = await startTestServer()
    const [first, second] = [await connect('ada'), await connect('ada')]
    await first.join()
    await second.join()
    await first.event('phx_close')
    expect(await first.ending('zone:main')).toMatchObject({ code: 'replaced', closeCode: 4006 })
    expect(zone.held).toBe(1)
    second.inputs(1, [MOVE, [1, 2]])
    await second.message((each) => each.event === 'ack')
  })

  test('a retry later is phx_error, on which Phoenix clients join again; other topics stay', async () => {
    const { connect, zone } = await startTestServer({ statsFeed: () => ({ n: 1 }), observers: true })
    const client = await connect()
    await client.join()
    await client.join({}, 'stats')
    zone.closeAll(wireError('zone_unavailable'))
    expect((await client.event('phx_error')).joinRef).toBe('1')
    expect((await client.ending('stats')).closeCode).toBe(1012)
  })
})

describe('limits per input', () => {
  test('an input with a limit of its own is refused beyond it, others are not', async () => {
    const { connect } = await startTestServer()
    const client = await connect()
    await client.join({ format: 'binary' })
    client.inputs(1, ...new Array<[number, unknown]>(6).fill([SHOUT, ['hey']]), [MOVE, [1, 2]])
    await client.durable(7)
    const outcomes = client.acks().flatMap((ack) => ack.outcomes)
    expect(outcomes.filter((_, i) => i % 3 === 0)).toEqual([5, 6])
    expect(outcomes[2]).toMatchObject({ code: 'rate_limited', retry: 'later' })
  })
})

describe('statistics', () => {
  test('are for operators unless observers are allowed, and come at once and then by the second', async () => {
    let n = 0
    const { connect } = await startTestServer({ statsFeed: () => ({ n: ++n }) })
    const player = await connect('ada')
    expect((await player.join({}, 'stats')).response.code).toBe('forbidden')
    const operator = await connect('ops', 'operator')
    expect((await operator.join({}, 'stats')).status).toBe('ok')
    await operator.message(() => operator.events('stats').length === 2)
    expect(operator.events('stats').map((each) => each.payload)).toEqual([{ n: 1 }, { n: 2 }])
    expect((await operator.push('stats', 'dance', {})).response.code).toBe('unknown_event')
  })

  test('the gateway counts what it does', async () => {
    const { connect, gateway } = await startTestServer()
    const client = await connect()
    await client.join({ format: 'binary' })
    client.inputs(1, [MOVE, [1, 2]], [FAIL, []])
    await client.durable(2)
    const stats = gateway.stats()
    expect(stats).toMatchObject({ connections: 1, sessions: 1, channels: 1, inputs: 2, framesIn: 2 })
    expect(stats.rejects).toEqual({ no_wood: 1 })
    expect(stats.appliedMs.count).toBe(1)
    expect(stats.durableMs.count).toBe(1)
    client.socket.close()
    await expect.poll(() => gateway.stats().closes).toEqual({ 1005: 1 })
    expect(gateway.stats()).toMatchObject({ connections: 0, sessions: 0, channels: 0 })
  })
})

test.each(['//', '/%', '/socket/websocket/', 'http://[/'])('the path %s harms nobody', async (path) => {
  const { url, connect } = await startTestServer()
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
  await new Promise((resolve) => socket.once('close', resolve).resume())
  expect((await (await connect()).join()).status).toBe('ok')
})

test('another path is left to others', async () => {
  const { url } = await startTestServer()
  const client = new RawClient(url.replace('/socket', '/elsewhere'))
  await expect(client.opened).rejects.toThrow()
})
