import type { Socket as NetSocket } from 'node:net'
import { Prng } from '@terrane/core'
import { type ClientOptions, WebSocket } from 'ws'
import { CLOSED_ABNORMALLY, type Socket, type SocketHandlers, type Transport } from './transport.js'

export interface NodeTransportOptions {
  /** Of the request that opens the WebSocket. */
  readonly headers?: Readonly<Record<string, string>>
  /** Frames that the server may send at most, bytes; default 64 MiB. */
  readonly frameBytesMax?: number
  /** Seed of the masks; default from the time. */
  readonly seed?: number
}

const FRAME_BYTES_MAX = 64 * 1024 * 1024

/** How long the server may take to answer a close before the socket is destroyed. */
const CLOSE_MS = 2_000

/**
 * WebSockets by `ws`, but for one thing: binary messages, of which there may be 100,000 a second when
 * one process plays many clients, are framed here, and all of one turn of the event loop leave in one
 * write. Each remains a frame of its own. Through `ws`, such a message costs several microseconds, most
 * of them in the streams below it.
 *
 * Masks come from a small generator instead of the system's random source. Masking keeps scripts in
 * browsers from forging requests that intermediaries would cache (RFC 6455, 10.3); whoever runs Node
 * can write any bytes to any socket anyway.
 */
export function nodeTransport(options: NodeTransportOptions = {}): Transport {
  const masks = new Prng(options.seed ?? Date.now())
  return {
    open(url, protocols, handlers) {
      const settings: ClientOptions & { readonly closeTimeout: number } = {
        perMessageDeflate: false,
        maxPayload: options.frameBytesMax ?? FRAME_BYTES_MAX,
        headers: { ...options.headers },
        closeTimeout: CLOSE_MS,
        generateMask: (mask) => {
          mask.writeUInt32LE(masks.u32())
        },
      }
      return new NodeSocket(new WebSocket(url, [...protocols], settings), handlers, masks)
    },
  }
}

class NodeSocket implements Socket {
  readonly #socket: WebSocket
  #frames: TurnWriter | undefined

  constructor(socket: WebSocket, handlers: SocketHandlers, masks: Prng) {
    this.#socket = socket
    let status: number | undefined
    let failure = ''
    socket.on('upgrade', (response) => {
      const isOpen = () => socket.readyState === WebSocket.OPEN
      this.#frames = new TurnWriter(response.socket, masks, isOpen)
    })
    socket.on('unexpected-response', (request, response) => {
      status = response.statusCode
      request.destroy()
      socket.terminate()
    })
    socket.on('open', () => handlers.onOpen())
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) handlers.onBinary(data)
      else handlers.onText(data.toString())
    })
    // Always followed by `close`, which reports it.
    socket.on('error', (error) => {
      failure = error.message
    })
    socket.on('close', (code, reason) => {
      handlers.onClose(code, code === CLOSED_ABNORMALLY && reason.length === 0 ? failure : reason.toString(), status)
    })
  }

  sendText(text: string): void {
    this.#frames?.flush()
    this.#socket.send(text)
  }

  sendBinary(bytes: Uint8Array): void {
    this.#frames?.add(bytes)
  }

  close(code?: number, reason?: string): void {
    this.#frames?.flush()
    // A socket that was never open has no closing handshake to wait for.
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.terminate()
    else this.#socket.close(code, reason)
  }
}

const SLAB_BYTES = 64 * 1024
const BINARY_FRAME = 0x82
const MASKED = 0x80
const HEAD_MAX = 2 + 8 + 4

/**
 * Gathers binary frames (RFC 6455, 5.2) and writes them when the present callback and its promises have ended. What `ws` itself writes to
 * the socket are whole frames too, so the two may alternate.
 */
class TurnWriter {
  readonly #socket: NetSocket
  readonly #masks: Prng
  readonly #isOpen: () => boolean
  #slab = Buffer.allocUnsafe(0)
  /** Frames in `#slab[#from … #at)` wait. What lies before is the stream's until it is written. */
  #from = 0
  #at = 0
  #scheduled = false

  constructor(socket: NetSocket, masks: Prng, isOpen: () => boolean) {
    this.#socket = socket
    this.#masks = masks
    this.#isOpen = isOpen
  }

  add(bytes: Uint8Array): void {
    const length = bytes.length
    if (this.#at + HEAD_MAX + length > this.#slab.length) this.#renew(HEAD_MAX + length)
    const slab = this.#slab
    let at = this.#at
    slab[at] = BINARY_FRAME
    if (length < 126) {
      slab[at + 1] = MASKED | length
      at += 2
    } else if (length < 0x1_0000) {
      slab[at + 1] = MASKED | 126
      at = slab.writeUInt16BE(length, at + 2)
    } else {
      slab[at + 1] = MASKED | 127
      at = slab.writeBigUInt64BE(BigInt(length), at + 2)
    }
    const mask = this.#masks.u32()
    at = slab.writeUInt32LE(mask, at)
    for (let i = 0; i < length; i++) slab[at + i] = (bytes[i] as number) ^ (mask >>> ((i & 3) << 3))
    this.#at = at + length
    if (this.#scheduled) return
    this.#scheduled = true
    // Runs when everything that the last message set off has been sent, not behind other sockets' messages.
    process.nextTick(this.#endTurn)
  }

  flush(): void {
    if (this.#at === this.#from) return
    // No data may follow a close frame.
    if (this.#isOpen()) this.#socket.write(this.#slab.subarray(this.#from, this.#at))
    this.#from = this.#at
  }

  readonly #endTurn = (): void => {
    this.#scheduled = false
    this.flush()
  }

  #renew(size: number): void {
    this.flush()
    this.#slab = Buffer.allocUnsafe(Math.max(SLAB_BYTES, size))
    this.#from = 0
    this.#at = 0
  }
}
