/**
 * Game data by need, through three layers: memory, a cache that outlives the process, and the network.
 *
 * Everything is kept under the checksum of its revision. A revision never changes, so what is kept is never stale: only
 * the question which one is current is asked again, and a job that names its revision goes on with that one. Whoever asks
 * for what somebody else is just getting waits for that. The second layer can neither harm nor delay: what it returns is
 * checked against its digest, what it refuses is counted.
 */
import { buildGameData, type GameData, type GameTables, type Row, type TableName } from '@terrane/combat'
import { type Clock, TerraneError } from '@terrane/core'
import { canonicalTables, checksumOf } from '../schema/canonical.js'
import { GAME_TABLES } from '../schema/game-schema.js'
import { sealed, unsealed } from './envelope.js'
import type { CacheLayer, ColumnRow, GameNetwork, GameRevision } from './ports.js'
import { tableNamed, typedRow } from './rows.js'
import { SingleFlight } from './single-flight.js'
import { WeightedLru } from './weighted-lru.js'

const MEMORY_BYTES_MAX = 64 * 1024 * 1024
const CURRENT_MS_MAX = 30_000
/** The one in use and the one before, whose jobs may still run. */
const REVISIONS_KEPT = 2

export interface ResolverOptions {
  readonly network: GameNetwork
  /** Default: none, memory and network only. */
  readonly cache?: CacheLayer
  readonly clock: Clock
  /** Of all entries together, as their JSON takes; default 64 MiB. */
  readonly memoryBytesMax?: number
  /** For how long an answer to the question which revision is current holds, ms; default 30,000. */
  readonly currentMsMax?: number
}

/** Where lookups ended, and what the cache did wrong. */
export interface ResolverStatistics {
  readonly memoryHits: number
  readonly cacheHits: number
  readonly networkRequests: number
  /** Entries of the cache that were not what had been put there. */
  readonly corrupted: number
  /** Reads and writes that the cache refused. */
  readonly cacheFailures: number
}

export class GameDataResolver {
  readonly #options: ResolverOptions
  readonly #memory: WeightedLru<unknown>
  readonly #flights = new SingleFlight()
  readonly #built = new Map<string, GameData>()
  #current: { readonly revision: GameRevision; readonly askedAtMs: number } | undefined
  /** The newest last. */
  #known: readonly string[] = []
  readonly #statistics = { memoryHits: 0, cacheHits: 0, networkRequests: 0, corrupted: 0, cacheFailures: 0 }

  constructor(options: ResolverOptions) {
    this.#options = options
    this.#memory = new WeightedLru(options.memoryBytesMax ?? MEMORY_BYTES_MAX)
  }

