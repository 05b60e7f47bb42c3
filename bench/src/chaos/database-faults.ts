import { setTimeout as delay } from 'node:timers/promises'
import { Prng } from '@terrane/core'
import { type EmbeddedPostgres, startEmbedded } from '@terrane/store-postgres'
import { createCertificates } from '@terrane/store-postgres/certificates'
import type { FaultProxy } from '@terrane/testing/fault-proxy'
import { signalPostgres } from '@terrane/testing/postgres-processes'
import pg from 'pg'

/** The database of a run, with what stands between it and the server. */
export interface DatabaseSite {
  /** Holds the cluster in `postgres/`. */
  readonly data: string
  readonly proxy: FaultProxy
  postgres: EmbeddedPostgres
}

/** One fault: begins, lasts, and ends. */
export interface DatabaseFault {
  readonly name: string
  begin(site: DatabaseSite, random: Prng): Promise<void> | void
  /** How long it lasts, ms; 0 for what is over at once. */
  readonly lastsMs: number
  end?(site: DatabaseSite): Promise<void> | void
}

const heal = ({ proxy }: DatabaseSite): Promise<void> => proxy.heal()

export const FAULTS: readonly DatabaseFault[] = [
  { name: 'latency of 5 ms', begin: ({ proxy }) => proxy.latency(5), lastsMs: 6_000, end: heal },
  { name: 'latency of 50 ms', begin: ({ proxy }) => proxy.latency(50), lastsMs: 6_000, end: heal },
  { name: 'latency of 200 ms', begin: ({ proxy }) => proxy.latency(200), lastsMs: 6_000, end: heal },
  { name: 'all connections reset', begin: ({ proxy }) => proxy.reset(), lastsMs: 0 },
  { name: 'half-open connections', begin: ({ proxy }) => proxy.halfOpen(), lastsMs: 9_000, end: heal },
  {
    name: 'an answer cut short',
    begin: ({ proxy }, random) => proxy.truncateNext(random.between(1, 40)),
    lastsMs: 500,
    end: heal,
  },
  { name: 'connections refused', begin: ({ proxy }) => proxy.refuse(), lastsMs: 10_000, end: heal },
  {
    name: 'a black hole for new connections',
    begin: ({ proxy }) => {
      proxy.reset()
      proxy.blackHole()
    },
    lastsMs: 8_000,
    end: heal,
  },
  {
    name: 'PostgreSQL stopped',
    begin: (site) => site.postgres.stop('fast'),
    lastsMs: 4_000,
    end: async (site) => {
      site.postgres = await startDatabase(site.data)
    },
  },
  {
    name: 'PostgreSQL frozen',
    begin: ({ data }) => void signalPostgres(data, 'SIGSTOP'),
    lastsMs: 5_000,
    end: ({ data }) => void signalPostgres(data, 'SIGCONT'),
  },
  {
    name: 'sessions terminated, again and again',
    begin: async ({ postgres }) => {
      for (let i = 0; i < 10; i++) {
        await asSuperuser(
          postgres,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'terrane'",
        )
        await delay(200)
      }
    },
    lastsMs: 0,
  },
  {
    name: "clients' certificates that have expired",
    begin: async (site) => {
      await rotate(site, { leafDays: 10, now: new Date(Date.now() - 30 * 24 * 3600_000) })
      site.proxy.reset()
    },
    lastsMs: 4_000,
    end: (site) => renewAll(site),
  },
  { name: 'certificates of both sides rotated', begin: (site) => renewAll(site), lastsMs: 0 },
]

/** Every kind once per round, in an order of the seed's. */
export function faultsOf(seed: string, rounds: number): readonly DatabaseFault[] {
  const random = new Prng(`database faults ${seed}`)
  return Array.from({ length: rounds }, () => {
    const left = [...FAULTS]
    return Array.from(FAULTS, () => left.splice(random.below(left.length), 1)[0] as DatabaseFault)
  }).flat()
}

/** The embedded server, by certificates only. */
export function startDatabase(data: string): Promise<EmbeddedPostgres> {
  return startEmbedded({ dataDir: `${data}/postgres`, mtls: true })
}

/** New files for the clients, in use from the next connection on. */
async function rotate({ postgres }: DatabaseSite, validity: { leafDays: number; now: Date }): Promise<void> {
  if (postgres.certs === undefined) throw new Error('the embedded server has no certificates')
  await createCertificates({ dir: postgres.certs, rotate: true, ...validity })
}

/** New ones for the server and its clients, which last; present connections are cut. */
async function renewAll(site: DatabaseSite): Promise<void> {
  await rotate(site, { leafDays: 90, now: new Date() })
  await site.postgres.renewCertificates()
  site.proxy.reset()
}

async function asSuperuser({ superuserUrl }: EmbeddedPostgres, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
