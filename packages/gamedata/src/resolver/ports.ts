import type { TableName } from '@terrane/combat'

/** A state of the game data. The checksum tells contents apart, also those that two servers call the same. */
export interface GameRevision {
  readonly revision: string
  readonly checksum: string
}

/** A row with its columns by the names that the database has for them. */
export type ColumnRow = Readonly<Record<string, unknown>>

/** Where game data comes from. */
export interface GameNetwork {
  current(): Promise<GameRevision>
  /** @throws TerraneError `revision_gone` when that revision is not kept any more */
  table(revision: string, table: TableName): Promise<readonly ColumnRow[]>
  /** The row with this `id`; undefined for none. @throws TerraneError `revision_gone` */
  row(revision: string, table: TableName, id: number): Promise<ColumnRow | undefined>
}

/**
 * Keeps texts over restarts: a directory, IndexedDB. It may lose, truncate or mix up what it was given, and refuse to
 * take more; the resolver notices the one and survives the other.
 */
export interface CacheLayer {
  read(checksum: string, key: string): Promise<string | undefined>
  write(checksum: string, key: string, text: string): Promise<void>
  remove(checksum: string, key: string): Promise<void>
  /** Forgets all other revisions. */
  retain(checksums: readonly string[]): Promise<void>
}
