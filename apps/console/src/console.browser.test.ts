import type { DatabaseStats, ServerStats } from '@terrane/protocol'
import type { Locator, Page } from 'playwright-core'
import { expect, test as plainTest } from 'vitest'
import { CHROMIUM, DESKTOP, PHONE } from './browser-test/chromium.js'
import { ConsoleServer } from './browser-test/console-server.js'
import { becomes, SLOW_MS, setStage, textOf } from './browser-test/stage.js'

/** The page against the real server, in real Chromium. Needs a Chromium on this machine. */
const test = plainTest.skipIf(CHROMIUM === undefined)

const DAY_MS = 86_400_000

/** As in tokens.css. */
const AMBER = 'rgb(242, 183, 92)'
const CORAL = 'rgb(255, 143, 120)'

const server = new ConsoleServer()
const openPage = setStage(server)

async function open(options = DESKTOP, prepare?: (page: Page) => Promise<void>) {
  const watched = await openPage(server.url, options, prepare)
  await watched.page.getByTestId('console').waitFor()
  return watched
}

/** Once the page shows the world as it is. */
async function live(page: Page): Promise<void> {
  await page.getByTestId('link-state').filter({ hasText: 'live' }).waitFor()
}

async function play(page: Page): Promise<void> {
  await live(page)
  await page.getByTestId('sign-in').click()
  await page.getByTestId('frontier-controls').waitFor()
}

/** How many bytes the map's picture takes: an empty one is a few thousand. */
const pictureBytes = async (page: Page) => (await page.getByTestId('map').screenshot()).length

test(
  'shows the world and its figures to whoever looks, with nothing from elsewhere',
  async () => {
    const { page, errors, foreignRequests } = await open()
    await live(page)
    expect(await textOf(page, 'world-name')).toBe('Frontier')
    await becomes('all sectors are in sight', async () => /Sectors300/.test(await textOf(page, 'kind-counts')))
    await becomes('the map is drawn', async () => (await pictureBytes(page)) > 60_000)
    await becomes('bots make inputs', async () => Number(await textOf(page, 'figure-inputs')) > 0)
    await becomes('inputs become durable', async () => Number(await textOf(page, 'figure-durable')) > 0)
    await becomes('all bots and the page count', async () => Number(await textOf(page, 'figure-connections')) >= 11)
    expect(errors).toEqual([])
    expect(foreignRequests).toEqual([])
  },
  SLOW_MS,
)

test(
  'what is selected shows its row, live',
  async () => {
    const { page } = await open()
    await live(page)
    await page.getByTestId('tab-browse').click()
    // Of several ships one will fly soon; its row changes under our eyes.
    const rows = page.locator('.browse-row')
    await rows.first().waitFor()
    await becomes('a ship that flies is selected', async () => {
      for (let i = 0; i < (await rows.count()); i++) {
        await rows.nth(i).click()
        await page.getByTestId('column-moving').waitFor()
        if ((await textOf(page, 'column-moving')) === 'yes') return true
      }
      return false
    })
    const before = `${await textOf(page, 'column-x')} ${await textOf(page, 'column-y')}`
    await becomes(
      'its position changes',
      async () => `${await textOf(page, 'column-x')} ${await textOf(page, 'column-y')}` !== before,
    )
    await page.getByTestId('browse-kind').selectOption('sectors')
    await page.getByTestId('browse-find').fill('stofan')
    await rows.first().click()
    await becomes('the sector is shown', async () => (await textOf(page, 'row-panel')).includes('federation'))
  },
  SLOW_MS,
)

test(
  'a guest flies, harvests and crafts, sees both moments of each input, and reads why one is refused',
  async () => {
    const { page, errors } = await open()
    await play(page)
    await page.getByTestId('harvest').click()
    await becomes('something lies in the hold', async () => /[1-9]\d*\/300/.test(await textOf(page, 'inventory')))
    await becomes('the harvest is durable', async () => /\d ms/.test(await textOf(page, 'feed-durable')))
    expect(await textOf(page, 'feed-applied')).toMatch(/\d ms/)

    await page.getByTestId('group-build').click()
    await page.getByTestId('build-beacon').click()
    await becomes('the refusal says why', async () =>
      /no_foundation|missing_items/.test(await textOf(page, 'feed-row')),
    )

    await page.getByTestId('fit').click()
    // An edge of the region, where nothing is.
    const box = await page.getByTestId('map').boundingBox()
    await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) - 90, (box?.y ?? 0) + 40)
    await becomes('the ship flies there', async () => /^move/.test(await textOf(page, 'feed-row')))

    const name = await textOf(page, 'ship-name')
    await page.reload()
    await becomes('the same ship after a reload', async () => (await textOf(page, 'ship-name')) === name)
    expect(errors).toEqual([])
  },
  SLOW_MS,
)

