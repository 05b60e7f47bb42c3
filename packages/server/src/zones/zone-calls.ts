// The work on zones as calls between processes.
import type { ProcessCalls } from '@terrane/bus'
import { type Reshaped, TransientStoreError } from '@terrane/engine'
import {
  type CommandCall,
  type FoundRow,
  type Merge,
  type Move,
  noDatabase,
  type RowQuery,
  type Split,
  type ZoneWork,
} from './zone-work.js'

type Method = keyof ZoneWork
const METHODS = ['row', 'command', 'split', 'merge', 'move', 'yield'] as const satisfies readonly Method[]

/** How long the answer may take, ms. Rows are in memory; a change of the map waits for both zones to be durable. */
const ANSWER_MS_MAX: Readonly<Record<Method, number>> = {
  row: 5_000,
  command: 30_000,
  split: 60_000,
  merge: 60_000,
  move: 60_000,
  // All its rows go to the tables.
  yield: 60_000,
}

/** Lets other processes ask this one. */
export function answerZoneCalls(calls: ProcessCalls, work: ZoneWork): void {
  for (const method of METHODS) {
    const run = work[method].bind(work) as (query: unknown) => Promise<unknown>
    calls.handle(`zones.${method}`, async (args) => {
      try {
        return bytesOf(await run(fromBytes(args)))
      } catch (thrown) {
        throw thrown instanceof TransientStoreError ? noDatabase(thrown) : thrown
      }
    })
  }
}

/** Zones of another process. Rejects as the work does there, and as `ProcessCalls.call` does. */
export class RemoteZones implements ZoneWork {
  readonly #calls: ProcessCalls
  readonly #owner: string

  constructor(calls: ProcessCalls, owner: string) {
    this.#calls = calls
    this.#owner = owner
  }

  row(query: RowQuery): Promise<FoundRow | undefined> {
    return this.#ask('row', query)
  }

  command(call: CommandCall): Promise<unknown> {
    return this.#ask('command', call)
  }

  split(change: Split): Promise<Reshaped> {
    return this.#ask('split', change)
  }

  merge(change: Merge): Promise<Reshaped> {
    return this.#ask('merge', change)
  }

  move(change: Move): Promise<Reshaped> {
    return this.#ask('move', change)
  }

  yield(zone: string): Promise<void> {
    return this.#ask('yield', zone)
  }

  async #ask<Answer>(method: Method, query: object | string): Promise<Answer> {
    const answer = await this.#calls.call(this.#owner, `zones.${method}`, bytesOf(query), ANSWER_MS_MAX[method])
    return fromBytes(answer) as Answer
  }
}

/** `undefined` is no JSON: it goes as nothing at all. */
function bytesOf(value: unknown): Uint8Array {
  return value === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(value))
}

function fromBytes(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : JSON.parse(Buffer.from(bytes).toString('utf8'))
}
