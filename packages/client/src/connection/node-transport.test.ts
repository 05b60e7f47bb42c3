import { createServer } from 'node:http'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { nodeTransport } from './node-transport.js'
import type { Socket } from './transport.js'

const closings: (() => void)[] = []

afterEach(() => {
  for (const close of closings.splice(0)) close()
})

async function serve(refuse = false) {
  const http = createServer()
  const sockets = new WebSocketServer({ noServer: true })
  const chunks: Buffer[] = []
  const messages: string[] = []
  http.on('upgrade', (request, socket: NetSocket, head) => {
    if (refuse) return void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (peer) => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      peer.on('message', (data: Buffer, isBinary) => {
        messages.push(`${isBinary ? 'binary' : 'text'} ${data.toString()}`)
        peer.send(data, { binary: isBinary })
        if (data.toString() === 'end') peer.close(4003, 'flooding: too much')
      })
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  closings.push(() => {
    http.closeAllConnections()
    http.close()
    for (const peer of sockets.clients) peer.terminate()
  })
  return { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`, chunks, messages }
}

function open(url: string) {
  const events: string[] = []
  let socket: Socket | undefined
  const opened = new Promise<Socket>((resolve) => {
    socket = nodeTransport({ seed: 1 }).open(url, ['phoenix'], {
      onOpen: () => resolve(socket as Socket),
      onText: (text) => events.push(`text ${text}`),
      onBinary: (bytes) => events.push(`binary ${Buffer.from(bytes).toString()}`),
      onClose: (code, reason, status) => events.push(`close ${code} ${reason}${status === undefined ? '' : status}`),
    })
  })
  return { events, opened }
}

test('messages of one turn leave in one write, each a masked frame of its own', async () => {
  const { url, chunks, messages } = await serve()
  const { events, opened } = open(url)
  const socket = await opened
  for (let i = 0; i < 50; i++) socket.sendBinary(Buffer.from(`input ${i}`))
  socket.sendText('and a text')
  await expect.poll(() => messages).toHaveLength(51)
  expect(chunks).toHaveLength(1)
  // No mask is used twice in a row, and none is zero.
  const frame = (chunks[0] as Buffer).subarray(0, 28)
  expect(frame[1]).toBe(0x80 | 'input 0'.length)
  expect(frame.subarray(2, 6)).not.toEqual(Buffer.alloc(4))
  expect(frame.subarray(2, 6)).not.toEqual(frame.subarray(15, 19))
  await expect.poll(() => events).toHaveLength(51)
  expect(events.slice(49)).toEqual(['binary input 49', 'text and a text'])
  socket.sendText('end')
  await expect.poll(() => events.at(-1)).toBe('close 4003 flooding: too much')
})

test('messages of every size arrive whole, in order with texts', async () => {
  const { url, messages } = await serve()
  const socket = await open(url).opened
  const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]
  for (const size of sizes) {
    socket.sendBinary(Buffer.alloc(size, 'abcdefg'))
    socket.sendText(`${size}`)
  }
  socket.close(1000)
  socket.sendBinary(Buffer.from('after the close'))
  const expected = sizes.flatMap((size) => [`binary ${Buffer.alloc(size, 'abcdefg')}`, `text ${size}`])
  await expect.poll(() => messages.length).toBe(expected.length)
  expect(messages).toEqual(expected)
})

test('a refused upgrade, and no server at all, are closes', async () => {
  const { url } = await serve(true)
  const refused = open(url)
  await expect.poll(() => refused.events).toEqual([expect.stringMatching(/^close 1006 .*401$/)])
  const absent = open('ws://127.0.0.1:9')
  await expect.poll(() => absent.events).toEqual([expect.stringMatching(/^close 1006 .*ECONNREFUSED/)])
})
