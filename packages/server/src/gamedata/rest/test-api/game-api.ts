import type { GameTables } from '@terrane/combat'
import { checksumOf, GAME_TABLES, readFiles } from '@terrane/gamedata'
import { GameReader, loadRevision, openPostgresStore } from '@terrane/store-postgres'
import { createTestDatabase } from '@terrane/store-postgres/test-server'
import Fastify from 'fastify'
import pino from 'pino'
import { answerErrors } from '../../../http/api-error.js'
import { readCsvFiles, shippedDirectory } from '../../files.js'
import { gameDataRoutes } from '../rest-routes.js'

type Row = Readonly<Record<string, unknown>>

/** The read API over real HTTP and a real database. */
export interface GameApi {
  readonly url: string
  /** Of the shipped data, which is loaded as this revision. */
  readonly revision: string
  readonly tables: GameTables
  /** The shipped rows of a table as the API gives them. */
  rows(table: string): Row[]
  /** Loads the shipped data with other spells as another revision. */
  load(revision: string, spells?: GameTables['spells']): Promise<void>
  readonly reader: GameReader
  /** Requests that were answered. */
  requests(): number
  query: (sql: string) => Promise<Row[]>
  close(): Promise<void>
}

export async function openGameApi(): Promise<GameApi> {
  const database = await createTestDatabase()
  const opened = await openPostgresStore({ url: database.url })
  await opened.migrate()
  await opened.close()
  const { tables } = readFiles(await readCsvFiles(shippedDirectory()))
  const load = async (revision: string, spells = tables.spells) => {
    const changed = { ...tables, spells }
    await loadRevision(
      { url: database.url },
      { revision, patch: '', checksum: await checksumOf(changed), tables: changed },
    )
  }
  await load('first')
  const reader = new GameReader({ url: database.url })
  const app = Fastify()
  let requests = 0
  app.addHook('onRequest', async () => {
    requests++
  })
  answerErrors(app, pino({ level: 'silent' }))
  gameDataRoutes(app, () => reader)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url: `${url}/rest/v1`,
    revision: 'first',
    tables,
    rows: (name) => {
      const columns = GAME_TABLES.find((table) => table.name === name)?.columns ?? []
      return (tables as unknown as Record<string, Row[]>)[name]?.map((row) => ({
        revision: 'first',
        ...Object.fromEntries(columns.map((column) => [column.name, row[column.property]])),
      })) as Row[]
    },
    load,
    reader,
    requests: () => requests,
    query: database.query,
    async close() {
      await app.close()
      await reader.close()
      await database.drop()
    },
  }
}
