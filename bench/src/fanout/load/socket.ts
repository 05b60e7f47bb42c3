import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { reset } from '@terrane/testing/fault-proxy'
import type { Wire } from '../contract.js'
import { FrameParser, frame, OPCODE } from './frames.js'

const HANDSHAKE_TIMEOUT_MS = 30_000
const HEADER_BYTES_MAX = 16 * 1024

/**
 * Reads of all sockets land in this one buffer: each is used up before the next begins, and not
 * allocating one per read is a good part of what makes 100,000 frames a second possible.
 */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

export interface SocketEvents {
  message(bytes: Buffer, start: number, end: number): void
  received(bytes: number): void
  /** Once, for whatever reason, unless we closed it ourselves. */
  lost(reason: string): void
}

/** The least that speaks WebSocket as a client: ten times cheaper per message than `ws`. */
export class LoadSocket implements Wire {
  readonly #socket: Socket
  #closing = false

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static open(port: number, path: string, opened: (wire: Wire) => void, events: SocketEvents): Promise<LoadSocket> {
    return new Promise((resolve, reject) => {
      let header: Buffer | undefined = Buffer.alloc(0)
      const parser = new FrameParser((opcode, bytes, start, end) => {
        if (opcode === OPCODE.ping) self.#write(OPCODE.pong, bytes.subarray(start, end))
        else if (opcode === OPCODE.close) fail(`closed by the server: ${closeText(bytes, start, end)}`)
        else events.message(bytes, start, end)
      })
      const socket = connect({
        host: '127.0.0.1',
        port,
        noDelay: true,
        onread: {
          buffer: shared,
          callback: (length) => {
            if (header === undefined) {
              events.received(length)
              parser.push(shared, length)
              return true
            }
            header = Buffer.concat([header, shared.subarray(0, length)])
            const end = header.indexOf('\r\n\r\n')
            if (end === -1 && header.length < HEADER_BYTES_MAX) return true
            const status = header.toString('latin1', 0, header.indexOf('\r\n'))
            if (end === -1 || !status.startsWith('HTTP/1.1 101')) {
              fail(`refused: ${status}`)
              return false
            }
            const rest = header.subarray(end + 4)
            header = undefined
            clearTimeout(timer)
            opened(self)
            resolve(self)
            if (rest.length > 0) parser.push(rest, rest.length)
            return true
          },
        },
      })
      const self = new LoadSocket(socket)
      const fail = (reason: string): void => {
        clearTimeout(timer)
        if (self.#closing) return
        self.#closing = true
        socket.destroy()
        if (header === undefined) events.lost(reason)
        else reject(new Error(reason))
      }
      const timer = setTimeout(() => fail('no answer to the upgrade'), HANDSHAKE_TIMEOUT_MS)
      socket.on('error', (error) => fail(error.message))
      socket.on('close', () => fail('closed by the server'))
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      )
    })
  }

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.#write(OPCODE.text, Buffer.from(data))
    else this.#write(OPCODE.binary, data)
  }

  close(): void {
    this.#closing = true
    // Reset: thousands of connections in TIME_WAIT would stand in the way of the next round.
    reset(this.#socket)
  }

  #write(opcode: number, content: Uint8Array): void {
    this.#socket.write(frame(opcode, content))
  }
}

function closeText(bytes: Buffer, start: number, end: number): string {
  if (end - start < 2) return 'no reason'
  return `${bytes.readUInt16BE(start)} ${bytes.toString('utf8', start + 2, end)}`.trim()
}
