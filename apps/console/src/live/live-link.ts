import type { Store } from '../app/store.js'
import type { Key, Row } from '../world/row.js'
import type { SentInput } from './input-feed.js'

/** How the page stands with the server. */
export interface LinkStatus {
  readonly state: 'connecting' | 'online' | 'lost' | 'closed'
  /** Why it is not online. */
  readonly reason: string | undefined
  readonly code: string | undefined
  /** When the next attempt begins, on this page's monotonic clock, ms. */
  readonly retryAtMs: number | undefined
}

/** One connection to a zone: its rows as they are now, and inputs. */
export interface LiveLink {
  readonly status: Store<LinkStatus>
  /** The player as whom this connection was made. */
  readonly player: Store<string | undefined>
  /** Whether its player takes part, and not only watches. */
  readonly plays: Store<boolean>
  row(kind: string, key: Key): Row | undefined
  /** @param kind of the world, or `replicas.<kind>`: copies of rows of other zones */
  rows(kind: string): Iterable<readonly [Key, Row]>
  count(kind: string): number
  /** Called for each change as it arrives, possibly thousands of times a second. */
  onChange(listener: (kind: string, key: Key, row: Row | undefined) => void): () => void
  /** Called when a frame of state has been applied: rows are of one moment of the zone. */
  onFrame(listener: () => void): () => void
  /** The zone's server time as this page knows it, ms since the epoch. */
  now(): number
  send(input: string, args: Readonly<Record<string, unknown>>): SentInput
  close(): void
}
