import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { CHROMIUM, DESKTOP, launchChromium, openPage, type WatchedPage } from './chromium.js'
import { buildServerAndConsole } from './console-server.js'

/** How long a test may take: a loaded machine without a GPU draws a few frames a second. */
export const SLOW_MS = 240_000

/** What a page needs to be there: one server or more. */
interface Scenery {
  start(): Promise<void>
  stop(): Promise<void>
}

type OpenPage = (
  url: string,
  options?: BrowserContextOptions,
  prepare?: (page: Page) => Promise<void>,
) => Promise<WatchedPage>

/**
 * A browser and what it looks at, for all tests of the file; not started when they are skipped.
 * @returns opens a page, which is closed with its test
 */
export function setStage(scenery: Scenery, isSkipped = CHROMIUM === undefined): OpenPage {
  let browser: Browser | undefined
  beforeAll(async () => {
    if (isSkipped) return
    buildServerAndConsole()
    await scenery.start()
    browser = await launchChromium()
  }, SLOW_MS)
  afterAll(async () => {
    await browser?.close()
    await scenery.stop()
  }, SLOW_MS)
  return async (url, options = DESKTOP, prepare = undefined) => {
    const watched = await openPage(browser as Browser, url, options, prepare)
    onTestFinished(async () => {
      // The page asks all the time: an answer may be on its way through a route of the test.
      await watched.page.unrouteAll({ behavior: 'wait' })
      await watched.page.context().close()
    })
    return watched
  }
}

/** Waits until a probe gives true. */
export async function becomes(what: string, probe: () => Promise<boolean> | boolean, withinMs = 90_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  while (!(await probe())) {
    if (performance.now() > deadlineMs) throw new Error(`did not become true within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The text of the first element of that test id. */
export async function textOf(page: Page, testId: string): Promise<string> {
  return (await page.getByTestId(testId).first().textContent()) ?? ''
}
