/**
 * The isolated check of a database connection: can a server of Terrane's use it, and if not, at which step does it
 * fail? No world and no engine take part, so a failure is the connection's.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Figures, Floor } from '@terrane/core'
import { DatabaseClient } from '../connection/client.js'
import { type ConnectionFacts, peerHostsOf } from '../connection/connection-facts.js'
import { parseDatabaseUrl } from '../connection/database-url.js'
import { type Diagnosis, diagnose } from '../connection/failures.js'
import { Session } from '../connection/session.js'
import type { ConnectionSettings } from '../connection/settings.js'
import { sqlStateOf } from '../errors.js'
import { PROFILES } from '../profile.js'
import { checkRole } from '../roles/check-role.js'
import { ROLES } from '../roles/role-names.js'
import { type Reached, reach, StepFailure } from './reach.js'

export interface CheckOptions {
  readonly settings: ConnectionSettings
  /** A connection without TLS and client certificate passes, too. For a database on the same machine. */
  readonly allowPlaintext?: boolean
  /** Hears of each step as it begins. */
  readonly progress?: (step: string) => void
}

/** One thing that has to hold. */
export interface Criterion {
  readonly name: string
  readonly passed: boolean
  /** What was seen, for a person; of a failure why. */
  readonly seen: string
  readonly diagnosis?: Diagnosis
}

export interface ConnectionReport {
  readonly criteria: readonly Criterion[]
  readonly figures: Figures
  readonly floors: readonly Floor[]
}

interface Connection {
  readonly client: DatabaseClient
  readonly facts: ConnectionFacts
  readonly reached: Reached
}

/** Whatever hangs is found out within this, with some time left of five seconds to tell it. */
const DIAGNOSIS_MS_MAX = 4_700
/** To the answer to the first statement. */
const CONNECT_MS_MAX = 4_000
const STATEMENT_MS_MAX = 1_500
/** A database far away may need longer for all writes, as long as it keeps answering. */
const ANSWER_MS_MAX = 1_000
const VISIBLE_MS_MAX = 1_000
const VISIBLE_POLL_MS = 10
const WRITES = 100
const TABLE = 'terrane.connection_check'

/** What a server's role must be refused; each is rolled back should it be allowed. */
const CHANGES_OF_TABLES = [
  ['CREATE', `CREATE TABLE ${TABLE}_created (id int8 PRIMARY KEY)`],
  ['ALTER', `ALTER TABLE ${TABLE} ADD COLUMN altered text`],
  ['DROP', `DROP TABLE ${TABLE}`],
  ['TRUNCATE', `TRUNCATE TABLE ${TABLE}`],
] as const

/** Never throws for what the connection does; each failure is in the report. */
export async function checkConnection(options: CheckOptions): Promise<ConnectionReport> {
  const check = new ConnectionCheck(options)
  await check.run()
  return check.report()
}

class ConnectionCheck {
  readonly #options: CheckOptions
  readonly #runId = randomUUID()
  readonly #criteria: Criterion[] = []
  readonly #figures: Record<string, number | string> = { connected: 0 }
  readonly #floors: Floor[] = [{ figure: 'connected', min: 1 }]
  readonly #clients: DatabaseClient[] = []
  readonly #startedMs = performance.now()
  #endMs = this.#startedMs + DIAGNOSIS_MS_MAX
  /** The connection does not answer any more: to ask it further things would only add to the wait. */
  #isStuck = false

  constructor(options: CheckOptions) {
    this.#options = options
  }

  report(): ConnectionReport {
    return { criteria: this.#criteria, figures: this.#figures, floors: this.#floors }
  }

  async run(): Promise<void> {
    try {
      let connection: Connection | undefined
      await this.#criterion('connection', async () => {
        connection = await this.#connect()
        this.#figures.connected = 1
        const { user, host, port, database, profile, serverVersion } = connection.facts
        return `${user} at ${host}, port ${port}, database ${database}, ${profile} ${serverVersion}`
      })
      if (connection !== undefined) await this.#examine(connection)
    } finally {
      this.#figures.elapsedMs = Math.round(performance.now() - this.#startedMs)
      await Promise.all(this.#clients.map((client) => closeSoon(client)))
    }
  }

