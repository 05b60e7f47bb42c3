import { STATE_HEADROOM } from '@terrane/engine'
import {
  BlockEncoder,
  broadcastHeader,
  decodeBinary,
  decodeText,
  ENTRY_CHANGED,
  encodeMark,
  FORM_DELTA,
  pack,
  unpack,
  type WireType,
} from '@terrane/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  ackFrame,
  ackFrameWith,
  binaryFrame,
  binaryFrameInPlace,
  eventFrame,
  jsonOf,
  replyFrame,
  textFrame,
  WEBSOCKET_HEADER_MAX,
} from './frames-out.js'
import { hotPathFigures } from './hot-path.bench.js'
import { MalformedPayload, PayloadReader } from './payload-reader.js'
import { binaryStateFrame, jsonStateFrame } from './state-frames.js'

/** Payload of a WebSocket frame, after its header. */
function payloadOf(frame: Buffer): Buffer {
  const short = (frame[1] as number) & 0x7f
  const [at, length] =
    short < 126 ? [2, short] : short === 126 ? [4, frame.readUInt16BE(2)] : [10, frame.readUIntBE(4, 6)]
  expect(frame.length - at).toBe(length)
  return frame.subarray(at)
}

const LONGEST_TOPIC = `zone:${'z'.repeat(80)}`

