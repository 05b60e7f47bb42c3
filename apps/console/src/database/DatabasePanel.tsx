import type { DatabasePoolStats, DatabaseStats } from '@terrane/protocol'
import { useStore } from '../app/store.js'
import type { StatsFeed } from '../charts/stats-feed.js'
import { certificateDays, cipherName, type DatabaseWarning, databaseWarnings } from './database-health.js'

/** How the server is connected to its database. */
export function DatabasePanel({ feed }: { readonly feed: StatsFeed }) {
  const stats = useStore(feed.latest)
  if (stats === undefined) return null
  const { database } = stats
  const warnings = databaseWarnings(stats)
  const levelOf = (about: DatabaseWarning['about']) => warnings.find((warning) => warning.about === about)?.level
  return (
    <section className="database" data-testid="database" data-level={warnings[0]?.level} aria-label="Database">
      <header className="database-head">
        <span className="database-dot" aria-hidden="true" />
        <h2>Database</h2>
        <p title={database.version}>{database.version}</p>
      </header>
      {warnings.length > 0 && (
        <ul className="database-warnings" data-testid="database-warnings" role="status">
          {warnings.map(({ about, level, text }) => (
            <li key={about} data-level={level}>
              {text}
            </li>
          ))}
        </ul>
      )}
      <Tls database={database} level={levelOf('tls')} />
      <dl className="database-facts">
        <Fact name="Logged in as" value={database.user} />
        <Fact name="Address" value={database.addressFamily === null ? 'Unix socket' : `IPv${database.addressFamily}`} />
        <Certificate database={database} at={stats.at} level={levelOf('certificate')} />
        <Fact name="Reconnects" value={String(database.reconnects)} />
      </dl>
      <Pool pool={database.pool} level={levelOf('pool')} />
    </section>
  )
}

type Level = DatabaseWarning['level'] | undefined

function Tls({ database: { tls }, level }: { readonly database: DatabaseStats; readonly level: Level }) {
  return (
    <p className="database-tls" data-testid="database-tls" data-tls={tls !== null} data-level={level}>
      <svg viewBox="0 0 16 18" aria-hidden="true">
        {/* The shackle stands open when there is no lock. */}
        <path
          className="shackle"
          d={tls === null ? 'M4.5 8V5a3.5 3.5 0 0 1 6.8-1.2' : 'M4.5 8V5a3.5 3.5 0 0 1 7 0v3'}
        />
        <rect x="2" y="8" width="12" height="9" rx="2" />
      </svg>
      {tls === null ? (
        <b>Not encrypted</b>
      ) : (
        <>
          <b>{tls.protocol}</b>
          <span title={tls.cipher}>{cipherName(tls.cipher)}</span>
        </>
      )}
    </p>
  )
}

function Certificate({
  database,
  at,
  level,
}: {
  readonly database: DatabaseStats
  readonly at: number
  readonly level: Level
}) {
  const days = certificateDays(database, at)
  const endsAt = database.tls?.certificateEndsAt ?? null
  if (days === null || endsAt === null) return null
  const date = new Date(endsAt).toISOString().slice(0, 10)
  return days < 0 ? (
    <Fact name="Certificate" value="ended" detail={date} level={level} />
  ) : (
    <Fact name="Certificate" value={days === 1 ? '1 day' : `${days} days`} detail={`to ${date}`} level={level} />
  )
}

/** A mark per connection that there may be: busy, idle, or not opened. */
function Pool({ pool, level }: { readonly pool: DatabasePoolStats; readonly level: Level }) {
  const busy = pool.open - pool.idle
  const marks = Array.from({ length: pool.size }, (_, i) => (i < busy ? 'busy' : i < pool.open ? 'idle' : 'closed'))
  return (
    <div className="database-pool" data-testid="database-pool" data-level={level}>
      <p>
        <span>Pool</span>
        <span>
          {busy} busy, {pool.idle} idle, {pool.size} at most
          {pool.waiting > 0 && <b>, {pool.waiting} waiting</b>}
        </span>
      </p>
      <div className="database-marks" aria-hidden="true">
        {marks.map((mark, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its place
          <span key={i} data-mark={mark} />
        ))}
      </div>
    </div>
  )
}

function Fact({
  name,
  value,
  detail,
  level,
}: {
  readonly name: string
  readonly value: string
  readonly detail?: string
  readonly level?: Level
}) {
  return (
    <div data-level={level}>
      <dt>{name}</dt>
      <dd>
        {value}
        {detail !== undefined && <small> {detail}</small>}
      </dd>
    </div>
  )
}
