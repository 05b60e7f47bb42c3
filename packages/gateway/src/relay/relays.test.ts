import { TerraneError } from '@terrane/core'
import { wireError } from '@terrane/protocol'
import { Socket } from 'phoenix'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startTestServer } from '../test-support/test-server.js'
import type { RelayLink } from './relay-link.js'
import { decodeRelay, PART_BYTES_MAX } from './relay-wire.js'

const CRAFT = 1

/** The way between two gateways; `drops` looks at every message. */
class Way {
  readonly #handlers = new Map<string, (bytes: Uint8Array) => void>()
  drops: (bytes: Uint8Array) => boolean = () => false
  readonly sizes: number[] = []
  /** Who has the zone now, when that has changed. */
  movedTo: string | undefined

  link(self: string, holder: string): RelayLink {
    return {
      self,
      send: (node, bytes) => {
        if (this.drops(bytes)) return false
        this.sizes.push(bytes.length)
        setImmediate(() => this.#handlers.get(node)?.(bytes))
        return true
      },
      listen: (handler) => this.#handlers.set(self, handler),
      holderOf: async () => this.movedTo ?? holder,
      forget: () => {},
    }
  }
}

/** Clients connect to `near`, the zone is in `far`. */
async function startPair() {
  const way = new Way()
  const far = await startTestServer({ relay: way.link('far', 'far') })
  const held = async () => {
    throw new TerraneError('zone_held', 'the zone is held by far', { retry: 'later' })
  }
  const near = await startTestServer({ relay: way.link('near', 'far'), zones: held })
  return { way, near, far }
}

describe('a zone of another process', () => {
  test('takes inputs in binary frames, with numbers, results and acks as if it were here', async () => {
    const { way, near, far } = await startPair()
    const client = await near.connect('ada')
    const joined = await client.join({ format: 'binary' })
    expect(joined).toMatchObject({ status: 'ok', response: { zone: 'main', player: 'ada', applied: 0 } })
    client.inputs(1, [CRAFT, ['axe']], [CRAFT, ['saw']])
    await client.durable(2)
    expect(far.zone.executed.map(({ player, seq, args }) => [player, seq, args])).toEqual([
      ['ada', 1, ['axe']],
      ['ada', 2, ['saw']],
    ])
    expect(client.acks().flatMap(({ outcomes }) => outcomes)).toEqual([1, 0, { made: 'axe' }, 2, 0, { made: 'saw' }])
    // Larger than what the bus takes in one message.
    const state = new Uint8Array(PART_BYTES_MAX * 2 + 1).map((_, i) => i % 251)
    expect(far.zone.publish(state)).toBe(1)
    expect(Buffer.compare((await client.event('s')).payload as Buffer, state)).toBe(0)
    expect(Math.max(...way.sizes)).toBeLessThan(PART_BYTES_MAX + 1_000)
    expect((await client.push('zone:main', 'phx_leave', {})).status).toBe('ok')
    await expect.poll(() => far.zone.held).toBe(0)
    expect([...near.bugs, ...far.bugs]).toEqual([])
  })

  test('serves the phoenix package', async () => {
    const { near, far } = await startPair()
    const token = await near.auth.issueGuestToken('eve')
    const socket = new Socket(near.url, { transport: WebSocket as never, authToken: token } as never)
    onTestFinished(() => socket.disconnect())
    socket.connect()
    const channel = socket.channel('zone:main', {})
    const answer = (push: { receive(status: string, then: (response: unknown) => void): unknown }) =>
      new Promise((resolve) => {
        for (const status of ['ok', 'error']) push.receive(status, (response) => resolve([status, response]))
      })
    expect(await answer(channel.join())).toMatchObject(['ok', { zone: 'main', player: 'eve' }])
    const made = await answer(channel.push('input', { name: 'craft', args: { item: 'oar' } }))
    expect(made).toEqual(['ok', { seq: 1, result: { made: 'oar' } }])
    expect(far.zone.executed).toHaveLength(1)
  })

  test('resumes with its numbers after a lost connection', async () => {
    const { near, far } = await startPair()
    const first = await near.connect('ada')
    await first.join({ client: 'tab', format: 'binary' })
    first.inputs(1, [CRAFT, ['axe']])
    await first.durable(1)
    first.socket.terminate()
    await expect.poll(() => far.zone.held).toBe(0)
    const second = await near.connect('ada')
    expect((await second.join({ client: 'tab', format: 'binary' })).response).toMatchObject({ applied: 1, durable: 1 })
    second.inputs(1, [CRAFT, ['axe']], [CRAFT, ['saw']])
    await second.durable(2)
    expect(far.zone.executed.map(({ seq }) => seq)).toEqual([1, 2])
  })

  test.each(['far', 'near'] as const)(
    'a message lost on its way %s ends the channel with "try again"',
    async (which) => {
      const { way, near, far } = await startPair()
      const client = await near.connect('ada')
      await client.join({ format: 'binary' })
      let isLost = false
      way.drops = (bytes) => {
        const message = decodeRelay(bytes)
        if (isLost || message?.type !== 'frame' || message.direction !== which) return false
        isLost = true
        return true
      }
      client.inputs(1, [CRAFT, ['axe']])
      const { code } = await client.ending()
      expect(code).toBe('zone_unavailable')
      expect(isLost).toBe(true)
      await expect.poll(() => far.zone.held).toBe(0)
    },
  )

  test('silence of the other process ends both ends', async () => {
    const { way, near, far } = await startPair()
    const client = await near.connect('ada')
    await client.join({ format: 'binary' })
    way.drops = () => true
    expect((await client.ending()).code).toBe('zone_unavailable')
    await expect.poll(() => far.zone.held, { timeout: 30_000 }).toBe(0)
  })

  test('a zone that another process has taken over ends the channel, though the old owner still answers', async () => {
    const { way, near, far } = await startPair()
    const client = await near.connect('ada')
    await client.join({ format: 'binary' })
    way.movedTo = 'third'
    expect((await client.ending()).code).toBe('zone_unavailable')
    await expect.poll(() => far.zone.held).toBe(0)
  })

  test('errors of the zone, its move and bad frames reach the client', async () => {
    const { near, far } = await startPair()
    const client = await near.connect('ada')
    expect((await client.join({ focus: { mode: 'all' } })).response).toMatchObject({ code: 'forbidden' })
    await client.join({}, 'zone:main', '1')
    far.zone.closeAll(wireError('zone_moved'))
    expect((await client.ending()).code).toBe('zone_moved')
    const other = await near.connect('bob')
    await other.join({ format: 'binary' })
    other.inputs(5, [CRAFT, ['axe']])
    expect((await other.ending()).code).toBe('input_gap')
  })

  test('is refused as it was found when nobody has it', async () => {
    const way = new Way()
    const held = async () => {
      throw new TerraneError('zone_held', 'the zone is held by somebody', { retry: 'later' })
    }
    const lonely = await startTestServer({ relay: way.link('lonely', 'lonely'), zones: held })
    const client = await lonely.connect()
    expect((await client.join()).response).toMatchObject({ code: 'zone_held', retry: 'later' })
  })
})
