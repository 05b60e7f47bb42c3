import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { reset } from './reset.js'

/** Bytes; what the kernel buffers for a connection is less by far. */
const MORE_THAN_BUFFERS_HOLD = 64 * 1024 * 1024

let server: Server
let socket: Socket
let peer: Socket

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  ;[peer] = (await once(server, 'connection')) as [Socket]
})

afterEach(() => {
  peer.destroy()
  server.close()
})

it('resets an idle connection', async () => {
  peer.resume()
  const noticed = once(peer, 'end')
  reset(socket)
  await expect(noticed).rejects.toThrow('ECONNRESET')
})

it('resets one that has still to send what it ended with', async () => {
  socket.end(Buffer.alloc(MORE_THAN_BUFFERS_HOLD))
  const closed = once(socket, 'close')
  reset(socket)
  await closed
})

it('closes one that is shutting down: nothing of it is left', async () => {
  const closed = once(socket, 'close')
  socket.end()
  // Shutting down begins at the end of this turn, and ends in a later one.
  await new Promise((resolve) => process.nextTick(resolve))
  expect(socket.writableFinished).toBe(false)
  reset(socket)
  // Rejects when the reset is refused.
  await closed
})

it('resets one that has shut down its half', async () => {
  socket.end()
  await once(socket, 'finish')
  const closed = once(socket, 'close')
  reset(socket)
  await closed
})
