import { NATS_MISSING, type NatsNode, startNatsCluster } from '@terrane/testing/nats-cluster'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bus } from './bus.js'
import { InProcessHub } from './in-process-bus.js'
import { connectNats } from './nats-bus.js'

const text = (value: string) => new TextEncoder().encode(value)
const read = (payload: Uint8Array) => new TextDecoder().decode(payload)

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3_000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(condition()).toBe(true)
}

/** A subscription is known to the other processes when what they publish arrives. */
async function settled(from: Bus, to: Bus): Promise<void> {
  let isHeard = false
  const subject = `settled.${Math.random().toString(36).slice(2)}`
  const subscription = to.subscribe(subject, () => {
    isHeard = true
  })
  for (let i = 0; i < 1_000 && !isHeard; i++) {
    from.publish(subject, text('there?'))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  subscription.cancel()
  expect(isHeard).toBe(true)
}

function busContract(open: () => Promise<Bus>): void {
  async function pair(): Promise<[Bus, Bus]> {
    return [await open(), await open()]
  }

  test('B1 B2: each subscription gets each message once, in the order of publishing, the sender too', async () => {
    const [a, b] = await pair()
    const heard: string[][] = [[], [], []]
    a.subscribe('order', (payload) => heard[0]?.push(read(payload)))
    b.subscribe('order', (payload) => heard[1]?.push(read(payload)))
    b.subscribe('order', (payload) => heard[2]?.push(read(payload)))
    b.subscribe('other', () => expect.unreachable('another subject'))
    await settled(a, b)
    const sent = Array.from({ length: 500 }, (_, i) => String(i))
    for (const each of sent) expect(a.publish('order', text(each))).toBe(true)
    await until(() => heard.every((list) => list.length >= sent.length))
    expect(heard).toEqual([sent, sent, sent])
    await Promise.all([a.close(), b.close()])
  })

  test('B1: the payload is as it was when it was published', async () => {
    const [a, b] = await pair()
    const heard: string[] = []
    b.subscribe('copy', (payload) => heard.push(read(payload)))
    await settled(a, b)
    const buffer = text('before')
    a.publish('copy', buffer)
    buffer.fill(120)
    await until(() => heard.length > 0)
    expect(heard).toEqual(['before'])
    await Promise.all([a.close(), b.close()])
  })

  test('B3: publish returns before any handler runs', async () => {
    const bus = await open()
    let isReturned = false
    let wasReturned: boolean | undefined
    bus.subscribe('later', () => {
      wasReturned = isReturned
    })
    bus.publish('later', text('x'))
    isReturned = true
    await until(() => wasReturned !== undefined)
    expect(wasReturned).toBe(true)
    await bus.close()
  })

  test('B4: one responder answers; without any, or any answer, the request rejects', async () => {
    const [a, b] = await pair()
    b.respond('double', (payload) => text(read(payload).repeat(2)))
    b.respond('silent', () => undefined)
    b.respond('broken', () => {
      throw new Error('not today')
    })
    await settled(a, b)
    expect(read(await a.request('double', text('ab'), 10_000))).toBe('abab')
    await expect(a.request('nobody', text('x'), 10_000)).rejects.toMatchObject({ code: 'bus_no_responder' })
    await expect(a.request('silent', text('x'), 50)).rejects.toMatchObject({ code: 'bus_timeout' })
    await expect(a.request('broken', text('x'), 50)).rejects.toMatchObject({ code: 'bus_timeout' })
    await Promise.all([a.close(), b.close()])
  })

  test('B5 B6: a closed bus drops and hears nothing; a cancelled subscription neither', async () => {
    const [a, b] = await pair()
    let cancelled = 0
    let closed = 0
    const heard: string[] = []
    b.subscribe('end', () => cancelled++).cancel()
    const c = await open()
    c.subscribe('end', () => closed++)
    await settled(a, c)
    await c.close()
    b.subscribe('end', (payload) => heard.push(read(payload)))
    await settled(a, b)
    a.publish('end', text('last'))
    await until(() => heard.length > 0)
    expect([cancelled, closed]).toEqual([0, 0])
    await a.close()
    expect(a.isConnected).toBe(false)
    expect(a.publish('end', text('after'))).toBe(false)
    expect(a.statistics.dropped).toBe(1)
    await expect(a.request('end', text('x'), 1_000)).rejects.toMatchObject({ code: 'bus_down' })
    await b.close()
  })
}

describe('in one process', () => {
  const hub = new InProcessHub()
  busContract(async () => hub.bus())
})

describe.skipIf(NATS_MISSING !== undefined)('on a cluster of three NATS servers', () => {
  let nodes: NatsNode[] = []
  let opened = 0

  beforeAll(async () => {
    nodes = await startNatsCluster(3)
  })
  afterAll(() => Promise.all(nodes.map((node) => node.kill())))

  // Each bus at another server, so that messages pass between servers.
  busContract(() => connectNats({ servers: [nodes[opened++ % 3]?.url ?? ''], name: `test-${opened}` }))

  test('B5: a message above the server’s limit is dropped, and the connection stays', async () => {
    const bus = await connectNats({ servers: nodes.map(({ url }) => url), name: 'large' })
    expect(bus.publish('large', new Uint8Array(2 * 1024 * 1024))).toBe(false)
    expect(bus.statistics.dropped).toBe(1)
    expect(bus.isConnected).toBe(true)
    await bus.close()
  })

  test('B5: what the server does not take in time is dropped beyond the bound', async () => {
    const bus = await connectNats({ servers: nodes.map(({ url }) => url), name: 'bound', unsentBytesMax: 10_000 })
    const taken = Array.from({ length: 20 }, () => bus.publish('bound', new Uint8Array(1_000)))
    expect(taken.filter(Boolean)).toHaveLength(10)
    await until(() => bus.publish('bound', new Uint8Array(1_000)))
    await bus.close()
  })

  test('traffic goes on when a server is killed', async () => {
    const changes: boolean[] = []
    const urls = nodes.map(({ url }) => url)
    const first = nodes[0] as NatsNode
    const a = await connectNats({ servers: [first.url], name: 'a', onConnection: (up) => changes.push(up) })
    const b = await connectNats({ servers: urls.slice(1), name: 'b' })
    let heard = 0
    b.subscribe('goes-on', () => heard++)
    await settled(a, b)
    await first.kill()
    await until(() => changes.length >= 2)
    expect(changes.slice(0, 2)).toEqual([false, true])
    await settled(a, b)
    const before = heard
    a.publish('goes-on', text('x'))
    await until(() => heard > before)
    expect(a.statistics.reconnects).toBeGreaterThanOrEqual(1)
    await Promise.all([a.close(), b.close()])
  })

  test('no server there: says where and what to do, without the password', async () => {
    const wrong = connectNats({ servers: ['nats://me:secret@127.0.0.1:1'], name: 'lost', connectMsMax: 2_000 })
    await expect(wrong).rejects.toMatchObject({ code: 'bus_unreachable', retry: 'later' })
    await expect(wrong).rejects.not.toThrow(/secret/)
  })
})

test.skipIf(NATS_MISSING !== undefined)(
  'NATS with a user takes its password from the address, and no other',
  async () => {
    const [node] = await startNatsCluster(1, ['--user', 'terrane', '--pass', 'p@ss:word/1'])
    try {
      const address = (node as NatsNode).url.replace('//', '//terrane:p%40ss%3Aword%2F1@')
      const bus = await connectNats({ servers: [address], name: 'test' })
      expect(await settled(bus, bus)).toBeUndefined()
      await bus.close()
      const refused = await connectNats({ servers: [(node as NatsNode).url], name: 'test' }).catch((error) => error)
      expect(refused).toMatchObject({ code: 'bus_unreachable' })
      // Encrypted or nothing: the server has no certificate.
      const plain = await connectNats({ servers: [address.replace('nats:', 'tls:')], name: 'test' }).catch(
        (error) => error,
      )
      expect(plain).toMatchObject({ code: 'bus_unreachable', message: expect.not.stringContaining('word') })
    } finally {
      await node?.kill()
    }
  },
)
