import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseGameData } from '@terrane/combat'
import { canonicalTexts } from '@terrane/gamedata'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { openGameApi } from './rest/test-api/game-api.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/lib/chromium/chromium'].find(existsSync)
const GAMEDATA = fileURLToPath(new URL('../../../gamedata/src/index.ts', import.meta.url))

/** The package as a browser gets it: there is nothing of Node in it. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [GAMEDATA],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'gamedata',
    conditions: ['terrane-source'],
  })
  return outputFiles[0]?.text ?? ''
}

test.skipIf(CHROMIUM === undefined)('a browser resolves game data, and keeps it in IndexedDB', async () => {
  const api = await openGameApi()
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
  try {
    const tab = await browser.newPage()
    const page = new URL('/page', api.url).href
    await tab.route(page, (route) => route.fulfill({ contentType: 'text/html', body: '<title>game data</title>' }))
    await tab.goto(page)
    await tab.addScriptTag({ content: `${await bundle()};globalThis.gamedata = gamedata` })
    const seen = await tab.evaluate(async () => {
      const { GameDataResolver, IndexedDbLayer, RestNetwork } = (
        globalThis as unknown as { gamedata: typeof import('@terrane/gamedata') }
      ).gamedata
      // Each time as after a reload: nothing is in memory, and another connection to the cache.
      const load = async () => {
        const cache = new IndexedDbLayer(indexedDB)
        const clock = { now: () => Date.now() }
        const resolver = new GameDataResolver({ network: new RestNetwork(location.origin), cache, clock })
        const { revision } = await resolver.gameData()
        await cache.close()
        return { revision, ...resolver.statistics }
      }
      const first = await load()
      const second = await load()
      const { checksum } = await new RestNetwork(location.origin).current()
      const layer = new IndexedDbLayer(indexedDB)
      const entry = (await layer.read(checksum, 'specs')) ?? ''
      await layer.write(checksum, 'specs', entry.replace('Cinderwright', 'Cinderwrong'))
      const damaged = await load()
      const mended = await load()
      await layer.retain(['another'])
      const forgotten = await layer.read(checksum, 'specs')
      return { first, second, damaged, mended, isForgotten: forgotten === undefined }
    })
    const { revision } = parseGameData(canonicalTexts(api.tables))
    expect(seen).toMatchObject({
      first: { revision, networkRequests: 18, cacheHits: 0, cacheFailures: 0 },
      second: { revision, networkRequests: 1, cacheHits: 17 },
      damaged: { revision, networkRequests: 2, cacheHits: 16, corrupted: 1 },
      mended: { revision, networkRequests: 1, cacheHits: 17, corrupted: 0 },
      isForgotten: true,
    })
  } finally {
    await browser.close()
    await api.close()
  }
})
