import { Agent, request } from 'node:http'
import { type Decoder, type MapSchema, Reflection, type Schema } from '@colyseus/schema'
import type { CreateFanoutClient, FanoutClient, FanoutClientOptions, Wire } from '../contract.js'

/** @colyseus/core's Protocol, repeated so that the load process need not load a server. */
const JOIN_ROOM = 10
const ERROR = 11
const ROOM_STATE = 14
const ROOM_STATE_PATCH = 15

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/**
 * What colyseus.js does on the wire: reserve a seat over HTTP, open the room's socket, answer
 * JOIN_ROOM with the same byte (which makes state flow), then take the full state and patches. Clients
 * that decode do so with the real schema decoder.
 */
class ColyseusClient implements FanoutClient {
  readonly #options: FanoutClientOptions
  #decoder: Decoder | undefined

  constructor(options: FanoutClientOptions) {
    this.#options = options
  }

  async prepare(): Promise<string> {
    const { ready, workload, index } = this.#options
    const room = workload.kind === 'rooms' ? `cell-${Math.floor(index / workload.roomSize)}` : 'world'
    const seat = await post(ready.port, `/matchmake/joinById/${room}`, { index })
    return `/${seat.room.processId}/${seat.room.roomId}?sessionId=${seat.sessionId}`
  }

  opened(): void {}

  message(wire: Wire, bytes: Buffer, start: number, end: number): number {
    switch (bytes[start]) {
      case ROOM_STATE_PATCH:
        this.#decoder?.decode(bytes.subarray(start, end), { offset: 1 })
        return 1
      case ROOM_STATE:
        // The state at the moment of joining: its stamp is that of the last tick, not of this message.
        this.#decoder?.decode(bytes.subarray(start, end), { offset: 1 })
        return 0
      case JOIN_ROOM:
        if (this.#options.decode) {
          this.#decoder = Reflection.decode(Buffer.from(bytes.subarray(start, end)), {
            offset: handshakeAt(bytes, start),
          })
        }
        wire.send(Uint8Array.of(JOIN_ROOM))
        return 0
      case ERROR:
        throw new Error(`Colyseus refused the client: ${bytes.toString('utf8', start + 1, end)}`)
      default:
        return 0
    }
  }

  visible(): number | undefined {
    const state = this.#decoder?.state as { entities?: MapSchema<Schema> } | undefined
    return state?.entities?.size
  }
}

/** JOIN_ROOM is: code, token with length, serializer's id with length, the schema. Relative to `start`. */
function handshakeAt(bytes: Buffer, start: number): number {
  const token = 1 + (bytes[start + 1] ?? 0)
  return 1 + token + 1 + (bytes[start + 1 + token] ?? 0)
}

interface Seat {
  room: { processId: string; roomId: string }
  sessionId: string
}

function post(port: number, path: string, body: unknown): Promise<Seat> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method: 'POST', agent, timeout: 30_000 }
    const outgoing = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () => {
        const answer = JSON.parse(text) as Seat & { error?: string }
        if (answer.error !== undefined) reject(new Error(`Colyseus gave no seat: ${answer.error}`))
        else resolve(answer)
      })
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('Colyseus gave no seat in time')))
    outgoing.on('error', reject)
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end(JSON.stringify(body))
  })
}

export const createFanoutClient: CreateFanoutClient = (options) => new ColyseusClient(options)
