import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, connect } from '@terrane/client'
import { systemClock } from '@terrane/core'
import { createAuthenticator } from '@terrane/gateway'
import type { ServerStats } from '@terrane/protocol'
import { type EmbeddedPostgres, startEmbedded } from '@terrane/store-postgres'
import { NATS_MISSING, type NatsNode, startNatsCluster } from '@terrane/testing/nats-cluster'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Islands } from '../test-process/islands-world.js'
import {
  buildAll,
  eventually,
  getJson,
  guestAt,
  ISLANDS_WORLD,
  ServerProcess,
  type ServerProcessOptions,
  temporaryDirectory,
} from '../test-process/server-process.js'

const LEASE_SECONDS = 2
const START_COINS = 1_000
const SECRET = 'the same secret for all processes'

describe.skipIf(NATS_MISSING !== undefined)('two processes on one PostgreSQL and one NATS', () => {
  let home: string
  let postgres: EmbeddedPostgres
  let nats: NatsNode

  beforeAll(async () => {
    buildAll()
    home = mkdtempSync(join(tmpdir(), 'terrane-cluster-'))
    const [started, [node]] = await Promise.all([
      startEmbedded({ dataDir: join(home, 'postgres') }),
      startNatsCluster(1),
    ])
    postgres = started
    nats = node as NatsNode
  })

  afterAll(async () => {
    await nats?.kill()
    await postgres?.stop('immediate')
    rmSync(home, { recursive: true, force: true })
  })

  function start(...args: string[]): ServerProcess {
    const env = {
      DATABASE_URL: postgres.url,
      DATABASE_ADMIN_URL: postgres.adminUrl,
      TERRANE_BUS_URL: nats.url,
      // A token of one is good at the others.
      TERRANE_JWT_SECRET: SECRET,
    }
    const options: ServerProcessOptions = { data: join(temporaryDirectory(), 'data'), world: ISLANDS_WORLD, env }
    return new ServerProcess({ ...options, args: ['--lease-seconds', String(LEASE_SECONDS), ...args] })
  }

  test('a client of either plays in both zones, through the death of its server and of the zone’s owner', async () => {
    const owner = start('--zones', 'east')
    const ownerUrl = await owner.url()
    const other = start('--zones', 'west')
    const otherUrl = await other.url()
    expect([await zonesAt(ownerUrl), await zonesAt(otherUrl)]).toEqual([['east'], ['west']])

    const { token } = await guestAt(otherUrl)
    const relayed = await play(otherUrl, token, 'east')
    const direct = await play(ownerUrl, token, 'east', 'direct')
    const watcher = await play(ownerUrl, token, 'west')
    const first = relayed.inputs.ship({ to: 'west', coins: 10 })
    expect(await first.applied).toBe(START_COINS - 10)
    expect(await first.durable).toBe(START_COINS - 10)
    // The op went from one process to the other, and state came back by the relay in the opposite direction.
    await eventually(async () => (bankOf(watcher) === 10 ? true : undefined))
    await eventually(async () => (purseOf(relayed) === START_COINS - 10 ? true : undefined))
    await expect(relayed.inputs.ship({ to: 'west', coins: 5_000 }).applied).rejects.toMatchObject({ code: 'too_poor' })

    // The client's own server dies: it comes back with what it has sent meanwhile, and nothing counts twice.
    await other.end('SIGKILL')
    const sent = Array.from({ length: 20 }, () => relayed.inputs.ship({ to: 'west', coins: 1 }))
    const again = start('--zones', 'west', '--port', new URL(otherUrl).port)
    expect(await again.url()).toBe(otherUrl)
    expect((await Promise.all(sent.map(({ durable }) => durable))).at(-1)).toBe(START_COINS - 30)

    // The owner dies: the zone goes to the other process, and the client on with it.
    const late = Array.from({ length: 20 }, () => relayed.inputs.ship({ to: 'west', coins: 1 }))
    await owner.end('SIGKILL')
    late.push(...Array.from({ length: 20 }, () => relayed.inputs.ship({ to: 'west', coins: 1 })))
    expect((await Promise.all(late.map(({ durable }) => durable))).at(-1)).toBe(START_COINS - 70)
    await eventually(async () => ((await zonesAt(otherUrl)).length === 2 ? true : undefined))
    expect((await zonesAt(otherUrl)).sort()).toEqual(['east', 'west'])
    const banked = await play(otherUrl, token, 'west', 'second')
    await eventually(async () => (bankOf(banked) === 70 ? true : undefined))
    expect(purseOf(relayed)).toBe(START_COINS - 70)
    await Promise.all([direct.close(), watcher.close()])

    // An end in order: the zones are free at once, and clients of the other process do not lose a word.
    const heir = start('--standby')
    const heirUrl = await heir.url()
    const followed = await eventually(async () => {
      const { body } = await getJson(`${heirUrl}/api/zones`)
      return (body.followed as { id: string; readAt: number }[]).filter(({ readAt }) => readAt > 0)[1] && body
    })
    expect(followed).toMatchObject({ zones: [], followed: [{ id: 'east' }, { id: 'west' }] })
    expect(followed.holders).toMatchObject([
      { zone: 'east', isOwn: false, isLate: false },
      { zone: 'west', isOwn: false, isLate: false },
    ])
    const { cluster } = await eventually(async () => {
      const stats = (await getJson(`${heirUrl}/api/stats`)).body as unknown as ServerStats
      return stats.cluster?.followed.length === 2 && stats.cluster.holders.length === 2 ? stats : undefined
    })
    expect(cluster).toMatchObject({
      isBusUp: true,
      dropped: 0,
      holders: [{ zone: 'east', isOwn: false }, { zone: 'west' }],
    })
    const metrics = await (await fetch(`${heirUrl}/metrics`)).text()
    expect(metrics).toMatch(/^terrane_bus_up 1$/m)
    expect(metrics).toMatch(/^terrane_zone_holder\{zone="east",owner="\S+"\} 1$/m)
    expect(metrics).toMatch(/^terrane_followed_zone_seq\{zone="west"\} [1-9]/m)
    const last = await play(heirUrl, token, 'east', 'heir')
    expect(await last.inputs.ship({ to: 'west', coins: 1 }).durable).toBe(START_COINS - 71)
    // An operator brings the zone to the client's own process, and back: the client goes on.
    for (const url of [heirUrl, otherUrl]) {
      const before = Array.from({ length: 5 }, () => last.inputs.ship({ to: 'west', coins: 1 }))
      expect(await take('east', url)).toMatchObject({ zone: 'east' })
      expect((await zonesAt(url)).includes('east')).toBe(true)
      await Promise.all(before.map(({ durable }) => durable))
    }
    const during = last.inputs.ship({ to: 'west', coins: 1 })
    expect(await again.end('SIGTERM')).toBe(0)
    expect(await during.durable).toBe(START_COINS - 82)
    expect(await last.inputs.ship({ to: 'west', coins: 1 }).durable).toBe(START_COINS - 83)
    await eventually(async () => ((await zonesAt(heirUrl)).length === 2 ? true : undefined))
    const seen = await play(heirUrl, token, 'west', 'third')
    await eventually(async () => (bankOf(seen) === 83 ? true : undefined))
    expect(await heir.end('SIGTERM')).toBe(0)
  }, 240_000)
})

async function play(url: string, token: string, zone: string, client = 'main'): Promise<Client<Islands>> {
  const connected = await connect<Islands>(url, { token, zone, client, timeoutMs: 30_000, unknownOutcome: 'reject' })
  onTestFinished(() => connected.close())
  return connected
}

async function take(zone: string, url: string): Promise<unknown> {
  const auth = createAuthenticator({ clock: systemClock, guests: true, secret: SECRET })
  const headers = { authorization: `Bearer ${await auth.issueGuestToken('ann', { role: 'operator' })}` }
  return (await fetch(`${url}/api/zones/${zone}/take`, { method: 'POST', headers })).json()
}

async function zonesAt(url: string): Promise<string[]> {
  const { zones } = (await getJson(`${url}/api/zones`)).body as { zones: { id: string; state: string }[] }
  return zones.filter(({ state }) => state === 'active').map(({ id }) => id)
}

function bankOf(client: Client<Islands>): number | undefined {
  return client.tables.banks.get('bank')?.coins
}

function purseOf(client: Client<Islands>): number | undefined {
  return client.tables.purses.get(client.player)?.coins
}
