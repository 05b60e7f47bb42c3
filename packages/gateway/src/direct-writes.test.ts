import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DirectWrites } from './direct-writes.js'

let server: Server
let accepted: Socket
let client: Socket
let received: Buffer[]

async function pair(): Promise<{ accepted: Socket; client: Socket }> {
  const next = once(server, 'connection')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [other] = (await next) as [Socket]
  other.on('error', () => {})
  socket.on('error', () => {})
  return { accepted: other, client: socket }
}

async function arrived(bytes: number): Promise<string> {
  while (Buffer.concat(received).length < bytes) await once(client, 'data')
  return Buffer.concat(received).toString('latin1')
}

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  ;({ accepted, client } = await pair())
  received = []
})

afterEach(() => {
  accepted.destroy()
  client.destroy()
  server.close()
})

function listen(): void {
  client.on('data', (bytes) => received.push(bytes))
}

it('writes past the stream while nothing waits in it', async () => {
  listen()
  const connection = new DirectWrites().open(accepted)
  for (let i = 0; i < 5; i++) connection.write(Buffer.from(`frame${i};`))
  expect(await arrived(35)).toBe('frame0;frame1;frame2;frame3;frame4;')
  // The stream has not seen any of it.
  expect(accepted.bytesWritten).toBe(0)
})

it('keeps the order, and every byte, when the kernel is full and others write through the stream', async () => {
  const writes = new DirectWrites()
  const connection = writes.open(accepted)
  const size = 40_000
  const expected: string[] = []
  // Nobody reads, so that frames are taken whole, in part, and not at all, one after the other.
  for (let i = 0; i < 400; i++) {
    const frame = Buffer.alloc(size, 97 + (i % 26))
    expected.push(frame.toString('latin1'))
    if (i % 7 === 3) accepted.write(frame)
    else if (i % 2 === 0) connection.write(frame)
    else if (!writes.write(connection.number, frame)) connection.write(frame)
  }
  expect(connection.unsent).toBeGreaterThan(0)
  listen()
  const got = await arrived(400 * size)
  expect(got === expected.join('')).toBe(true)
  // Empty again, it goes directly again.
  const before = accepted.bytesWritten
  connection.write(Buffer.from('last'))
  expect(accepted.bytesWritten).toBe(before)
  expect((await arrived(400 * size + 4)).slice(-4)).toBe('last')
})

it.each(['destroy', 'end', 'resetAndDestroy'] as const)(
  'never uses the descriptor after %s, however soon it belongs to another',
  async (how) => {
    const writes = new DirectWrites()
    const connection = writes.open(accepted)
    connection.write(Buffer.from('x'))
    expect(writes.isDirect(connection.number)).toBe(true)
    accepted[how]()
    expect(writes.isDirect(connection.number)).toBe(false)
    expect(writes.write(connection.number, Buffer.from('secret'))).toBe(false)
    connection.write(Buffer.from('secret'))
    expect(writes.isDirect(connection.number)).toBe(false)
    // Another connection that may have got the same descriptor hears nothing of it.
    const other = await pair()
    const heard: Buffer[] = []
    other.client.on('data', (bytes) => heard.push(bytes))
    connection.write(Buffer.from('secret'))
    other.accepted.end('bye')
    await once(other.client, 'close')
    expect(Buffer.concat(heard).toString()).toBe('bye')
    connection.close()
  },
)

it('is not used when the other side has gone, which the stream tells', async () => {
  const writes = new DirectWrites()
  const connection = writes.open(accepted)
  const closed = new Promise((resolve) => accepted.once('close', resolve))
  client.resetAndDestroy()
  while (!accepted.destroyed) {
    connection.write(Buffer.alloc(1000))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  expect(writes.isDirect(connection.number)).toBe(false)
})

it('leaves connections that are no plain sockets to their streams', () => {
  const chunks: Buffer[] = []
  const wire = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  const writes = new DirectWrites()
  const connection = writes.open(wire)
  connection.write(Buffer.from('one'))
  expect(writes.isDirect(connection.number)).toBe(false)
  expect(Buffer.concat(chunks).toString()).toBe('one')
})

it('gives numbers again, and has room for many', () => {
  const writes = new DirectWrites()
  const wires = Array.from({ length: 200 }, () => new Duplex({ read: () => {}, write: (_c, _e, done) => done() }))
  const opened = wires.map((wire) => writes.open(wire))
  expect(new Set(opened.map(({ number }) => number)).size).toBe(200)
  opened[7]?.close()
  expect(writes.open(new Duplex()).number).toBe(opened[7]?.number)
})