  async #connect(): Promise<Connection> {
    const endMs = this.#startedMs + CONNECT_MS_MAX
    const { host, port } = parseDatabaseUrl(this.#options.settings.url)
    this.#step(`looking for ${host}, port ${port}`)
    const reached = await reach(host, port, endMs)
    this.#figures.resolveMs = round(reached.resolveMs)
    this.#figures.tcpMs = round(reached.tcpMs)
    this.#step('TLS and authentication')
    const beforeMs = performance.now()
    const { client, facts } = await this.#open(endMs)
    this.#figures.handshakeMs = round(performance.now() - beforeMs)
    return { reached, client, facts }
  }

  async #open(endMs: number) {
    const connectTimeoutMs = Math.max(1, Math.round(endMs - performance.now()))
    const settings = { ...this.#options.settings, connectTimeoutMs, statementTimeoutMs: STATEMENT_MS_MAX }
    const known: { facts?: ConnectionFacts } = {}
    const client = new DatabaseClient(settings, {
      onConnected: (facts) => {
        known.facts = facts
      },
    })
    client.on('error', () => {})
    try {
      await client.connect()
    } catch (error) {
      client.abandon()
      throw StepFailure.of(error, 'TLS')
    }
    this.#clients.push(client)
    return { client, facts: known.facts as ConnectionFacts }
  }