test(
  'shows how the server is connected to its database',
  async () => {
    const { page, errors } = await open()
    await page.getByTestId('tab-server').click()
    const panel = page.getByTestId('database')
    await becomes('as whom, and by TLS', async () =>
      /gateway_writer.*TLSv1\.3|TLSv1\.3.*gateway_writer/.test(await textOf(page, 'database')),
    )
    expect(await textOf(page, 'database')).toMatch(/PostgreSQL 1\d.*Certificate36\d days to 20\d\d-.*Reconnects\d/)
    expect(await textOf(page, 'database-pool')).toMatch(/^Pool\d busy, \d idle, 4 at most/)
    expect(await panel.getAttribute('data-level')).toBeNull()
    expect(await page.getByTestId('database-warnings').count()).toBe(0)
    expect(await page.locator('.tab-mark').count()).toBe(0)
    expect(errors).toEqual([])
  },
  SLOW_MS,
)

test.each<[string, (database: DatabaseStats, at: number) => DatabaseStats, string, RegExp[]]>([
  ['is down', (database) => ({ ...database, state: 'down' }), CORAL, [/Does not answer/]],
  [
    'is not encrypted in production',
    (database) => ({ ...database, production: true, tls: null }),
    CORAL,
    [/Not encrypted, in production/],
  ],
  [
    'has a certificate that ends soon, and a pool with nothing left',
    (database, at) => ({
      ...database,
      tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', certificateEndsAt: at + 13.5 * DAY_MS },
      pool: { size: 4, open: 4, idle: 0, waiting: 7 },
    }),
    AMBER,
    [/A certificate ends soon/, /calls wait for one/, /13 days/, /7 waiting/],
  ],
])(
  'warns in colour, on a wide and on a narrow screen, when the database %s',
  async (_, change, color, texts) => {
    for (const size of [DESKTOP, PHONE]) {
      const { page } = await open(size, (page) => changeDatabase(page, change))
      await page.locator('.tab-mark').waitFor()
      expect(await colorOf(page.locator('.tab-mark'))).toBe(color)
      await page.getByTestId('tab-server').click()
      await page.getByTestId('database-warnings').waitFor()
      for (const text of texts) expect(await textOf(page, 'database')).toMatch(text)
      expect(await colorOf(page.locator('.database-dot'))).toBe(color)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        size.viewport?.width ?? 0,
      )
      const panel = await page
        .getByTestId('database')
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
      expect(panel).toBeLessThanOrEqual(0)
    }
  },
  SLOW_MS,
)

const colorOf = (element: Locator) => element.evaluate((each) => getComputedStyle(each).backgroundColor)

/** The page gets other figures of the database than the server's. */
async function changeDatabase(page: Page, change: (database: DatabaseStats, at: number) => DatabaseStats) {
  await page.route('**/api/stats', async (route) => {
    const response = await route.fetch()
    const stats = (await response.json()) as ServerStats
    await route.fulfill({ response, json: { ...stats, database: change(stats.database, stats.at) } })
  })
}

test(
  'shows the ops between zones: what passed the gate, and what waits',
  async () => {
    const { page } = await open()
    await live(page)
    await page.getByTestId('tab-server').click()
    // The start zone tells the Nexus of who is there.
    await page.getByTestId('ops').waitFor()
    await becomes('ops are delivered', async () => Number(await textOf(page, 'ops-delivered')) > 0)
    expect(await textOf(page, 'ops')).toMatch(/main.*nexus/)
    expect(await page.getByTestId('ops').getAttribute('data-level')).toBeNull()
  },
  SLOW_MS,
)

