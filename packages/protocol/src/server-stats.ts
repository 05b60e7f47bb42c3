/** What the server did within the last second: GET /api/stats and the topic `stats`. */
export interface ServerStats {
  /** Server time, ms since the epoch. */
  readonly at: number
  readonly uptimeS: number
  /** Open WebSockets, and zone channels that are joined. */
  readonly connections: number
  readonly sessions: number
  readonly inputsPerS: number
  readonly rejectsPerS: number
  /** From receipt of an input to its execution, and to its presence in the database. */
  readonly appliedMs: Quantiles
  readonly durableMs: Quantiles
  readonly log: { readonly batchesPerS: number; readonly bytesPerS: number; readonly inputsPerBatch: number }
  readonly checkpoints: { readonly perS: number; readonly lagMs: number; readonly tailBytes: number }
  readonly zones: readonly ZoneStats[]
  /** Ops between zones since the server started. */
  readonly ops: OpStats
  /** What the world itself counts; absent where a server knows of none. */
  readonly figures?: readonly FigureStats[]
  /** Where several processes serve the world; absent where one does. */
  readonly cluster?: ClusterStats
  readonly memory: { readonly rssBytes: number; readonly heapBytes: number }
  readonly database: DatabaseStats
}

/** Milliseconds; null when there was nothing to measure. */
export interface Quantiles {
  readonly p50: number | null
  readonly p99: number | null
}

export interface ZoneStats {
  readonly id: string
  /** `active`, or why it takes no inputs: `stalled`, `draining`, `closed`. */
  readonly state: string
  /** What the database said last; only while the zone is `stalled`. */
  readonly stalledBecause?: string
  readonly entities: number
  readonly sessions: number
  readonly epoch: number
  readonly seq: number
  readonly ops: ZoneOpStats
}

/** What a process knows of the others that serve its world. */
export interface ClusterStats {
  /** Whether there is a connection to the message bus, and what it could not send since the start. */
  readonly isBusUp: boolean
  readonly dropped: number
  readonly holders: readonly ZoneHolderStats[]
  /** Warm copies of zones of other processes, with the position of the last batch that they have. */
  readonly followed: readonly { readonly zone: string; readonly seq: number }[]
}

/** Which process has a zone. */
export interface ZoneHolderStats {
  readonly zone: string
  /** By host, process id and start. */
  readonly owner: string
  /** Whether it is the process that tells this. */
  readonly isOwn: boolean
  /** Its lease has ended, and nobody has taken the zone over yet. */
  readonly isLate: boolean
  /** Counts the ownerships of the zone. */
  readonly epoch: number
}

export interface OpStats {
  readonly sent: number
  /** Sent again because no receipt came. */
  readonly resent: number
  /** Let through by the causal gate, in order and once: applied, or refused by the world. */
  readonly delivered: number
  /** Received once more, and dropped by the gate. */
  readonly duplicate: number
  readonly refused: number
  readonly dead: number
  /** Not taken, because what they must wait for took all the room. */
  readonly overflowed: number
}

/** How a zone stands with its ops now. */
export interface ZoneOpStats {
  /** Ops that no receiver has acknowledged, and the age of the oldest, ms. */
  readonly outbox: number
  readonly oldestMs: number
  /** Received, and kept by the gate until others have come. */
  readonly buffered: number
  readonly deadLetters: number
}

interface FigureStats {
  readonly name: string
  readonly zone: string
  readonly value: number
  /** From this value on somebody should look; null: never. */
  readonly alertAt: number | null
  readonly alert: boolean
}

export interface DatabaseStats {
  /** Whether it answers. */
  readonly state: 'up' | 'down'
  /** Whether this server was started for production, where a connection without TLS should not be. */
  readonly production: boolean
  /** The user that the server logged in as, and which of Terrane's roles that is. */
  readonly user: string
  readonly role: 'admin' | 'writer' | 'reader' | 'superuser' | 'other'
  /** `PostgreSQL 18.4`, or what CockroachDB calls itself. */
  readonly version: string
  /** 4 or 6; null for a Unix socket. */
  readonly addressFamily: 4 | 6 | null
  /** Null without TLS. */
  readonly tls: DatabaseTlsStats | null
  readonly pool: DatabasePoolStats
  /** Times that the connection for appends was opened anew after a loss. */
  readonly reconnects: number
}

/** How the connection that was opened last is encrypted. */
export interface DatabaseTlsStats {
  /** `TLSv1.3` */
  readonly protocol: string
  /** `TLS_AES_256_GCM_SHA384` */
  readonly cipher: string
  /** When the first of the certificates of both sides runs out, ms since the epoch; null when none says. */
  readonly certificateEndsAt: number | null
}

/** Connections for everything but appends, which have one of their own. */
export interface DatabasePoolStats {
  /** How many there may be, how many there are, and how many of these do nothing. */
  readonly size: number
  readonly open: number
  readonly idle: number
  /** Calls that wait for one. */
  readonly waiting: number
}