  get statistics(): ResolverStatistics {
    return { ...this.#statistics }
  }

  /** The current revision, as the network said a moment ago. While it cannot be asked the last answer holds. */
  async current(): Promise<GameRevision> {
    const { clock, currentMsMax = CURRENT_MS_MAX } = this.#options
    const last = this.#current
    if (last !== undefined && clock.now() - last.askedAtMs < currentMsMax) return last.revision
    return this.#flights.run('current', async () => {
      try {
        this.#statistics.networkRequests++
        const revision = await this.#options.network.current()
        this.#current = { revision, askedAtMs: clock.now() }
        if (revision.checksum !== last?.revision.checksum) await this.#turnTo(revision.checksum)
        return revision
      } catch (error) {
        if (last === undefined) throw error
        return last.revision
      }
    })
  }

  /** All rows of a table. @param revision default: the current one */
  async table<T extends TableName>(name: T, revision?: GameRevision): Promise<readonly Row<T>[]> {
    tableNamed(name)
    const { network } = this.#options
    const of = revision ?? (await this.current())
    return this.#entry(
      of.checksum,
      name,
      () => network.table(of.revision, name),
      (rows: readonly ColumnRow[]) => rows.map((row) => typedRow(name, row)),
    )
  }

  /** The row with this `id`, without the rest of its table; undefined for none. @param revision default: the current one */
  async row<T extends TableName>(name: T, id: number, revision?: GameRevision): Promise<Row<T> | undefined> {
    if (!Number.isSafeInteger(id) || !tableNamed(name).key.includes('id')) {
      throw new TerraneError('bad_game_data', `${name} has no row with the id ${id}: it has no such ids`, {
        hint: 'Ask by whole numbers, and only tables with a column "id".',
      })
    }
    const { network } = this.#options
    const of = revision ?? (await this.current())
    return this.#entry(
      of.checksum,
      `${name}/${id}`,
      async () => (await network.row(of.revision, name, id)) ?? null,
      (row: ColumnRow | null) => (row === null ? undefined : typedRow(name, row)),
    )
  }

  /**
   * Everything that a simulation may look up. @param revision default: the current one
   * @throws TerraneError `game_data_mismatch` when the tables are not those of the revision's checksum
   */
  async gameData(revision?: GameRevision): Promise<GameData> {
    const of = revision ?? (await this.current())
    const built = this.#built.get(of.checksum)
    if (built !== undefined) return built
    return this.#flights.run(`${of.checksum}/`, async () => {
      const tables = await this.tables(of)
      const data = buildGameData(tables)
      for (const oldest of this.#built.keys()) {
        if (this.#built.size < REVISIONS_KEPT) break
        this.#built.delete(oldest)
      }
      this.#built.set(of.checksum, data)
      return data
    })
  }

  /** All tables of a revision, checked as a whole, rows by their keys. @throws TerraneError `game_data_mismatch` */
  async tables(revision: GameRevision): Promise<GameTables> {
    const rows = await Promise.all(GAME_TABLES.map(async ({ name }) => [name, await this.table(name, revision)]))
    const tables = canonicalTables(Object.fromEntries(rows) as GameTables)
    if ((await checksumOf(tables)) === revision.checksum) return tables
    await Promise.all(GAME_TABLES.map(({ name }) => this.#forget(revision.checksum, name)))
    throw new TerraneError(
      'game_data_mismatch',
      `the tables of revision ${revision.revision} are not what its checksum says`,
      {
        hint: 'Ask again. If it happens again, import the game data anew on the server.',
        retry: 'later',
      },
    )
  }

  /** @param typed checks what was kept or came, too, so that nothing else is kept */
  async #entry<Raw, V>(checksum: string, key: string, load: () => Promise<Raw>, typed: (raw: Raw) => V): Promise<V> {
    const name = `${checksum}/${key}`
    const remembered = this.#memory.get(name)
    if (remembered !== undefined) {
      this.#statistics.memoryHits++
      return remembered.value as V
    }
    return this.#flights.run(name, async () => {
      const kept = await this.#read(checksum, key)
      let text = kept
      if (text === undefined) {
        this.#statistics.networkRequests++
        text = JSON.stringify(await load())
      }
      const value = typed(JSON.parse(text) as Raw)
      if (kept === undefined) await this.#write(checksum, key, text)
      else this.#statistics.cacheHits++
      // A character of a string takes two bytes at most.
      this.#memory.set(name, value, 2 * text.length)
      return value
    })
  }

  async #read(checksum: string, key: string): Promise<string | undefined> {
    const { cache } = this.#options
    if (cache === undefined) return undefined
    const envelope = await this.#try(() => cache.read(checksum, key))
    if (envelope === undefined) return undefined
    const text = await unsealed(`${checksum}/${key}`, envelope)
    if (text !== undefined) return text
    this.#statistics.corrupted++
    await this.#try(() => cache.remove(checksum, key))
    return undefined
  }

  async #write(checksum: string, key: string, text: string): Promise<void> {
    const { cache } = this.#options
    if (cache === undefined) return
    const envelope = await sealed(`${checksum}/${key}`, text)
    await this.#try(() => cache.write(checksum, key, envelope))
  }

  async #forget(checksum: string, key: string): Promise<void> {
    this.#memory.delete(`${checksum}/${key}`)
    const { cache } = this.#options
    if (cache !== undefined) await this.#try(() => cache.remove(checksum, key))
  }

  /** What was kept of revisions before the last is not needed any more. */
  async #turnTo(checksum: string): Promise<void> {
    this.#known = [...this.#known.filter((each) => each !== checksum), checksum].slice(-REVISIONS_KEPT)
    const { cache } = this.#options
    // A process that has just started does not know which was the one before.
    if (cache !== undefined && this.#known.length === REVISIONS_KEPT) await this.#try(() => cache.retain(this.#known))
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch {
      this.#statistics.cacheFailures++
      return undefined
    }
  }
}
