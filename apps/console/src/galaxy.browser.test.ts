import { fileURLToPath } from 'node:url'
import { generateUniverse, type Universe } from '@terrane/world-frontier/galaxy'
import type { Page } from 'playwright-core'
import { expect, test as plainTest } from 'vitest'
import { CHROMIUM, DESKTOP, PHONE } from './browser-test/chromium.js'
import { ConsoleServer } from './browser-test/console-server.js'
import { SLOW_MS, setStage } from './browser-test/stage.js'

/** The galaxy page in real Chromium, on a server whose world has a galaxy. Needs a Chromium on this machine. */
const test = plainTest.skipIf(CHROMIUM === undefined)

const WORLD = fileURLToPath(new URL('./browser-test/galaxy-world.ts', import.meta.url))

const universe = generateUniverse({ seed: 'browser test', regions: 2, sectors: 320 })
const server = new ConsoleServer(['--world', WORLD, '--bots', '0'])
const openPage = setStage(server)

const open = (hash: string, options = DESKTOP) => openPage(`${server.url}/${hash}`, options)

/** What the map draws, once all of it is there and nothing moves. */
async function drawn(page: Page): Promise<{ sectors: number; warps: number; arrows: number; scale: number }> {
  await page.locator('[data-testid=galaxy-map][data-settled=true]').waitFor()
  const data = await page.getByTestId('galaxy-map').evaluate((map) => ({ ...map.dataset }))
  const { sectors, warps, arrows, scale } = data
  return { sectors: Number(sectors), warps: Number(warps), arrows: Number(arrows), scale: Number(scale) }
}

const hashOf = (page: Page) => new URL(page.url()).hash
const titled = (page: Page, title: string) => page.getByTestId('galaxy-title').filter({ hasText: title }).waitFor()

test(
  "shows the world's galaxy, finds a sector by its name and flies there, and goes back",
  async () => {
    const { page, errors, foreignRequests } = await open('')
    await page.getByTestId('page-galaxy').click()
    const whole = await drawn(page)
    expect(whole.sectors).toBeGreaterThanOrEqual(640)
    expect(await page.getByTestId('sectors-total').textContent()).toBe('640')

    await page.keyboard.press('/')
    await page.getByTestId('galaxy-search').fill('region-2 77')
    await page.keyboard.press('Enter')
    await titled(page, 'Sector 77')
    expect(hashOf(page)).toBe('#/galaxy/region-2/77')
    const close = await drawn(page)
    expect(close.scale).toBeGreaterThan(3 * whole.scale)
    expect(close.sectors).toBeLessThan(whole.sectors)

    const cluster = universe.regions[0]?.clusters[2]?.name ?? ''
    await page.getByTestId('galaxy-search').fill(cluster.toUpperCase())
    await page.getByTestId('galaxy-finding').first().click()
    await titled(page, cluster)
    await page.goBack()
    await titled(page, 'Sector 77')
    await page.goBack()
    await titled(page, 'The galaxy')
    await page.getByTestId('page-live').click()
    await page.getByTestId('map').waitFor()
    expect(errors).toEqual([])
    expect(foreignRequests).toEqual([])
  },
  SLOW_MS,
)

test(
  'an address selects a sector, with everything that is known of it',
  async () => {
    const region = universe.regions[1] as Universe['regions'][number]
    const station = region.stations.find(({ sector }) =>
      region.warps.some((warp) => !warp.twoWay && warp.from === sector),
    )
    const number = station?.sector ?? 1
    const { page } = await open(`#/galaxy/region-2/${number}`)
    await titled(page, `Sector ${number}`)
    const facts = (await page.getByTestId('sector-facts').textContent()) ?? ''
    const band = region.zones.find(({ first, last }) => first <= number && number <= last)?.band ?? ''
    expect(facts.toLowerCase()).toContain(band)
    expect(facts).toContain(region.stations.find(({ sector }) => sector === number)?.name ?? 'none')
    const edges = [...region.warps, ...region.tunnels]
    const ways = page.getByTestId('sector-ways').locator('li')
    expect(await ways.count()).toBe(edges.filter(({ from, to }) => from === number || to === number).length)
    const out = edges.filter(({ from, twoWay }) => from === number && !twoWay).length
    expect(await page.locator('[data-leads=out]').count()).toBe(out)

    await page.evaluate("window.location.hash = '#/galaxy/region-2/9999'")
    await page.getByText('This galaxy has no sector 9999 in “region-2”.').waitFor()
  },
  SLOW_MS,
)

test(
  'arrows are drawn on one-way warps, and go when they are switched off',
  async () => {
    const { page } = await open('#/galaxy/region-1')
    await titled(page, 'Region 1')
    const shown = await drawn(page)
    expect(shown.arrows).toBeGreaterThan(0)
    expect(shown.warps).toBeGreaterThan(shown.arrows)
    const before = await page.getByTestId('galaxy-map').screenshot()
    await page.getByTestId('layer-oneWay').uncheck()
    await page.getByTestId('layer-tunnels').uncheck()
    await page.locator('[data-testid=galaxy-map][data-arrows="0"]').waitFor()
    expect((await page.getByTestId('galaxy-map').screenshot()).equals(before)).toBe(false)
    await page.getByTestId('galaxy-map').focus()
    await page.keyboard.press('Escape')
    await titled(page, 'The galaxy')
  },
  SLOW_MS,
)

