import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@terrane/core'
import { createAuthenticator } from '@terrane/gateway'
import { type EmbeddedPostgres, startEmbedded } from '@terrane/store-postgres'
import { NATS_MISSING, type NatsNode, startNatsCluster } from '@terrane/testing/nats-cluster'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, test as plainTest } from 'vitest'
import { CHROMIUM, DESKTOP, PHONE } from './browser-test/chromium.js'
import { ConsoleServer } from './browser-test/console-server.js'
import { SLOW_MS, setStage } from './browser-test/stage.js'

/** Zones and processes in real Chromium, on two real servers. Needs a Chromium and a NATS server on this machine. */
const IS_SKIPPED = CHROMIUM === undefined || NATS_MISSING !== undefined
const test = plainTest.skipIf(IS_SKIPPED)

const WORLD = fileURLToPath(new URL('./browser-test/zones-world.ts', import.meta.url))
const SECRET = 'the same secret for all processes'
const PLAYERS = Array.from({ length: 20 }, (_, i) => `p${i}`)
const home = mkdtempSync(join(tmpdir(), 'terrane-console-zones-'))
const auth = createAuthenticator({ clock: systemClock, guests: true, secret: SECRET })

let postgres: EmbeddedPostgres
let nats: NatsNode
let plaza: ConsoleServer
let standby: ConsoleServer

const openPage = setStage({ start: startServers, stop: stopServers }, IS_SKIPPED)

async function startServers(): Promise<void> {
  const [started, [node]] = await Promise.all([startEmbedded({ dataDir: join(home, 'postgres') }), startNatsCluster(1)])
  postgres = started
  nats = node as NatsNode
  const variables = {
    DATABASE_URL: postgres.url,
    DATABASE_ADMIN_URL: postgres.adminUrl,
    TERRANE_BUS_URL: nats.url,
    TERRANE_JWT_SECRET: SECRET,
  }
  const options = ['--world', WORLD, '--bots', '0', '--jobs', 'off', '--lease-seconds', '2']
  plaza = new ConsoleServer([...options, '--zones', 'plaza'], variables)
  standby = new ConsoleServer([...options, '--standby'], variables)
  await plaza.start()
  await standby.start()
  await command(standby, 'persona-1')
  await command(plaza, 'persona-2')
}

async function stopServers(): Promise<void> {
  await plaza?.stop()
  await standby?.stop()
  await nats?.kill()
  await postgres?.stop('immediate')
  rmSync(home, { recursive: true, force: true })
}

/** Whoever is asked opens the zone. */
async function command(server: ConsoleServer, zone: string): Promise<void> {
  const response = await fetch(`${server.url}/api/zones/${zone}/commands/settle`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await operatorToken()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ players: PLAYERS }),
  })
  expect(response.status).toBe(200)
}

const operatorToken = () => auth.issueGuestToken('ann', { role: 'operator' })

async function open(options: BrowserContextOptions): Promise<{ page: Page; errors: string[] }> {
  const watched = await openPage(plaza.url, options)
  await watched.page.getByTestId('tab-server').click()
  return watched
}

const lineOf = (page: Page, zone: string) => page.getByTestId('processes').locator('li', { hasText: zone })

test(
  'shows which process has which zone; operators split and merge zones, and read why two stay apart',
  async () => {
    const { page, errors } = await open(DESKTOP)
    await lineOf(page, 'plaza').getByText('this process').waitFor()
    await lineOf(page, 'persona-1').getByText(`process ${standby.pid} on`).waitFor()
    await lineOf(page, 'persona-2').getByText('this process').waitFor()

    const map = page.getByTestId('zone-map')
    await page.locator('[data-testid=zone-map][data-version="1"]').waitFor()
    expect(await map.locator('.zone-bar span').count()).toBe(2)
    expect(await map.getByRole('button', { name: 'Split' }).count()).toBe(0)
    await map.getByText('Split and merge').click()
    await map.getByTestId('operator-token').fill(await auth.issueGuestToken('bob'))
    await map.getByRole('button', { name: 'Use it' }).click()
    await map.getByRole('alert').filter({ hasText: 'no operator’s token' }).waitFor()
    await map.getByTestId('operator-token').fill(await operatorToken())
    await map.getByRole('button', { name: 'Use it' }).click()

    // The zone is the other process's, and the change is made there.
    const first = page.getByTestId('mapped-persona-1')
    await first.getByRole('button', { name: 'Split' }).click()
    await first.getByRole('button', { name: 'Split persona-1: yes' }).click()
    await map
      .getByRole('status')
      .filter({ hasText: /^\d+ rows went from persona-1 to persona-3\.$/ })
      .waitFor()
    await page.getByTestId('mapped-persona-3').getByText(`process ${standby.pid} on`).waitFor()
    expect(await map.locator('.zone-bar span').count()).toBe(3)

    const third = page.getByTestId('mapped-persona-3')
    await third.getByRole('button', { name: 'Merge into persona-2' }).click()
    await third.getByRole('button', { name: 'Merge persona-3 into persona-2: yes' }).click()
    await map
      .getByRole('alert')
      .filter({ hasText: /persona-3 is held by .*persona-2 by .*zones take/ })
      .waitFor()
    await third.getByRole('button', { name: 'Merge into persona-1' }).click()
    await third.getByRole('button', { name: 'Merge persona-3 into persona-1: yes' }).click()
    await map.getByRole('status').filter({ hasText: 'from persona-3 to persona-1' }).waitFor()
    await page.locator('[data-testid=zone-map][data-version="3"]').waitFor()
    expect(errors).toEqual([])
  },
  SLOW_MS,
)

test(
  'on a small phone all pages are in reach, and the panels are no wider than it',
  async () => {
    const width = 320
    const { page } = await open({ ...PHONE, viewport: { width, height: 740 } })
    await lineOf(page, 'persona-1').waitFor()
    await page.getByTestId('zone-map').waitFor()
    for (const link of await page.locator('.top-nav a').all()) {
      const box = await link.boundingBox()
      expect(box).not.toBeNull()
      expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= width).toBe(true)
      expect(box?.height).toBeGreaterThanOrEqual(44)
    }
    for (const wide of ['.top-nav', '.top-bar', '.tab-panel', '.console']) {
      const over = await page.locator(wide).evaluate((element) => element.scrollWidth - element.clientWidth)
      expect([wide, over]).toEqual([wide, 0])
    }
  },
  SLOW_MS,
)

test(
  'says when the message bus is away, and when a zone has lost its process',
  async () => {
    const { page } = await open(DESKTOP)
    const panel = page.getByTestId('processes')
    await panel.getByText('The message bus is there.').waitFor()
    expect(await panel.getAttribute('data-level')).toBeNull()
    await nats.kill()
    await panel.getByText('The message bus is away').waitFor()
    await page.locator('[data-testid=processes][data-level=warn]').waitFor()
    await standby.crash()
    await lineOf(page, 'persona-1').getByText('nobody: the lease has ended').waitFor()
    await page.locator('[data-testid=processes][data-level=bad]').waitFor()
  },
  SLOW_MS,
)
