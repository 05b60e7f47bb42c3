import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WireError } from '@terrane/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { closeCodeOf, closeReason } from './channel.js'
import { errorJson, eventFrame } from './frames-out.js'
import type { GatewayLimits } from './limits.js'

/** Turns upgrade requests into WebSockets, and refuses them so that browsers learn why. */
export class Upgrades {
  readonly #server: WebSocketServer
  readonly #limits: GatewayLimits
  /** Sockets that were refused and are not closed yet. */
  readonly #refused = new Set<Duplex>()

  constructor(limits: GatewayLimits) {
    this.#limits = limits
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // State is encoded once for many clients and is dense already; compressing it per client would cost
      // more than everything else here, and 300 KB of memory each.
      perMessageDeflate: false,
      maxPayload: limits.frameBytesHard,
      skipUTF8Validation: true,
      handleProtocols: (protocols) => (protocols.has('phoenix') ? 'phoenix' : false),
      // Missing in the types of ws 8.18.
      ...{ closeTimeout: limits.closeMs },
    })
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, accepted: (ws: WebSocket) => void): void {
    this.#server.handleUpgrade(request, socket, head, accepted)
  }

  /**
   * Accepts and closes with code and reason: of a refused upgrade a browser shows its page nothing, neither
   * status nor body, and a player whose token has expired would only see the connection fail.
   */
  refuse(request: IncomingMessage, socket: Duplex, head: Buffer, error: WireError): void {
    if (socket.destroyed) return
    if (this.#refused.size >= this.#limits.refusalsMax) {
      refuseByHttp(socket)
      return
    }
    this.#refused.add(socket)
    socket.once('close', () => this.#refused.delete(socket))
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => {})
      socket.write(eventFrame(null, null, 'phoenix', 'closing', errorJson(error)))
      ws.close(closeCodeOf(error), closeReason(error))
    })
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#refused) socket.destroy()
  }
}

/** The cheap refusal, for when there are very many. */
function refuseByHttp(socket: Duplex): void {
  socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n')
  socket.once('finish', () => socket.destroy())
}