  /** Everything that a connection must stand, once there is one. */
  async #examine({ client, facts, reached }: Connection): Promise<void> {
    const session = new Session(client)
    await this.#criterion('address family', async () => {
      this.#figures.addressFamily = facts.addressFamily ?? reached.family
      this.#figures.addresses = reached.addresses
      return `IPv${facts.addressFamily ?? reached.family}, ${reached.address}`
    })
    await this.#criterion('mTLS', () => this.#checkTls(client, session, facts))
    await this.#criterion('admin not used', () => this.#checkRole(session, facts))
    await this.#criterion('visible within a second', () => this.#checkVisible(session))
    await this.#criterion('rows may be changed', () => this.#checkRows(session))
    await this.#criterion('tables may not be changed', () => this.#checkTables(session))
    await this.#criterion('one connection is reused', () => this.#checkReuse(session, facts))
    await this.#criterion('nothing is left', () => this.#cleanUp(session))
  }

  async #checkTls(client: DatabaseClient, session: Session, facts: ConnectionFacts): Promise<string> {
    if (this.#options.allowPlaintext !== true) this.#floors.push({ figure: 'mtls', min: 1 })
    this.#figures.mtls = 0
    const { tls } = facts
    if (tls === undefined) {
      if (this.#options.allowPlaintext === true) return 'none, as allowed by --allow-plaintext'
      throw ours(
        'TLS',
        'no_tls',
        'the connection is not encrypted',
        'Give a certificate directory: --certs DIR (`terrane db certs` makes one).',
      )
    }
    this.#figures.protocol = tls.protocol
    this.#figures.cipher = tls.cipher
    this.#figures.peer = tls.peerSubject ?? ''
    this.#figures.peerHosts = peerHostsOf(client)
    this.#figures.peerNotAfter = dayOf(tls.notAfter)
    this.#figures.clientNotAfter = dayOf(tls.clientNotAfter)
    const { url, certs } = this.#options.settings
    const isVerified = certs !== undefined || parseDatabaseUrl(url).sslmode === 'verify-full'
    const shown = await this.#clientName(session, facts)
    this.#figures.clientCertificate = shown ?? ''
    if (this.#options.allowPlaintext !== true) {
      const next =
        'Give a certificate directory: --certs DIR, or sslmode=verify-full with sslrootcert, sslcert and sslkey.'
      if (!isVerified) throw ours('TLS', 'server_not_verified', 'nobody made sure who answers', next)
      if (shown === undefined) throw ours('TLS', 'no_client_certificate', 'we showed the server no certificate', next)
    }
    if (isVerified && shown !== undefined) this.#figures.mtls = 1
    const shownAs = shown === undefined ? 'without certificate' : `${shown}, until ${dayOf(tls.clientNotAfter)}`
    const server = `${tls.peerSubject} (${this.#figures.peerHosts}, until ${dayOf(tls.notAfter)})`
    return `${tls.protocol} ${tls.cipher}; server ${server}; client ${shownAs}`
  }

  /** Whom our certificate names, as the server read it; where it does not tell, that we have one. */
  async #clientName(session: Session, { profile, tls, user }: ConnectionFacts): Promise<string | undefined> {
    const { clientName } = PROFILES[profile].connection
    if (clientName === undefined) return tls?.clientNotAfter === undefined ? undefined : `CN=${user}`
    return (await session.query(clientName)).rows[0]?.[0] ?? undefined
  }

  async #checkRole(session: Session, facts: ConnectionFacts): Promise<string> {
    this.#floors.push({ figure: 'writer', min: 1 })
    this.#figures.writer = 0
    this.#figures.user = facts.user
    const { adminSessions } = PROFILES[facts.profile].connection
    if (facts.role !== 'writer') {
      const next = `Let the URL name ${ROLES.writer}: ${ROLES.admin} is for migrations, and whoever breaks into a server must not be able to change tables.`
      throw ours('authorisation', 'wrong_role', `the URL logs in as ${facts.user}`, next)
    }
    await checkRole(session)
    this.#figures.writer = 1
    if (adminSessions === undefined) return `${facts.user}, which cannot become ${ROLES.admin}`
    this.#floors.push({ figure: 'adminSessions', max: 0 })
    const count = Number((await session.query(adminSessions)).rows[0]?.[0])
    this.#figures.adminSessions = count
    if (count > 0) {
      const next = `A migration that runs now may be it: check again. Otherwise somebody's DATABASE_URL names ${ROLES.admin}.`
      throw ours('authorisation', 'admin_connected', `${ROLES.admin} has ${count} sessions in this database`, next)
    }
    return `${facts.user}, which cannot become ${ROLES.admin}; no session of ${ROLES.admin} is open`
  }

  async #checkVisible(session: Session): Promise<string> {
    this.#floors.push({ figure: 'visibleMs', max: VISIBLE_MS_MAX })
    const other = await this.#open(this.#endMs)
    const reader = new Session(other.client)
    const triggeredMs = performance.now()
    await this.#write(session, 0)
    const isSeen = async () =>
      (await reader.query(`SELECT 1 FROM ${TABLE} WHERE run_id = $1 AND number = 0`, [this.#runId])).rows.length === 1
    let seen = await isSeen()
    while (!seen && performance.now() - triggeredMs < VISIBLE_MS_MAX) {
      await delay(VISIBLE_POLL_MS)
      seen = await isSeen()
    }
    const visibleMs = performance.now() - triggeredMs
    if (!seen) {
      throw ours(
        'SQL',
        'not_visible',
        'another connection does not see the row within a second',
        'Let both connections lead to the primary, not to a replica that lags.',
      )
    }
    this.#figures.visibleMs = round(visibleMs)
    if (visibleMs > VISIBLE_MS_MAX) {
      throw ours(
        'SQL',
        'too_slow',
        `the row was visible after ${Math.round(visibleMs)} ms`,
        'Look at the way to the database and at its disk: a commit takes so long.',
      )
    }
    return `another connection saw the row ${this.#figures.visibleMs} ms after the write began`
  }

  async #checkRows(session: Session): Promise<string> {
    this.#floors.push({ figure: 'changesOfRows', min: 4 })
    this.#figures.changesOfRows = 0
    await this.#write(session, -1)
    for (const sql of [
      `SELECT 1 FROM ${TABLE} WHERE run_id = $1 AND number = -1`,
      `UPDATE ${TABLE} SET written_at = now() WHERE run_id = $1 AND number = -1`,
      `DELETE FROM ${TABLE} WHERE run_id = $1 AND number = -1`,
    ]) {
      const { rows, rowCount } = await session.query(sql, [this.#runId])
      if (rows.length + rowCount < 1) throw new Error(`found no row: ${sql}`)
      this.#figures.changesOfRows++
    }
    this.#figures.changesOfRows++
    return 'INSERT, SELECT, UPDATE and DELETE'
  }

  async #checkTables(session: Session): Promise<string> {
    this.#floors.push({ figure: 'changesOfTablesRefused', min: CHANGES_OF_TABLES.length })
    const allowed: string[] = []
    for (const [name, sql] of CHANGES_OF_TABLES) {
      const state = await session
        .transaction(async () => {
          await session.query(sql)
          return { keep: false, result: undefined }
        })
        .catch((error: unknown) => {
          if (sqlStateOf(error) === undefined) throw error
          return sqlStateOf(error)
        })
      if (state !== '42501') allowed.push(state === undefined ? name : `${name} (SQLSTATE ${state})`)
    }
    this.#figures.changesOfTablesRefused = CHANGES_OF_TABLES.length - allowed.length
    if (allowed.length > 0) {
      throw ours(
        'authorisation',
        'tables_changeable',
        `not refused: ${allowed.join(', ')}`,
        'Take it from the role, as a superuser: `terrane db roles`.',
      )
    }
    return `${CHANGES_OF_TABLES.map(([name]) => name).join(', ')} were refused`
  }

  async #checkReuse(session: Session, { profile }: ConnectionFacts): Promise<string> {
    this.#floors.push(
      { figure: 'writes', min: WRITES },
      { figure: 'sessions', max: 1 },
      { figure: 'preparedStatements', max: 0 },
    )
    const sessions = new Set<string>()
    const startedMs = performance.now()
    for (let number = 1; number <= WRITES; number++) {
      await this.#write(session, number)
      this.#figures.writes = number
      this.#endMs = Math.max(this.#endMs, performance.now() + ANSWER_MS_MAX)
      if (number === 1 || number % 10 === 0) {
        sessions.add((await session.query(PROFILES[profile].connection.session)).rows[0]?.[0] ?? '')
      }
    }
    const eachMs = round((performance.now() - startedMs) / WRITES)
    const { rows } = await session.query('SELECT count(*) FROM pg_catalog.pg_prepared_statements')
    this.#figures.sessions = sessions.size
    this.#figures.preparedStatements = Number(rows[0]?.[0])
    this.#figures.writeMs = eachMs
    if (sessions.size > 1) {
      throw ours(
        'SQL',
        'sessions_change',
        `${sessions.size} sessions of the server served one connection`,
        'A pooler in transaction mode stands in between: let Terrane connect to the database itself.',
      )
    }
    if (this.#figures.preparedStatements > 0) {
      throw ours(
        'SQL',
        'statements_pile_up',
        'named statements are left in the session',
        'Something between Terrane and the database names its statements: connect to the database itself.',
      )
    }
    return `${WRITES} writes in one session, ${eachMs} ms each, no prepared statement left`
  }

  async #write(session: Session, number: number): Promise<void> {
    await session.query(`INSERT INTO ${TABLE} (run_id, number) VALUES ($1, $2)`, [this.#runId, number])
  }

  async #cleanUp(session: Session): Promise<string> {
    this.#floors.push({ figure: 'rowsLeft', max: 0 })
    const { rowCount } = await session.query(`DELETE FROM ${TABLE} WHERE run_id = $1`, [this.#runId])
    const { rows } = await session.query(`SELECT number FROM ${TABLE} WHERE run_id = $1`, [this.#runId])
    this.#figures.rowsLeft = rows.length
    return `${rowCount} rows were deleted`
  }

  /** A criterion that nobody could look at any more has not passed. */
  async #criterion(name: string, work: () => Promise<string>): Promise<void> {
    if (this.#isStuck) {
      this.#criteria.push({ name, passed: false, seen: 'not examined: the connection had stopped answering' })
      return
    }
    if (name !== 'connection') this.#step(name)
    try {
      this.#criteria.push({ name, passed: true, seen: await this.#inTime(work()) })
    } catch (error) {
      const diagnosis =
        error instanceof StepFailure
          ? error.diagnosis
          : diagnose(error, name === 'admin not used' ? 'authorisation' : 'SQL')
      this.#criteria.push({ name, passed: false, seen: diagnosis.why, diagnosis })
      this.#figures.failedStep ??= diagnosis.stage
      this.#figures.failedCode ??= diagnosis.code
      this.#isStuck = diagnosis.stage === 'TCP' || /^(57014|57P)/.test(diagnosis.code)
    }
  }

  /** Lets go of the connections at the end of the time, so that nothing waits for them any longer. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const look = () => {
        const leftMs = this.#endMs - performance.now()
        if (leftMs > 0) {
          timer = setTimeout(look, Math.ceil(leftMs))
          return
        }
        reject(
          ours(
            'TCP',
            'ETIMEDOUT',
            'the server stopped answering',
            'Look at the way in between, and at what the server waits for: locks, its disk, its log.',
          ),
        )
        for (const client of this.#clients) client.abandon()
      }
      look()
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
    }
  }

  #step(step: string): void {
    this.#options.progress?.(step)
  }
}

function ours(stage: Diagnosis['stage'], code: string, why: string, next: string): StepFailure {
  return new StepFailure({ stage, code, why, next })
}

/** A connection whose other end is silent must not hold up the end. */
async function closeSoon(client: DatabaseClient): Promise<void> {
  const timer = setTimeout(() => client.abandon(), 500)
  await client.end().catch(() => {})
  clearTimeout(timer)
}

/** `2027-11-21`; empty for what has no end that is known. */
function dayOf(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString().slice(0, 10)
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
