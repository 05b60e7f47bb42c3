import { TerraneError } from '@terrane/core'
import type { Engine, Key, MapRange, Reshaped, TransientStoreError } from '@terrane/engine'

type Row = Readonly<Record<string, unknown>>

export interface RowQuery {
  readonly kind: string
  readonly key: Key
  /** Look in this zone only. */
  readonly zone?: string | undefined
}

export interface FoundRow {
  readonly zone: string
  readonly row: Row
}

export interface CommandCall {
  readonly zone: string
  readonly command: string
  readonly args: object
}

export interface Split {
  readonly zone: string
  /** The first code that goes; default: half of the rows go. */
  readonly code?: number | undefined
}

export interface Merge {
  readonly zone: string
  readonly into: string
}

export interface Move extends Omit<MapRange, 'zone'> {
  readonly into: string
}

/**
 * What is asked of zones from outside of them: by operators, and by processes that do not have them. Arguments and
 * results are JSON. All reject with `TerraneError`s.
 */
export interface ZoneWork {
  /** The row as it is in memory; undefined when no zone that is open has it. */
  row(query: RowQuery): Promise<FoundRow | undefined>
  /** What the command returned, once it is durable. */
  command(call: CommandCall): Promise<unknown>
  split(change: Split): Promise<Reshaped>
  merge(change: Merge): Promise<Reshaped>
  move(change: Move): Promise<Reshaped>
  /** Lets go of a zone, so that the process that asks can take it. */
  yield(zone: string): Promise<void>
}

/** A zone that has been brought to a process. */
export interface Taken {
  readonly zone: string
  /** Of its present ownership. */
  readonly epoch: number
  /** The process that had it, be it the same; null when it was free. */
  readonly from: string | null
}

/** Brings zones to this process, from whichever has them. Rejects with `TerraneError`s. */
export interface ZoneTaker {
  take(zone: string): Promise<Taken>
}

/** Zones of this process. Those that nobody has are opened for commands and changes of the map. */
export class LocalZones implements ZoneWork, ZoneTaker {
  readonly #running: () => Engine | undefined

  readonly #owner: string

  /**
   * @param running undefined until the world is loaded
   * @param owner this process, as its leases name it
   */
  constructor(running: () => Engine | undefined, owner: string) {
    this.#running = running
    this.#owner = owner
  }

  async row({ kind, key, zone }: RowQuery): Promise<FoundRow | undefined> {
    for (const { id, tables } of this.#engine.zones()) {
      if (zone !== undefined && zone !== id) continue
      const row = tables[kind]?.get(key) as Row | undefined
      if (row !== undefined) return { zone: id, row }
    }
    return undefined
  }

  async command({ zone, command, args }: CommandCall): Promise<unknown> {
    return (await this.#engine.zone(zone)).command(command, args)
  }

  async split({ zone, code }: Split): Promise<Reshaped> {
    return this.#engine.splitZone(zone, code)
  }

  async merge({ zone, into }: Merge): Promise<Reshaped> {
    return this.#engine.mergeZones(zone, into)
  }

  async move({ into, ...range }: Move): Promise<Reshaped> {
    return this.#engine.moveCodes(range, into)
  }

  async yield(zone: string): Promise<void> {
    await this.#engine.yieldZone(zone)
  }

  /** It must be free, or here already. */
  async take(zone: string): Promise<Taken> {
    const from = this.#engine.opened(zone) === undefined ? null : this.#owner
    const { epoch } = await this.#engine.takeZone(zone)
    return { zone, epoch, from }
  }

  get #engine(): Engine {
    const engine = this.#running()
    if (engine !== undefined) return engine
    throw new TerraneError('starting', 'the server is still starting', {
      retry: 'later',
      hint: 'Ask again in a moment; /readyz says when.',
    })
  }
}

/** What a failure of the database is to whoever asked for something: it may have been written all the same. */
export function noDatabase(cause: TransientStoreError): TerraneError {
  return new TerraneError('database_unavailable', 'the database does not answer', {
    retry: 'later',
    hint: 'Look whether it took effect, and ask again when /readyz says that the server is ready.',
    cause,
  })
}
