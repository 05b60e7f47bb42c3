import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '@terrane/core'
import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbedded } from '../embedded/embedded.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** A URL of a PostgreSQL server, or the socket at which to ask for one. */
    terraneTestServer: { url: string } | { socket: string }
  }
}

/**
 * One PostgreSQL server per test run, for all workers. It starts when the first test file asks for it
 * (a run without databases pays nothing) and belongs to vitest's main process, which outlives the
 * workers and stops it. With TERRANE_TEST_DATABASE_URL that server is used instead.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env.TERRANE_TEST_DATABASE_URL
  if (url) {
    project.provide('terraneTestServer', { url })
    return async () => {}
  }
  const directory = await mkdtemp(join(tmpdir(), 'terrane-test-'))
  let starting: Promise<EmbeddedPostgres> | undefined
  const broker = createServer((socket) => {
    socket.on('error', () => {})
    starting ??= startEmbedded({ dataDir: join(directory, 'postgres'), settings: TEST_SETTINGS })
    starting.then(
      (embedded) => socket.end(JSON.stringify({ url: embedded.url })),
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

/** Several test files at once, each with a few stores. */
const TEST_SETTINGS = { max_connections: '200' }

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}
