import { type ConnectOptions, InputRejected } from '@terrane/client'
import type { Outcome } from './outcomes.js'

/** Inputs that wait to become durable; while the server is away a player goes on until it has so many. */
const PENDING_MAX = 64

export const PLAYER_OPTIONS: ConnectOptions = {
  guest: true,
  presence: false,
  acks: 'durable',
  // An answer that was lost proves nothing, and must not pass for an acknowledgement.
  unknownOutcome: 'reject',
  // Pauses shorter than a person's, so that the time up is used for playing.
  reconnect: { baseMs: 100, capMs: 1_000 },
  timeoutMs: 60_000,
}

/** What a player needs of its client. */
interface PlayingClient {
  readonly player: string
  readonly status: string
  readonly pending: number
  on(event: 'status', listener: () => void): unknown
  drained(): Promise<void>
  close(): Promise<void>
}

/** Rows of `kinds.marks` that the client sees. */
interface MarksTable {
  all(): Iterable<{ readonly owner: string; readonly page: number; readonly counts: string }>
}

/** A client that plays, and remembers what it was told of each of its inputs. */
export class Player {
  readonly client: PlayingClient
  readonly marks: MarksTable
  readonly outcomes: Outcome[] = []
  /** Codes of the failures that no input of a healthy server has. */
  readonly failures: string[] = []
  durable = 0
  rejected = 0
  readonly #send: (mark: number) => { readonly durable: Promise<unknown> }

  /** @param send sends some input that carries this mark */
  constructor(client: PlayingClient, marks: MarksTable, send: (mark: number) => { durable: Promise<unknown> }) {
    this.client = client
    this.marks = marks
    this.#send = send
  }

  /** Sends one input, unless too many wait. */
  play(): void {
    if (this.client.status === 'closed' || this.client.pending >= PENDING_MAX) return
    const mark = this.outcomes.length
    const input = this.#send(mark)
    this.outcomes.push('pending')
    input.durable.then(
      () => {
        this.outcomes[mark] = 'durable'
        this.durable++
      },
      (error: unknown) => {
        this.outcomes[mark] = outcomeOf(error)
        if (this.outcomes[mark] === 'rejected') this.rejected++
        if (this.outcomes[mark] === 'failed') this.failures.push(String(error))
      },
    )
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof InputRejected) return 'rejected'
  return (error as { code?: unknown }).code === 'outcome_unknown' ? 'unknown' : 'failed'
}
