import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FaultProxy, startFaultProxy } from './fault-proxy.js'

let echo: Server
let proxy: FaultProxy
const opened: Socket[] = []

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: (echo.address() as AddressInfo).port } })
})

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  await proxy.close()
  echo.close()
})

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, proxy.host)
  opened.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function read(socket: Socket, length: number): Promise<string> {
  let text = ''
  while (text.length < length) text += String((await once(socket, 'data'))[0])
  return text
}

function ended(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let code = 'end'
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code ?? 'error'
    })
    socket.on('close', () => resolve(code))
    socket.resume()
  })
}

describe('the fault proxy', () => {
  it('is invisible in fair weather', async () => {
    const socket = await open()
    const text = 'x'.repeat(300_000)
    socket.end(text)
    expect(await read(socket, text.length)).toBe(text)
    expect(await ended(socket)).toBe('end')
    expect(proxy.accepted).toBe(1)
  })

  it('keeps bytes whole and in order whatever the latency does meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 5000 }), latency: fc.integer({ min: 0, max: 8 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (pieces) => {
          const socket = await open()
          const sent = pieces.map(({ bytes }, i) => String.fromCharCode(97 + i).repeat(bytes))
          const reading = read(socket, sent.join('').length)
          for (let i = 0; i < pieces.length; i++) {
            proxy.latency(pieces[i]?.latency ?? 0)
            socket.write(sent[i] as string)
            await new Promise((resolve) => setImmediate(resolve))
          }
          expect(await reading).toBe(sent.join(''))
          socket.destroy()
          await proxy.heal()
        },
      ),
      { numRuns: 20 },
    )
  })

  it('delays what is lost and all behind it, and loses no byte', async () => {
    const luck = [0.5, 0.01, 0.5]
    const lossy = await startFaultProxy({
      target: { host: '127.0.0.1', port: (echo.address() as AddressInfo).port },
      random: () => luck.shift() ?? 0.5,
    })
    lossy.loss(0.02, 60)
    const socket = connect(lossy.port, lossy.host)
    opened.push(socket)
    await once(socket, 'connect')
    // Twice per letter luck decides: on the way there, and back.
    socket.write('a')
    const sentAt = performance.now()
    expect(await read(socket, 1)).toBe('a')
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(59)
    socket.write('b')
    expect(await read(socket, 1)).toBe('b')
    expect(luck).toEqual([])
    await lossy.close()
  })

  it('resets all connections, and takes new ones', async () => {
    const sockets = [await open(), await open()]
    for (const socket of sockets) {
      socket.write('a')
      await read(socket, 1)
    }
    const ends = sockets.map(ended)
    proxy.reset()
    expect(await Promise.all(ends)).toEqual(['ECONNRESET', 'ECONNRESET'])
    const socket = await open()
    socket.write('again')
    expect(await read(socket, 5)).toBe('again')
  })

  it('lets bytes vanish while both ends think that they are connected, until it heals', async () => {
    const socket = await open()
    socket.write('a')
    await read(socket, 1)
    proxy.halfOpen()
    let heard = 0
    socket.on('data', () => heard++)
    socket.write('lost')
    const late = await open()
    late.write('lost too')
    // Another connection to the target shows that there was time enough for an echo.
    const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1')
    direct.write('direct')
    expect(await read(direct, 6)).toBe('direct')
    direct.destroy()
    expect(heard).toBe(0)
    expect(socket.destroyed || late.destroyed).toBe(false)
    const ends = [ended(socket), ended(late)]
    await proxy.heal()
    expect(await Promise.all(ends)).toEqual(['ECONNRESET', 'ECONNRESET'])
  })

  it('cuts one answer', async () => {
    const socket = await open()
    proxy.truncateNext(4)
    const text = new Promise<string>((resolve) => {
      let got = ''
      socket.on('data', (bytes) => {
        got += String(bytes)
      })
      socket.on('close', () => resolve(got))
    })
    socket.write('truncated')
    expect(await text).toBe('trun')
    const next = await open()
    next.write('whole')
    expect(await read(next, 5)).toBe('whole')
  })

  it('refuses, and listens at the same port again', async () => {
    const present = await open()
    present.write('a')
    await read(present, 1)
    const end = ended(present)
    const { port } = proxy
    await proxy.refuse()
    expect(await end).toBe('ECONNRESET')
    const refused = connect(port, proxy.host)
    expect(await ended(refused)).toBe('ECONNREFUSED')
    await proxy.heal()
    expect(proxy.port).toBe(port)
    const socket = await open()
    socket.write('back')
    expect(await read(socket, 4)).toBe('back')
  })

  it('swallows new connections, and leaves present ones alone', async () => {
    const present = await open()
    present.write('a')
    await read(present, 1)
    proxy.blackHole()
    const swallowed = await open()
    let heard = 0
    swallowed.on('data', () => heard++)
    swallowed.write('hello?')
    present.write('still here')
    expect(await read(present, 10)).toBe('still here')
    expect(heard).toBe(0)
    const end = ended(swallowed)
    await proxy.heal()
    expect(await end).toBe('ECONNRESET')
  })

  it('holds nothing when it is closed', async () => {
    const socket = await open()
    const end = ended(socket)
    await proxy.close()
    await end
    expect(proxy.connections).toBe(0)
  })
})
