import { COURIER, type CoreRow, GRAB_REACH, type Runner, TERMINAL } from '@terrane/world-maglev'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test as plainTest } from 'vitest'
import { CHROMIUM, DESKTOP, PHONE } from './browser-test/chromium.js'
import { ConsoleServer } from './browser-test/console-server.js'
import { boardCrew, boardTrain } from './browser-test/mission-crew.js'
import { becomes, SLOW_MS, setStage, textOf } from './browser-test/stage.js'

/** The mission in real Chromium, on a real server that runs it. Needs a Chromium on this machine. */
const test = plainTest.skipIf(CHROMIUM === undefined)

const server = new ConsoleServer(['--world', 'maglev', '--bots', '0'])
const openPage = setStage(server)

async function open(options = DESKTOP, prepare?: (page: Page) => Promise<void>) {
  const watched = await openPage(server.url, options, prepare)
  await watched.page.getByTestId('mission').waitFor()
  return watched
}

/** Comes in as a guest, and gives what the server says of that guest. */
async function join(page: Page) {
  await page.getByTestId('mission-join').click()
  await page.locator('[data-testid=score-line][data-own=true]').waitFor({ state: 'attached' })
  const token = await page.evaluate(() => localStorage.getItem('terrane:guest'))
  const train = await boardTrain(server.url, token ?? '')
  onTestFinished(() => train.close())
  return train
}

const numberOf = async (page: Page, testId: string) => Number((await textOf(page, testId)).replaceAll(',', ''))
const phaseIs = (page: Page, phase: string) =>
  page.locator(`[data-testid=mission-phase][data-phase=${phase}]`).waitFor({ timeout: 90_000 })

test(
  'a guest begins a mission and plays it by keyboard; scores, their way and the end show as the server has them',
  async () => {
    const crew = await boardCrew(server.url, 3)
    onTestFinished(() => crew.close())
    const { page, errors, foreignRequests } = await open()
    await phaseIs(page, 'lobby')
    // Who watches takes nobody's place.
    await becomes('the crew is there', async () => (await page.getByTestId('score-line').count()) === 3)
    const train = await join(page)
    await page.keyboard.press('Space')
    await page.getByTestId('mission-notice').waitFor()
    await page.getByTestId('mission-length').selectOption('20')
    await page.getByTestId('mission-start').click()
    await phaseIs(page, 'running')

    const keys = new Keys(page)
    await becomes('a core is in the hands of the guest', async () => {
      const { runner } = train
      if (runner === undefined) return false
      if (runner.carries !== null) return true
      const core = nearestCore(runner, train.view[COURIER].cores.all())
      if (core === undefined) return false
      await keys.towards(core.x - runner.x, core.y - runner.y)
      if (Math.hypot(core.x - runner.x, core.y - runner.y) < GRAB_REACH) await page.keyboard.press('Space')
      return false
    })
    await keys.towards(0, 0)
    expect((await page.getByTestId('mission-canvas').screenshot()).length).toBeGreaterThan(30_000)

    await becomes('somebody has a core in the mainframe', async () => (await numberOf(page, 'mission-slotted')) > 0)
    await becomes('the owner of its score is known', async () => /persona-\d/.test(await textOf(page, 'way-trace')))
    await becomes('ticks are counted', async () => /^[\d.]+\/s$/.test(await textOf(page, 'mission-ticks')))
    await becomes('the way is timed', async () => /^\d+ ms$/.test(await textOf(page, 'mission-latency')))
    await page.getByTestId('mission-result').waitFor()

    // At rest all that is shown of the scores is the same, and what the server holds.
    const slotted = Number(train.view[TERMINAL].cars.get(TERMINAL)?.slotEvents)
    for (const figure of ['way-slots', 'way-commits', 'way-copies']) {
      await becomes(`${figure} shows ${slotted}`, async () => (await numberOf(page, figure)) === slotted)
    }
    const cores = await page.locator('[data-testid=score-line] td:nth-child(2)').allTextContents()
    expect(cores.reduce((sum, text) => sum + Number(text), 0)).toBe(slotted)
    await becomes('it is listed with its end', async () => /won|lost/.test(await textOf(page, 'last-missions')))
    expect(errors).toEqual([])
    expect(foreignRequests).toEqual([])
  },
  SLOW_MS,
)

