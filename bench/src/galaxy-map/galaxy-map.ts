import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { sibling } from '../processes.js'
import { type Figures, type Floor, note, report, round, table } from '../report.js'
import { startTerrane } from '../terrane-server.js'
import { BROWSERS } from './browsers.js'
import { framesDuring, quantile } from './frames.js'

export interface GalaxyMapOptions {
  readonly json: boolean
  readonly tiny: boolean
}

const FULL = { regions: 50, sectors: 1_100, seconds: 5 }
const TINY = { regions: 1, sectors: 200, seconds: 0.4 }
const WIDTH = 1_440
const HEIGHT = 900
const LOAD_MS_MAX = 120_000
/** Everything is drawn by the processor. */
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--use-gl=angle', '--use-angle=swiftshader']
const SWIFTSHADER = '--enable-unsafe-swiftshader'

const FLOORS: readonly Floor[] = [{ figure: 'framesPerSecondMin', min: 30 }]

/** A movement of the map, repeated while the frames are counted. */
interface Movement {
  readonly name: string
  /** Where it begins: what the address says after `#/galaxy`. */
  readonly at: string
  step(page: Page, turn: number): Promise<void>
}

const MIDDLE = { x: 640, y: 470 }

const MOVEMENTS: readonly Movement[] = [
  { name: 'panAll', at: '', step: drag },
  { name: 'zoom', at: '', step: zoom },
  { name: 'panRegion', at: '/region-1', step: drag },
  { name: 'panSectors', at: '/region-1/60', step: drag },
  { name: 'fly', at: '/region-1', step: fly },
]

/** The console's galaxy map in a real browser without a GPU: frames while it is panned, zoomed and flown over. */
export async function galaxyMap(options: GalaxyMapOptions): Promise<void> {
  const executablePath = BROWSERS.find((path) => existsSync(path))
  if (executablePath === undefined) throw new Error(`there is no Chromium: install one at ${BROWSERS.join(' or ')}`)
  const size = options.tiny ? TINY : FULL
  const directory = await mkdtemp(join(tmpdir(), 'terrane-galaxy-map-'))
  const server = await startTerrane({
    world: sibling('./galaxy-world', import.meta.url),
    data: directory,
    console: true,
    env: { GALAXY_REGIONS: String(size.regions), GALAXY_SECTORS: String(size.sectors) },
  })
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, SWIFTSHADER] })
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } })
    page.setDefaultTimeout(LOAD_MS_MAX)
    const startMs = performance.now()
    await page.goto(`${server.url}/#/galaxy`)
    await settled(page)
    const loadMs = performance.now() - startMs
    const sectors = await page.locator('[data-testid=sectors-total]').textContent()
    note(`${sectors} sectors on a map of ${WIDTH} × ${HEIGHT}, there after ${round(loadMs)} ms`)
    const figures = await measure(page, size.seconds)
    report(
      {
        name: 'galaxy-map',
        figures: { sectors: Number(sectors?.replaceAll(',', '')), loadMs: round(loadMs), ...figures },
        floors: options.tiny ? [] : FLOORS,
      },
      options.json,
    )
  } finally {
    await browser.close()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function measure(page: Page, seconds: number): Promise<Figures> {
  const figures: Figures = {}
  const rows: string[][] = []
  const medians: number[] = []
  const all: number[] = []
  for (const { name, at, step } of MOVEMENTS) {
    await page.evaluate(`window.location.hash = '#/galaxy${at}'`)
    if (at === '') await page.getByLabel('Show the whole galaxy').click()
    await settled(page)
    const times = await framesDuring(page, async () => {
      const endMs = performance.now() + seconds * 1_000
      for (let turn = 0; performance.now() < endMs; turn++) await step(page, turn)
    })
    const median = quantile(times, 0.5)
    const [p95, most] = [quantile(times, 0.95), Math.max(...times)]
    figures[`${name}.framesPerSecond`] = round(1_000 / median)
    figures[`${name}.frameMsP95`] = round(p95)
    medians.push(median)
    all.push(...times)
    rows.push([name, String(times.length), ...[1_000 / median, median, p95, most].map((each) => String(round(each)))])
  }
  note(`\n${table(['movement', 'frames', 'frames/s (median)', 'ms median', 'ms p95', 'ms max'], rows)}`)
  return {
    framesPerSecondMin: round(1_000 / Math.max(...medians)),
    frameMsP95: round(quantile(all, 0.95)),
    ...figures,
  }
}

/** All tiles are there, and nothing moves. */
async function settled(page: Page): Promise<void> {
  await page.locator('[data-testid=galaxy-map][data-settled=true]').waitFor()
}

const STEPS = 30

/** There and back by 300 pixels, in small steps. */
async function drag(page: Page, turn: number): Promise<void> {
  const way = turn % 2 === 0 ? 1 : -1
  await page.mouse.move(MIDDLE.x - way * 150, MIDDLE.y - way * 60)
  await page.mouse.down()
  for (let i = 0; i <= STEPS; i++) {
    const share = i / STEPS - 0.5
    await page.mouse.move(MIDDLE.x + way * 300 * share, MIDDLE.y + way * 120 * share)
  }
  await page.mouse.up()
}

/** In until single sectors are large, and out until all is seen. */
async function zoom(page: Page, turn: number): Promise<void> {
  await page.mouse.move(MIDDLE.x + 20, MIDDLE.y - 10)
  for (let i = 0; i < STEPS; i++) await page.mouse.wheel(0, turn % 2 === 0 ? -55 : 55)
}

/** From one end of the galaxy to the other and back. */
async function fly(page: Page, turn: number): Promise<void> {
  await page.getByTestId('galaxy-search').fill(turn % 2 === 0 ? 'nexus 4000' : 'region-1 60')
  await page.keyboard.press('Enter')
  await page.waitForTimeout(1_500)
}
