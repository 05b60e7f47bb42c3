/** One of a player's sessions in the zone. */
export interface PresenceMeta {
  readonly phx_ref: string
  /** Milliseconds since the Unix epoch. */
  readonly online_at: number
  readonly client: string
}

export interface PresentPlayer {
  readonly player: string
  readonly metas: readonly PresenceMeta[]
}

export interface PresenceChange {
  /** Players whose first session came. */
  readonly joined: readonly PresentPlayer[]
  /** Players whose last session went. */
  readonly left: readonly PresentPlayer[]
}

export type PresenceListener = (change: PresenceChange) => void

type WirePresence = Readonly<Record<string, { readonly metas: readonly PresenceMeta[] }>>

/** Who is in the zone, by Phoenix Presence. Survives a reconnect: the new state is told as a difference. */
export class Presence {
  readonly #players = new Map<string, readonly PresenceMeta[]>()
  readonly #listeners = new Set<PresenceListener>()
  readonly #report: (thrown: unknown) => void

  constructor(report: (thrown: unknown) => void) {
    this.#report = report
  }

  get size(): number {
    return this.#players.size
  }

  get(player: string): PresentPlayer | undefined {
    const metas = this.#players.get(player)
    return metas === undefined ? undefined : { player, metas }
  }

  list(): PresentPlayer[] {
    return [...this.#players].map(([player, metas]) => ({ player, metas }))
  }

  /** Returns what ends the subscription. */
  onChange(listener: PresenceListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  onState(state: WirePresence): void {
    const left = this.list().filter(({ player }) => !(player in state))
    for (const { player } of left) this.#players.delete(player)
    const joined: PresentPlayer[] = []
    for (const [player, { metas }] of Object.entries(state)) {
      if (!this.#players.has(player)) joined.push({ player, metas })
      this.#players.set(player, metas)
    }
    this.#tell(joined, left)
  }

  /** Joins come before leaves: a session that is replaced appears in both. */
  onDiff(diff: { readonly joins?: WirePresence; readonly leaves?: WirePresence }): void {
    const joined: PresentPlayer[] = []
    const left: PresentPlayer[] = []
    for (const [player, { metas }] of Object.entries(diff.joins ?? {})) {
      const present = this.#players.get(player)
      if (present === undefined) joined.push({ player, metas })
      const known = new Set(metas.map((meta) => meta.phx_ref))
      this.#players.set(player, [...(present ?? []).filter((meta) => !known.has(meta.phx_ref)), ...metas])
    }
    for (const [player, { metas }] of Object.entries(diff.leaves ?? {})) {
      const present = this.#players.get(player)
      if (present === undefined) continue
      const gone = new Set(metas.map((meta) => meta.phx_ref))
      const rest = present.filter((meta) => !gone.has(meta.phx_ref))
      if (rest.length > 0) {
        this.#players.set(player, rest)
      } else {
        this.#players.delete(player)
        left.push({ player, metas: present })
      }
    }
    this.#tell(joined, left)
  }

  #tell(joined: readonly PresentPlayer[], left: readonly PresentPlayer[]): void {
    if (joined.length === 0 && left.length === 0) return
    for (const listener of [...this.#listeners]) {
      try {
        listener({ joined, left })
      } catch (thrown) {
        this.#report(thrown)
      }
    }
  }
}