describe('frames', () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('a text of %i characters', (length) => {
    const frame = textFrame('é'.repeat(length >> 1) + 'x'.repeat(length & 1))
    expect(frame[0]).toBe(0x81)
    expect(payloadOf(frame).toString()).toHaveLength((length >> 1) + (length & 1))
  })

  test('are what a WebSocket client understands', async () => {
    const server = new WebSocketServer({ port: 0 })
    server.on('connection', (_, request) => {
      request.socket.write(textFrame('short'))
      request.socket.write(binaryFrame(new Uint8Array([1, 2]), new Uint8Array(300)))
      request.socket.write(textFrame('x'.repeat(70_000)))
    })
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`)
    const lengths: number[] = []
    await new Promise<void>((resolve) => {
      client.on('message', (data: Buffer) => {
        lengths.push(data.length)
        if (lengths.length === 3) resolve()
      })
    })
    expect(lengths).toEqual([5, 302, 70_000])
    client.terminate()
    await new Promise((resolve) => server.close(resolve))
  })

  test('acks of any numbers decode to them', () => {
    const head = broadcastHeader('zone:main', 'a')
    const number = fc.oneof(fc.nat(), fc.constantFrom(0, 127, 128, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1))
    fc.assert(
      fc.property(number, number, (applied, durable) => {
        const message = decodeBinary(payloadOf(ackFrame(head, applied, durable)))
        expect(message).toMatchObject({ topic: 'zone:main', event: 'a' })
        expect(unpack(message?.payload as Uint8Array)).toEqual([applied, durable, []])
      }),
    )
  })

  test('an outcome that cannot be encoded becomes null, and the rest arrives', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    const head = broadcastHeader('zone:main', 'a')
    const message = decodeBinary(payloadOf(ackFrameWith(head, 2, 0, [1, 0, cycle, 2, 0, 'fine'])))
    expect(unpack(message?.payload as Uint8Array)).toEqual([2, 0, [1, 0, null, 2, 0, 'fine']])
    expect(jsonOf({ cycle })).toBe('null')
    expect(jsonOf({ big: 2n ** 64n, bytes: new Uint8Array([1, 2]), buffer: Buffer.from('a') })).toBe(
      '{"big":"18446744073709551616","bytes":"AQI=","buffer":"YQ=="}',
    )
  })

  test('replies and events are channel messages', () => {
    const reply = decodeText(payloadOf(replyFrame('1', '2', 'a"b', 'ok', '{"x":1}')).toString())
    expect(reply).toEqual({
      joinRef: '1',
      ref: '2',
      topic: 'a"b',
      event: 'phx_reply',
      payload: { status: 'ok', response: { x: 1 } },
    })
    const event = decodeText(payloadOf(eventFrame(null, null, 't', 'e', '[]')).toString())
    expect(event).toEqual({ joinRef: null, ref: null, topic: 't', event: 'e', payload: [] })
  })
})

describe('state frames', () => {
  function stateFrame(payload: Uint8Array, headroom = STATE_HEADROOM) {
    const bytes = new Uint8Array(headroom + payload.length)
    bytes.set(payload, headroom)
    return { bytes, encoded: new Map<string, unknown>() }
  }

  test.each([10, 1_000, 100_000])('of %i bytes are built in place, once', (length) => {
    const payload = new Uint8Array(length).map((_, i) => i)
    const frame = stateFrame(payload)
    const head = broadcastHeader(LONGEST_TOPIC, 's')
    const built = binaryStateFrame(frame, head)
    expect(built.buffer).toBe(frame.bytes.buffer)
    expect(binaryStateFrame(frame, head)).toBe(built)
    const message = decodeBinary(payloadOf(built))
    expect(message).toMatchObject({ topic: LONGEST_TOPIC, event: 's' })
    expect(Buffer.compare(message?.payload as Uint8Array, payload)).toBe(0)
  })

  test('the headroom holds both headers of the longest topic', () => {
    expect(WEBSOCKET_HEADER_MAX + broadcastHeader(LONGEST_TOPIC, 's').length).toBeLessThanOrEqual(STATE_HEADROOM)
    expect(binaryFrameInPlace(broadcastHeader('z'.repeat(200), 's'), new Uint8Array(300), STATE_HEADROOM)).toBe(
      undefined,
    )
  })

  test('JSON is built once, from the blocks', () => {
    const date = new Date(1_700_000_000_000)
    const types: WireType[][] = [['text', 'integer', 'date']]
    const entries = [{ id: 3, kind: 0, op: ENTRY_CHANGED, mask: 0b101, values: ['a', date] }]
    const block = new BlockEncoder(types).encode(5, FORM_DELTA, 12, 11, entries)
    const frame = stateFrame(Buffer.concat([encodeMark(12), block]))
    const built = jsonStateFrame(frame, 'zone:main', types)
    expect(jsonStateFrame(frame, 'zone:main', types)).toBe(built)
    expect(decodeText(payloadOf(built).toString())?.payload).toMatchObject({
      blocks: [{ cell: 5, entries: [{ id: 3, op: ENTRY_CHANGED, mask: 5, values: ['a', date.toISOString()] }] }],
    })
  })
})

describe('payload reader', () => {
  const reader = new PayloadReader()
  const read = (bytes: Uint8Array): unknown => {
    reader.start(Buffer.from(bytes), 0)
    const value = reader.value()
    if (!reader.atEnd) throw new MalformedPayload('bytes are left over')
    return value
  }

  const date = fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2500-01-01') })
  const text = fc.string({ unit: 'grapheme', maxLength: 300 })
  const leaf = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).filter((each) => !Object.is(each, -0)),
    text,
    fc.boolean(),
    fc.constant(null),
    date,
    fc.uint8Array({ maxLength: 300 }),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 20, noNullPrototype: true },
      ),
    ),
  }))

  test('reads whatever msgpackr packs', () => {
    fc.assert(
      fc.property(value, (given) => {
        const bytes = pack(given)
        const expected = unpack(bytes)
        expect(read(bytes)).toEqual(plain(expected))
      }),
      { numRuns: 500 },
    )
  })

  test('refuses or reads any bytes, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          read(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedPayload)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

/** msgpackr gives Buffers where we give plain byte arrays. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

test('the benchmark of the hot path runs', async () => {
  const figures = await hotPathFigures(5_000)
  expect(figures.perSingleInputFrameUs).toBeGreaterThan(0)
})
