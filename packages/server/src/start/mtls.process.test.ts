import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerStats } from '@terrane/protocol'
import { beforeAll, expect, test } from 'vitest'
import {
  buildAll,
  getJson,
  guestAt,
  playAt,
  ServerProcess,
  temporaryDirectory,
} from '../test-process/server-process.js'

beforeAll(buildAll)

test('--mtls serves as gateway_writer by TLS 1.3, keeps its world across modes, and leaves no process', async () => {
  const data = join(temporaryDirectory(), 'data')
  const first = new ServerProcess({ data, args: ['--mtls'] })
  const url = await first.url()
  const { token, player } = await guestAt(url)
  const client = await playAt(url, token)
  expect(await client.inputs.add({ by: 5 }).durable).toBe(5)

  const { body } = await getJson(`${url}/api/stats`)
  const { database } = body as unknown as ServerStats
  expect(database).toMatchObject({
    state: 'up',
    production: false,
    user: 'gateway_writer',
    role: 'writer',
    version: expect.stringMatching(/^PostgreSQL 1\d/),
    tls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) },
    pool: { size: 4 },
    reconnects: 0,
  })
  const days = ((database.tls?.certificateEndsAt ?? 0) - Date.now()) / 86_400_000
  expect(Math.round(days)).toBe(365)

  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(/^terrane_database_info\{user="gateway_writer",role="writer",.*tls="TLSv1.3".*\} 1$/m)
  expect(metrics).toMatch(/^terrane_database_pool_connections\{state="size"\} 4$/m)
  for (const state of ['open', 'idle', 'waiting']) {
    expect(metrics).toMatch(new RegExp(`^terrane_database_pool_connections\\{state="${state}"\\} \\d+$`, 'm'))
  }
  expect(metrics).toContain(
    `\nterrane_database_tls_certificate_expiry_seconds ${(database.tls?.certificateEndsAt ?? 0) / 1_000}\n`,
  )

  const key = join(data, 'postgres', 'certs', 'client.gateway_writer.key')
  expect(statSync(key).mode & 0o777).toBe(0o600)
  await client.close()
  // As Ctrl-C does.
  expect(await first.end('SIGINT')).toBe(0)
  expect(first.relatives()).toEqual([])

  const second = new ServerProcess({ data })
  const plainUrl = await second.url()
  const plain = (await getJson(`${plainUrl}/api/stats`)).body as unknown as ServerStats
  expect(plain.database).toMatchObject({ user: 'gateway_writer', role: 'writer', addressFamily: 4, tls: null })
  expect((await getJson(`${plainUrl}/api/kinds/counters/${player}`)).body.row).toEqual({ id: player, value: 5 })
  expect(await (await fetch(`${plainUrl}/metrics`)).text()).not.toMatch(
    /^terrane_database_tls_certificate_expiry_seconds \d/m,
  )

  // Killed, and started with certificates: the PostgreSQL that stayed admits by passwords, and must go.
  await second.end('SIGKILL')
  const third = new ServerProcess({ data, args: ['--mtls'] })
  const thirdUrl = await third.url()
  const again = (await getJson(`${thirdUrl}/api/stats`)).body as unknown as ServerStats
  expect(again.database).toMatchObject({ user: 'gateway_writer', tls: { protocol: 'TLSv1.3' } })
  expect((await getJson(`${thirdUrl}/api/kinds/counters/${player}`)).body.row).toEqual({ id: player, value: 5 })
  expect(readFileSync(join(data, 'postgres', 'cluster', 'tls', 'pg_hba.conf'), 'utf8')).not.toMatch(
    /scram|md5|password|trust/,
  )
  expect(await third.end('SIGINT')).toBe(0)
  expect(third.relatives()).toEqual([])
})
