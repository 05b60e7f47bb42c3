import type { CreateFanoutClient, FanoutClient, FanoutClientOptions, Wire } from '../contract.js'

/** First bytes of Engine.IO 4 packets, and of the Socket.IO 5 packets inside its messages. */
const ENGINE_OPEN = code('0')
const ENGINE_PING = code('2')
const ENGINE_MESSAGE = code('4')
const SOCKET_EVENT = code('2')

/** What socket.io-client does over WebSocket alone: join the main namespace, answer pings, take events. */
class SocketIoClient implements FanoutClient {
  readonly #cell: number

  constructor({ workload, index }: FanoutClientOptions) {
    if (workload.kind !== 'rooms') throw new Error('socket.io takes part in the rooms workload only')
    this.#cell = Math.floor(index / workload.roomSize)
  }

  async prepare(): Promise<string> {
    return `/socket.io/?EIO=4&transport=websocket&cell=${this.#cell}`
  }

  opened(): void {}

  message(wire: Wire, bytes: Buffer, start: number): number {
    const type = bytes[start]
    if (type === ENGINE_MESSAGE) return bytes[start + 1] === SOCKET_EVENT ? 1 : 0
    if (type === ENGINE_OPEN) wire.send('40')
    else if (type === ENGINE_PING) wire.send('3')
    return 0
  }
}

function code(character: string): number {
  return character.charCodeAt(0)
}

export const createFanoutClient: CreateFanoutClient = (options) => new SocketIoClient(options)
