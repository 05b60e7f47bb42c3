import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@terrane/engine'
import { openPostgresStore, startEmbedded, withConnection } from '@terrane/store-postgres'
import { type FaultProxy, startFaultProxy } from '@terrane/testing/fault-proxy'
import type { Environment } from '../config/environment.js'
import { type ServerChild, startServerChild } from '../process/server-child.js'
import { RunReader } from './run-reader.js'

/** Rows as the database's text, by position. */
export type Query = (sql: string, values?: unknown[]) => Promise<readonly (readonly (string | null)[])[]>

/** What a mission is played on: a server as a process, its database, and ways to the server that can be made bad. */
export interface Stage {
  readonly url: string
  /** The way of the bots, and that of the two others, for when the network matters. */
  readonly ways: { readonly bots: FaultProxy; readonly others: FaultProxy }
  /** A connection of its own, as gateway_reader where the database has one. */
  readonly read: Query
  /** Another such connection, on a thread that nothing delays. */
  readonly runs: RunReader
  /** As the role that the server has. */
  readonly write: Query
  /** What a process that took itself for an owner would write with. */
  readonly store: Store
}

interface DatabaseUrls {
  readonly url: string
  readonly adminUrl: string | undefined
  readonly readerUrl: string | undefined
}

export interface StageOptions {
  readonly world: string
  readonly database: string | undefined
  /** Of what the network loses. */
  readonly random: () => number
  readonly progress: (doing: string) => void
}

/** Sets the stage, plays, and clears it away. Rejects as its parts do. */
export async function withStage<T>(
  options: StageOptions,
  environment: Environment,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'terrane-mission-'))
  try {
    return await withDatabase(options, environment, directory, (database) =>
      withServer(options, database, directory, (server) =>
        withConnections(options, { ...database, certs: environment.databaseCerts }, server, play),
      ),
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function withDatabase<T>(
  { database, progress }: StageOptions,
  environment: Environment,
  directory: string,
  work: (urls: DatabaseUrls) => Promise<T>,
): Promise<T> {
  const url = database ?? environment.databaseUrl
  if (url !== undefined) {
    return work({ url, adminUrl: environment.databaseAdminUrl, readerUrl: environment.databaseReaderUrl })
  }
  progress('creating a database')
  const embedded = await startEmbedded({ dataDir: join(directory, 'postgres') })
  try {
    return await work(embedded)
  } finally {
    await embedded.stop('immediate')
  }
}

async function withServer<T>(
  { world, progress }: StageOptions,
  { url, adminUrl, readerUrl }: DatabaseUrls,
  directory: string,
  work: (server: ServerChild) => Promise<T>,
): Promise<T> {
  progress('starting the server')
  const env = {
    NODE_ENV: 'development',
    DATABASE_URL: url,
    ...(adminUrl === undefined ? {} : { DATABASE_ADMIN_URL: adminUrl }),
    ...(readerUrl === undefined ? {} : { DATABASE_READER_URL: readerUrl }),
  }
  const server = await startServerChild({
    world,
    data: join(directory, 'server'),
    args: ['--no-console', '--jobs', 'off'],
    env,
  })
  try {
    return await work(server)
  } finally {
    await server.stop()
  }
}

async function withConnections<T>(
  { random }: StageOptions,
  { url, readerUrl = url, certs }: DatabaseUrls & { readonly certs: string | undefined },
  server: ServerChild,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { hostname: host, port } = new URL(server.url)
  const way = () => startFaultProxy({ target: { host, port: Number(port) }, random })
  const ways = { bots: await way(), others: await way() }
  const files = certs === undefined ? {} : { certs }
  const { store, close } = await openPostgresStore({ url, ...files })
  const runs = new RunReader({ url: readerUrl, ...files })
  try {
    return await withConnection({ url: readerUrl, ...files }, 'mission', (reader) =>
      withConnection({ url, ...files }, 'mission', (writer) => {
        const read: Query = async (sql, values) => (await reader.query(sql, values)).rows
        const write: Query = async (sql, values) => (await writer.query(sql, values)).rows
        return play({ url: server.url, ways, read, runs, write, store })
      }),
    )
  } finally {
    await Promise.all([close(), runs.close()])
    await Promise.all([ways.bots.close(), ways.others.close()])
  }
}
