import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { profile, shippedGameData } from '../test-data/shipped.js'
import { Computation } from '../work/compute.js'
import { parseSentinelConfig } from '../work/sentinel-config.js'
import { encodeContext, hashOf } from '../work/work-context.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/lib/chromium/chromium'].find(existsSync)

async function bundle(file: string, globalName?: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    conditions: ['terrane-source'],
    ...(globalName === undefined ? {} : { globalName }),
  })
  return outputFiles[0]?.text ?? ''
}

test.skipIf(CHROMIUM === undefined)('a browser keeps its key, and computes the same bytes as Node', async () => {
  const [page, worker] = await Promise.all([bundle('./index.ts', 'node'), bundle('./web-worker.ts')])
  const gameData = shippedGameData()
  const context = { seed: 's', simConfig: profile(), sentinelConfig: parseSentinelConfig({}), gameData: 'd' }
  const piece = { variant: 0, first: 5, count: 20 }
  const text = encodeContext(context)
  const task = { work: { hash: await hashOf(text), text }, gameData: { hash: 'd', text: gameData }, piece }

  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
  try {
    const tab = await browser.newPage()
    await tab.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<title>node</title>' }))
    await tab.goto('http://localhost:9/')
    await tab.addScriptTag({ content: `${page};globalThis.node = node` })
    const seen = await tab.evaluate(
      async ([workerSource, given]) => {
        const { browserIdentity, createWebPool } = (globalThis as unknown as { node: typeof import('./index.js') }).node
        const [first, second] = [await browserIdentity(), await browserIdentity()]
        const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
        const pool = createWebPool(1, () => new Worker(url))
        const { result } = await pool.run(given)
        pool.close()
        return {
          keys: [first.publicKey, second.publicKey],
          isExtractable: second.privateKey.extractable,
          result: [...result],
        }
      },
      [worker, task] as const,
    )
    expect(seen.keys[0]).toBe(seen.keys[1])
    expect(seen.isExtractable).toBe(false)
    expect(seen.result).toEqual([...new Computation(context, gameData).run(piece)])
  } finally {
    await browser.close()
  }
})
