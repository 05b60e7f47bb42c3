import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '@terrane/core'
import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbedded } from '../embedded/embedded.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL of a PostgreSQL server, or the socket at which to ask for one. */
    terraneTestServer: { url: string } | { socket: string }
    /** A URL of a CockroachDB cluster on which databases may be created. */
    terraneTestCockroach: string | undefined
  }
}

/**
 * One PostgreSQL server per test run, for all workers. It starts when the first test file asks for it
 * (a run without databases pays nothing) and belongs to vitest's main process, which outlives the
 * workers and stops it. With TERRANE_TEST_DATABASE_URL that server is used instead. With
 * TERRANE_TEST_COCKROACH_URL the store contract runs on that CockroachDB cluster too.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cockroach = process.env.TERRANE_TEST_COCKROACH_URL || undefined
  project.provide('terraneTestCockroach', cockroach)
  const url = process.env.TERRANE_TEST_DATABASE_URL
  if (url) {
    if (cockroach === undefined) console.log(COCKROACH_NOT_RUN)
    project.provide('terraneTestServer', { url })
    return async () => {}
  }
  const directory = await mkdtemp(join(tmpdir(), 'terrane-test-'))
  let starting: Promise<EmbeddedPostgres> | undefined
  const broker = createServer((socket) => {
    socket.on('error', () => {})
    if (starting === undefined && cockroach === undefined) console.log(COCKROACH_NOT_RUN)
    starting ??= startEmbedded({ dataDir: join(directory, 'postgres'), settings: TEST_SETTINGS })
    starting.then(
      (embedded) => socket.end(JSON.stringify({ url: embedded.superuserUrl })),
      (error: unknown) => socket.end(JSON.stringify({ error: messageOf(error) })),
    )
  })
  const socket = join(directory, 'broker')
  await listen(broker, socket)
  project.provide('terraneTestServer', { socket })
  return async () => {
    await new Promise((resolve) => {
      broker.close(resolve)
    })
    const embedded = await starting?.catch(() => undefined)
    await embedded?.stop('immediate')
    await rm(directory, { recursive: true, force: true })
  }
}

const COCKROACH_NOT_RUN = 'The tests on CockroachDB were not run: TERRANE_TEST_COCKROACH_URL names no cluster.'

/** Several test files at once, each with a few stores. */
const TEST_SETTINGS = { max_connections: '200' }

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}