test(
  'a gamepad steers, and the pages for any world are a step away',
  async () => {
    const { page } = await open(DESKTOP, async (page) => void (await page.addInitScript(addGamepad)))
    const train = await join(page)
    const before = train.runner?.x ?? 0
    await page.evaluate(() => Object.assign(globalThis, { stick: [1, 0.05] }))
    await becomes('the guest walks to the right', () => (train.runner?.x ?? 0) > before + 500_000)
    await page.evaluate(() => Object.assign(globalThis, { stick: [0.1, 0] }))
    await becomes('a stick near its middle is still', () => train.runner?.vx === 0)

    await page.getByTestId('page-live').click()
    await page.getByTestId('tab-browse').click()
    await page.getByTestId('browse-kind').selectOption('drones')
    await becomes('the first car’s drones are listed', async () => (await page.locator('.browse-row').count()) === 2)
    await page.getByTestId('page-home').click()
    await page.getByTestId('mission').waitFor()
  },
  SLOW_MS,
)

test(
  'on a phone a finger steers, nothing is wider than the screen, and scores are in the sheet',
  async () => {
    const { page, errors } = await open({ ...PHONE, colorScheme: 'light' })
    const train = await join(page)
    const before = train.runner?.x ?? 0
    const touch = await page.context().newCDPSession(page)
    const finger = (type: string, x: number, y: number) =>
      touch.send('Input.dispatchTouchEvent', {
        type: type as 'touchStart',
        touchPoints: type === 'touchEnd' ? [] : [{ x, y }],
      })
    await finger('touchStart', 120, 500)
    await finger('touchMove', 120, 440)
    await becomes('up the screen is along the train', () => (train.runner?.x ?? 0) > before + 500_000)
    await finger('touchEnd', 0, 0)
    await becomes('it stands when the finger is gone', () => train.runner?.vx === 0)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.viewport?.width)
    await page.getByTestId('tab-way').click()
    await page.getByTestId('score-way').waitFor()
    expect(errors).toEqual([])
  },
  SLOW_MS,
)

/** Arrow keys, held as long as they are needed. */
class Keys {
  readonly #page: Page
  readonly #held = new Set<string>()

  constructor(page: Page) {
    this.#page = page
  }

  async towards(dx: number, dy: number): Promise<void> {
    const near = GRAB_REACH / 3
    await this.#hold('ArrowRight', dx > near)
    await this.#hold('ArrowLeft', dx < -near)
    await this.#hold('ArrowDown', dy > near)
    await this.#hold('ArrowUp', dy < -near)
  }

  async #hold(key: string, isWanted: boolean): Promise<void> {
    if (isWanted === this.#held.has(key)) return
    if (isWanted) await this.#page.keyboard.down(key)
    else await this.#page.keyboard.up(key)
    if (isWanted) this.#held.add(key)
    else this.#held.delete(key)
  }
}

function nearestCore(runner: Runner, cores: Iterable<CoreRow>): CoreRow | undefined {
  const away = ({ x, y }: CoreRow) => Math.hypot(x - runner.x, y - runner.y)
  return [...cores].filter(({ carriedBy }) => carriedBy === null).sort((a, b) => away(a) - away(b))[0]
}

/** Runs in the page: a device whose left stick is at `globalThis.stick`. */
function addGamepad(): void {
  Object.assign(globalThis, { stick: [0, 0] })
  const buttons = Array.from({ length: 17 }, () => ({ pressed: false, touched: false, value: 0 }))
  navigator.getGamepads = () => {
    const { stick } = globalThis as unknown as { stick: number[] }
    return [{ connected: true, mapping: 'standard', axes: [...stick, 0, 0], buttons }] as unknown as Gamepad[]
  }
}
