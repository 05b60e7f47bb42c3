import { decodeBlocks, ENTRY_GONE, FORM_DELTA, type WireType } from '@terrane/protocol'
import type { CreateFanoutClient, FanoutClient, FanoutClientOptions, Wire } from '../contract.js'

const TOPIC = 'zone:main'
const BROADCAST = 2
/** A binary broadcast: kind, length of topic, length of event, topic, event, payload. */
const STATE_AT = 3 + TOPIC.length
const STATE = 's'.charCodeAt(0)
const PAYLOAD_AT = STATE_AT + 1
const STAMP = '~T'
/** Kinds of open-world.ts: entities, pulse. */
const TYPES: readonly (readonly WireType[])[] = [
  ['integer', 'integer', 'integer'],
  ['integer', 'text'],
]

/** What the SDK does on the wire: one join, then state frames. Clients that decode count what they hold. */
class TerraneClient implements FanoutClient {
  readonly #options: FanoutClientOptions
  /** Entities and the cells under which they are held. */
  readonly #held = new Map<number, number>()

  constructor(options: FanoutClientOptions) {
    this.#options = options
  }

  async prepare(): Promise<string> {
    return `/socket/websocket?vsn=2.0.0&token=p${this.#options.index}`
  }

  opened(wire: Wire): void {
    const { workload, index } = this.#options
    const focus =
      workload.kind === 'rooms' ? { mode: 'rooms', rooms: [Math.floor(index / workload.roomSize)] } : { mode: 'follow' }
    const join = { client: 'load', focus, format: 'binary', acks: 'durable', presence: false }
    wire.send(JSON.stringify(['1', '1', TOPIC, 'phx_join', join]))
  }

  message(_wire: Wire, bytes: Buffer, start: number, end: number): number {
    if (bytes[start] !== BROADCAST || bytes[start + STATE_AT] !== STATE) return 0
    // A cell's frame is one update; that sampled clients find one stamp in each is checked by the load.
    if (this.#options.workload.kind === 'rooms') return 1
    const payload = bytes.subarray(start + PAYLOAD_AT, end)
    if (this.#options.decode) this.#decode(payload)
    return payload.includes(STAMP) ? 1 : 0
  }

  visible(): number | undefined {
    return this.#options.decode ? this.#held.size : undefined
  }

  #decode(payload: Buffer): void {
    for (const { cell, form, entries } of decodeBlocks(payload, TYPES)) {
      if (form !== FORM_DELTA) for (const [id, under] of this.#held) if (under === cell) this.#held.delete(id)
      for (const { id, kind, op } of entries) {
        if (kind !== 0) continue
        if (op !== ENTRY_GONE) this.#held.set(id, cell)
        else if (this.#held.get(id) === cell) this.#held.delete(id)
      }
    }
  }
}

export const createFanoutClient: CreateFanoutClient = (options) => new TerraneClient(options)
