import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@terrane/core'
import { canonicalTexts, GameDataResolver, RestNetwork } from '@terrane/gamedata'
import { asCommand } from '../command/admin-database.js'
import { DirectoryLayer } from './directory-layer.js'

export interface ExportOptions {
  readonly server: string
  /** Keeps what was downloaded for the next time. */
  readonly cache?: string
  readonly json: boolean
}

/** Writes the current game data of a server as CSV files, which `import` takes. Throws `CommandFailure`. */
export async function exportGameData(directory: string, options: ExportOptions): Promise<void> {
  const { server, cache, json } = options
  const resolver = new GameDataResolver({
    network: new RestNetwork(server),
    clock: systemClock,
    ...(cache === undefined ? {} : { cache: new DirectoryLayer(cache) }),
  })
  const { revision, texts } = await asCommand(`the game data of ${server} was not exported`, async () => {
    const current = await resolver.current()
    return { revision: current, texts: canonicalTexts(await resolver.tables(current)) }
  })
  await asCommand(`the game data was not written to ${directory}`, async () => {
    await mkdir(directory, { recursive: true })
    for (const [table, text] of Object.entries(texts)) await writeFile(join(directory, `${table}.csv`), text)
  })
  const files = Object.keys(texts).length
  process.stderr.write(`revision ${revision.revision}: ${files} files in ${directory}\n`)
  if (!json) return
  const report = { name: 'gamedata export', passed: true, directory, files, ...revision, ...resolver.statistics }
  process.stdout.write(`${JSON.stringify(report)}\n`)
}
