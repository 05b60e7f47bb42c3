import { decodeComparison, decodeJobResult, summarize } from '@terrane/combat/results'
import { systemClock } from '@terrane/core'
import { createAuthenticator } from '@terrane/gateway'
import type { Page } from 'playwright-core'
import { expect, test as plainTest } from 'vitest'
import { CHROMIUM, DESKTOP, PHONE } from './browser-test/chromium.js'
import { ConsoleServer } from './browser-test/console-server.js'
import { SLOW_MS, setStage } from './browser-test/stage.js'

/** Simulations and nodes in real Chromium, on a real server; the node is the browser. Needs a Chromium on this machine. */
const test = plainTest.skipIf(CHROMIUM === undefined)

const SECRET = 'known to the server and to this test only'
const server = new ConsoleServer(['--bots', '0'], { TERRANE_JWT_SECRET: SECRET })
const auth = createAuthenticator({ clock: systemClock, guests: true, secret: SECRET })
const openPage = setStage(server)

const open = (hash: string, options = DESKTOP) => openPage(`${server.url}/${hash}`, options)

async function switchOn(page: Page): Promise<void> {
  await page.getByTestId('page-nodes').click()
  await page.getByRole('switch').check({ force: true })
  await page.locator('[data-testid=browser-node][data-state=on]').waitFor()
}

/** Submits what the form says, and waits for its result. */
async function simulate(page: Page, strategy: string, fights: number): Promise<Buffer> {
  await page.getByTestId('page-simulations').click()
  await page.getByRole('button', { name: strategy, exact: true }).click()
  await page.locator('input[name=seconds]').fill('30')
  await page.locator('input[name=iterations]').fill(String(fights))
  await page.getByRole('button', { name: 'Simulate' }).click()
  await page.locator('[data-testid=job-status][data-status=completed]').waitFor()
  await page.getByTestId('job-result').waitFor()
  const id = new URL(page.url()).hash.split('/')[2]
  const bytes = await page.evaluate(async (url) => {
    const authorization = `Bearer ${localStorage.getItem('terrane:guest')}`
    const answer = await fetch(url, { headers: { authorization } })
    return [...new Uint8Array(await answer.arrayBuffer())]
  }, `${server.url}/api/jobs/${id}/result`)
  return Buffer.from(bytes)
}

const shown = (value: number) => Math.round(value).toLocaleString('en')

test(
  'a browser computes a simulation and shows what it came to, stat weights and a tournament',
  async () => {
    const { page, errors, foreignRequests } = await open('')
    await page.getByTestId('page-simulations').waitFor()
    await switchOn(page)

    const single = summarize(decodeJobResult(await simulate(page, 'Damage', 400)))
    expect(single.iterations).toBe(400)
    expect(await page.getByTestId('mean-dps').textContent()).toBe(shown(single.mean))
    expect(await page.getByTestId('distribution').locator('rect').count()).toBe(48)
    expect(await page.getByTestId('spells').locator('tbody tr').count()).toBeGreaterThan(3)
    expect(await page.getByTestId('timeline').locator('rect').count()).toBeGreaterThan(10)

    const weights = decodeComparison(await simulate(page, 'Stat weights', 200))
    expect(await page.getByTestId('stat-weights').locator('tbody tr').count()).toBe(weights.size - 1)

    const ranking = decodeComparison(await simulate(page, 'Tournament', 200))
    expect(await page.getByTestId('ranking').locator('tbody tr').count()).toBe(ranking.size)
    const finalists = [...ranking.values()].map(summarize).filter(({ iterations }) => iterations === 200)
    const best = Math.max(...finalists.map(({ mean }) => mean))
    expect(await page.getByTestId('mean-dps').textContent()).toBe(shown(best))

    expect(errors).toEqual([])
    expect(foreignRequests).toEqual([])
  },
  SLOW_MS,
)

test(
  'a node is renamed, shared and removed by its typed name; its switch ends it',
  async () => {
    const { page } = await open('')
    await page.getByTestId('page-simulations').waitFor()
    await switchOn(page)
    const node = page.getByTestId('node')
    await node.getByText('Settings').click()
    await node.locator('input[name=name]').fill('Study')
    await node.getByRole('button', { name: 'Public' }).click()
    await node.getByRole('button', { name: 'Save' }).click()
    await node.getByRole('heading', { name: 'Study' }).waitFor()
    await page.getByTestId('shared-with').filter({ hasText: 'for everybody' }).waitFor()

    await node.getByRole('button', { name: 'Pause' }).click()
    await page.getByTestId('node-paused').waitFor()
    const all = page.getByTestId('everybodys-nodes')
    await all.getByText('For operators').click()
    await all.getByTestId('operator-token').fill(await auth.issueGuestToken('ann', { role: 'operator' }))
    await all.getByRole('button', { name: 'Use it' }).click()
    const row = all.getByRole('row').filter({ hasText: 'Study' })
    await row.filter({ hasText: 'online, paused' }).waitFor()
    await row.getByRole('button', { name: 'Resume' }).click()
    await page.getByTestId('node-paused').waitFor({ state: 'detached' })

    await page.getByRole('switch').uncheck({ force: true })
    await page.locator('[data-testid=browser-node][data-state=off]').waitFor()
    await node.getByText('Remove', { exact: true }).first().click()
    const remove = node.getByRole('button', { name: 'Remove' })
    expect(await remove.isDisabled()).toBe(true)
    await node.getByLabel('Type “Study”').fill('Study')
    await remove.click()
    await node.waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Make a claim token' }).click()
    expect(await page.getByTestId('claim-command').textContent()).toMatch(/--claim-token ct_/)
  },
  SLOW_MS,
)

test(
  'says what is wrong with a configuration, waits without a node, and can be cancelled on a phone',
  async () => {
    const { page } = await open('#/simulations', PHONE)
    await page.getByText('Use a configuration of my own').click()
    await page.locator('textarea').fill('{"version":"v1","spec":"nobody","rotation":{"actions":[]}}')
    await page.getByRole('button', { name: 'Simulate' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByText('Use a character from the list').click()
    await page.locator('select[name=access]').selectOption('own')
    await page.getByRole('button', { name: 'Simulate' }).click()
    await page.getByTestId('job-waiting').waitFor()
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.locator('[data-testid=job-status][data-status=cancelled]').waitFor()
  },
  SLOW_MS,
)
