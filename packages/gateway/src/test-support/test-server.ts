import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, systemTimers, TerraneError } from '@terrane/core'
import { afterEach, expect } from 'vitest'
import { createAuthenticator, type GuestAuthenticator, type Role } from '../authenticate.js'
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.js'
import { FAKE_WORLD, FakeZone } from './fake-zone.js'
import { RawClient } from './raw-client.js'

/** The system's clock, which a test may push forward or halt. */
class ShiftedClock implements Clock {
  shiftMs = 0
  #haltedAt: number | undefined

  now(): number {
    return (this.#haltedAt ?? performance.timeOrigin + performance.now()) + this.shiftMs
  }

  /** From now on only `shiftMs` moves it, so that no limit recovers while a slow machine is at work. */
  halt(): void {
    this.#haltedAt = performance.timeOrigin + performance.now()
  }
}

export const SECRET = 'a secret of at least thirty-two bytes'

export interface TestServer {
  readonly gateway: Gateway
  readonly zone: FakeZone
  readonly clock: ShiftedClock
  readonly auth: GuestAuthenticator
  readonly url: string
  readonly bugs: unknown[]
  /** A connected client with a token for `player`. */
  connect(player?: string, role?: Role): Promise<RawClient>
}

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A gateway on a real socket, before a fake zone; gone after the test. */
export async function startTestServer(options: Partial<GatewayOptions> = {}): Promise<TestServer> {
  const clock = new ShiftedClock()
  const zone = new FakeZone()
  const bugs: unknown[] = []
  const auth = createAuthenticator({ clock, secret: SECRET, guests: true })
  const gateway = createGateway({
    zones: async (id) => {
      if (id === 'down') throw new TerraneError('zone_unavailable', 'the zone is being recovered', { retry: 'later' })
      if (id !== zone.id) throw new TerraneError('unknown_topic', `no zone "${id}"`)
      return zone
    },
    world: FAKE_WORLD,
    auth,
    clock,
    timers: systemTimers,
    random: Math.random,
    onBug: (error) => bugs.push(error),
    ...options,
  })
  const server = createServer((_request, response) => response.writeHead(404).end())
  server.on('upgrade', (request, socket, head) => {
    if (!gateway.handleUpgrade(request, socket, head)) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket`
  cleanups.push(async () => {
    gateway.stop()
    await expect.poll(() => [gateway.stats().sessions, gateway.stats().channels]).toEqual([0, 0])
    // Whatever happened to the clients, the zone has everything back.
    expect([zone.held, zone.sinks.size]).toEqual([0, 0])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    gateway,
    zone,
    clock,
    auth,
    url,
    bugs,
    async connect(player = 'ada', role = 'player') {
      const token = await auth.issueGuestToken(player, { role })
      const client = new RawClient(`${url}/websocket?vsn=2.0.0&token=${token}`)
      cleanups.push(async () => client.socket.terminate())
      await client.opened
      return client
    },
  }
}