test(
  'works on a phone: nothing overflows, everything can be touched',
  async () => {
    const { page } = await open(PHONE)
    await live(page)
    await page.getByTestId('sign-in').tap()
    await page.getByTestId('frontier-controls').waitFor()
    for (const tab of ['play', 'row', 'browse', 'server']) {
      await page.getByTestId(`tab-${tab}`).tap()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
      expect(await tooSmall(page), `small controls in ${tab}`).toEqual([])
    }
    const box = await page.getByTestId('map').boundingBox()
    await page.touchscreen.tap(195, (box?.y ?? 0) + 160)
    await page.getByTestId('tab-row').waitFor()
  },
  SLOW_MS,
)

/** Controls in sight that are lower or narrower than a fingertip. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [
      ...document.querySelectorAll<HTMLElement>('button, select, input:not([type=checkbox]), label.switch'),
    ]
    return controls
      .filter((control) => control.offsetParent !== null && !control.classList.contains('sheet-handle'))
      .filter(
        (control) => control.getBoundingClientRect().height < 43.5 || control.getBoundingClientRect().width < 43.5,
      )
      .map((control) => control.textContent || control.ariaLabel || control.className)
  })
}

test(
  'says when the server is gone, keeps what it knew, and carries on by itself when it is back',
  async () => {
    const { page } = await open()
    await play(page)
    const name = await textOf(page, 'ship-name')
    await server.crash()
    await page.getByTestId('banner').waitFor()
    await becomes('a countdown', async () => /Next attempt in \d s/.test(await textOf(page, 'banner')))
    expect(await textOf(page, 'ship-name')).toBe(name)
    expect(await page.locator('.live-map').getAttribute('data-dimmed')).toBe('true')
    await server.start()
    await page.getByTestId('banner').waitFor({ state: 'detached', timeout: 90_000 })
    await page.getByTestId('harvest').click()
    await becomes('inputs become durable again', async () => /\d ms/.test(await textOf(page, 'feed-durable')))
    expect(await textOf(page, 'ship-name')).toBe(name)
  },
  SLOW_MS,
)

test(
  'who comes while the world takes nobody reads why and when it is tried again, and is let in by itself',
  async () => {
    const page = await server.whileDatabaseHangs(async () => {
      await becomes('the zone stalls', async () => (await stateOf('main')) === 'stalled')
      const { page } = await open(PHONE)
      await becomes('the banner says why', async () =>
        /^Not let in yet: the zone cannot take inputs now.*Next attempt in \d s/.test(await textOf(page, 'banner')),
      )
      await page.locator('.tab-mark').waitFor()
      return page
    })
    await live(page)
    await page.getByTestId('banner').waitFor({ state: 'detached' })
    await becomes('the world is there', async () => /Sectors300/.test(await textOf(page, 'kind-counts')))
  },
  SLOW_MS,
)

async function stateOf(zone: string): Promise<string | undefined> {
  const { zones } = (await (await fetch(`${server.url}/api/zones`)).json()) as {
    zones: { id: string; state: string }[]
  }
  return zones.find(({ id }) => id === zone)?.state
}

test(
  'where guests are not taken, it says how to come in and what is wrong with a token',
  async () => {
    const { page } = await open(DESKTOP, (page) => changeWorld(page, (world) => ({ ...world, guests: false })))
    await page.getByTestId('token').fill('not.a.token')
    await page.getByTestId('token').press('Enter')
    await page.getByText(/token is missing, forged|unauthorized|not valid|not a JWT/i).waitFor()
  },
  SLOW_MS,
)

test(
  'a world without visuals of its own gets a scatter, lists and forms',
  async () => {
    const { page, errors } = await open(DESKTOP, (page) =>
      changeWorld(page, (world) => ({ ...world, name: 'elsewhere' })),
    )
    await live(page)
    await becomes('the map is drawn', async () => (await pictureBytes(page)) > 25_000)
    expect(await textOf(page, 'legend')).toMatch(/Ships/)
    await page.getByTestId('sign-in').click()
    const craft = page.locator('form', { has: page.getByRole('button', { name: 'Craft' }) })
    await craft.getByLabel('count').fill('1')
    await craft.getByRole('button').click()
    await becomes('the world answers', async () => /missing_items/.test(await textOf(page, 'feed-row')))
    expect(errors).toEqual([])
  },
  SLOW_MS,
)

/** The page gets another description of the world than the server's. */
async function changeWorld(page: Page, change: (world: object) => object): Promise<void> {
  await page.route('**/api/world', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: change((await response.json()) as object) })
  })
}