test(
  'a click on the map selects the sector that is there',
  async () => {
    const { page } = await open('#/galaxy/region-1/40')
    await titled(page, 'Sector 40')
    await drawn(page)
    // It is in the middle of what the legend leaves.
    const box = await page.getByTestId('galaxy-map').boundingBox()
    const legend = await page.getByTestId('galaxy-legend').boundingBox()
    const left = (legend?.x ?? 0) + (legend?.width ?? 0)
    const x = (left + (box?.x ?? 0) + (box?.width ?? 0)) / 2
    const y = (box?.y ?? 0) + (box?.height ?? 0) / 2
    await page.getByRole('button', { name: 'Galaxy', exact: true }).click()
    await titled(page, 'The galaxy')
    await page.mouse.click(x, y)
    await titled(page, 'Sector 40')
    expect(hashOf(page)).toBe('#/galaxy/region-1/40')
  },
  SLOW_MS,
)

test(
  'a file that is opened is checked: what is wrong is named, and a good one is shown',
  async () => {
    const { page, errors } = await open('#/galaxy')
    await drawn(page)
    await page.getByTestId('galaxy-change').click()
    const give = (name: string, text: string) =>
      page.getByTestId('galaxy-file').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })

    await give('notes.json', 'not JSON')
    await page.getByTestId('galaxy-failure').filter({ hasText: 'notes.json is no JSON' }).waitFor()

    const [first, ...others] = universe.regions.map(({ generation: _, ...region }) => region)
    const warps = first?.warps.map((warp, i) => (i === 4 ? { ...warp, to: 777 } : warp))
    const broken = { ...universe, regions: [{ ...first, warps }, ...others] }
    await give('broken.json', JSON.stringify(broken))
    const problems = page.getByTestId('galaxy-problems')
    await problems.filter({ hasText: 'regions[0].warps[4]' }).waitFor()
    expect(await problems.textContent()).toContain('there is no sector 777')

    await give('one.json', JSON.stringify({ ...universe, regions: universe.regions.slice(1) }))
    await page.getByTestId('sectors-total').filter({ hasText: '320' }).waitFor()
    expect(await page.getByTestId('galaxy-details').textContent()).toContain('from one.json')
    expect(errors).toEqual([])
  },
  SLOW_MS,
)

test(
  'a universe is generated from a seed, and its address shows it again',
  async () => {
    const { page, errors } = await open('#/galaxy')
    await drawn(page)
    await page.getByTestId('galaxy-change').click()
    await page.getByTestId('galaxy-seed').fill('north star')
    await page.getByTestId('galaxy-size').selectOption('0')
    await page.getByTestId('galaxy-generate').click()
    await page.getByTestId('sectors-total').filter({ hasText: '8,600' }).waitFor()
    expect(hashOf(page)).toBe('#/galaxy?seed=north+star&regions=6&sectors=600')
    await page.getByRole('button', { name: /Region 4/ }).click()
    await titled(page, 'Region 4')
    await page.reload()
    await titled(page, 'Region 4')
    expect(errors).toEqual([])
  },
  SLOW_MS,
)

test(
  'works on a phone: nothing overflows, everything can be touched',
  async () => {
    const { page } = await open('#/galaxy', PHONE)
    const check = async (where: string) => {
      expect(await page.evaluate('document.documentElement.scrollWidth'), where).toBeLessThanOrEqual(390)
      expect(await overflowing(page), `beyond the screen's edge: ${where}`).toEqual([])
      expect(await tooSmall(page), `small controls: ${where}`).toEqual([])
    }
    await drawn(page)
    await check('the whole galaxy')
    await page.getByRole('button', { name: 'Legend' }).tap()
    await check('the legend')
    await page.getByRole('button', { name: 'Legend' }).tap()
    for (const target of ['region-1', 'region-1/12', `region-1/cluster/${universe.regions[0]?.clusters[0]?.name}`]) {
      await page.evaluate(
        (hash) => {
          window.location.hash = hash
        },
        `#/galaxy/${encodeURI(target)}`,
      )
      await page.locator('.sheet[data-detent=half]').waitFor()
      await drawn(page)
      await check(target)
    }
    await page.getByRole('button', { name: 'Galaxy', exact: true }).tap()
    await page.getByTestId('galaxy-change').tap()
    await page.getByRole('button', { name: 'Close the panels' }).tap()
    await page.getByTestId('galaxy-source').waitFor()
    await check('another galaxy')
  },
  SLOW_MS,
)

/** Controls that reach over the screen's edge at the right or left. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a, input, select, h2, p, small')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 0)
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect()
        return left < -0.5 || right > window.innerWidth + 0.5
      })
      .map((element) => element.textContent || element.className),
  )
}

/** Controls in sight that are lower or narrower than a fingertip. Boxes to tick and files are touched by their labels. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a, select, input[type=text], input:not([type]), label')]
      .filter((control) => control.checkVisibility() && !control.classList.contains('sheet-handle'))
      .filter((control) => {
        const { width, height } = control.getBoundingClientRect()
        return height < 43.5 || width < 43.5
      })
      .map((control) => control.textContent || control.className),
  )
}
