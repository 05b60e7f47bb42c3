import { Store } from '../app/store.js'

/** Why something went wrong. */
export interface Failure {
  readonly code: string
  readonly message: string
}

/** An input of this page's player, from the moment it was sent. Times in ms after that. */
export interface FeedEntry {
  readonly id: number
  readonly name: string
  /** Its arguments as people read them. */
  readonly detail: string
  readonly appliedMs: number | undefined
  readonly durableMs: number | undefined
  /** What it returned, or why it was refused. */
  readonly outcome: Failure | undefined
}

/** The two moments of an input: executed in memory, and in the database. */
export interface SentInput {
  readonly applied: Promise<unknown>
  readonly durable: Promise<unknown>
}

const ENTRIES_MAX = 40

/** The last inputs of the player, newest first. */
export class InputFeed {
  readonly entries = new Store<readonly FeedEntry[]>([])
  #nextId = 1

  /** Watches an input. Resolves with whether it was applied. */
  async track(name: string, detail: string, sent: SentInput): Promise<boolean> {
    const id = this.#nextId++
    const sentAt = performance.now()
    const entry: FeedEntry = { id, name, detail, appliedMs: undefined, durableMs: undefined, outcome: undefined }
    this.entries.update((entries) => [entry, ...entries].slice(0, ENTRIES_MAX))
    const sinceSent = () => performance.now() - sentAt
    sent.durable.then(
      () => this.#change(id, { durableMs: sinceSent() }),
      () => {},
    )
    try {
      await sent.applied
      this.#change(id, { appliedMs: sinceSent() })
      return true
    } catch (thrown) {
      this.#change(id, { outcome: failureOf(thrown) })
      return false
    }
  }

  #change(id: number, change: Partial<FeedEntry>): void {
    this.entries.update((entries) => entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)))
  }
}

export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Error) {
    const code = (thrown as { code?: unknown }).code
    return { code: typeof code === 'string' ? code : 'failed', message: thrown.message }
  }
  return { code: 'failed', message: String(thrown) }
}

/** `x 12, y 40, kind wall`: arguments in one line. */
export function describeArgs(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value * 100) / 100 : String(value)}`)
    .join(', ')
}
