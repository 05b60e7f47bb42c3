import { setImmediate } from 'node:timers/promises'
import { buildGameData } from '@terrane/combat'
import { canonicalTables, canonicalTexts } from '@terrane/gamedata'
import { hashOf } from '@terrane/node'
import type { GameReader } from '@terrane/store-postgres'
import type { GameDataBundle, GameDataSource } from '../jobs/game-data-source.js'

/** What jobs under way are computed with, and the current one. */
const BUNDLES_KEPT = 4

/**
 * Game data for jobs as it is in the database: new jobs get the current revision, those that run keep theirs, which the
 * import does not remove. A job names it by its checksum, which is the hash of the text that nodes get.
 * @param fallback while nothing has been imported, and for jobs that were begun with it
 */
export function importedGameData(reader: () => GameReader, fallback: GameDataSource): GameDataSource {
  const bundles = new Map<string, Promise<GameDataBundle | undefined>>()
  const bundleOf = (checksum: string, revision: string) => {
    const known = bundles.get(checksum)
    if (known !== undefined) return known
    const bundle = readBundle(reader(), checksum, revision)
    bundles.set(checksum, bundle)
    const forget = () => bundles.delete(checksum)
    bundle.then((found) => found === undefined && forget(), forget)
    for (const oldest of bundles.keys()) {
      if (bundles.size <= BUNDLES_KEPT) break
      bundles.delete(oldest)
    }
    return bundle
  }
  return {
    async current() {
      const current = await reader().current()
      const bundle = current && (await bundleOf(current.checksum, current.revision))
      return bundle ?? fallback.current()
    },
    async find(hash) {
      const known = await bundles.get(hash)
      if (known !== undefined) return known
      const revision = await reader().revisionWith(hash)
      return revision === undefined ? fallback.find(hash) : bundleOf(hash, revision)
    },
  }
}

async function readBundle(reader: GameReader, checksum: string, revision: string): Promise<GameDataBundle | undefined> {
  const found = await reader.tables(revision)
  if (found === undefined) return undefined
  // With the tables of a whole game each step takes a while, in which nobody else is answered.
  await setImmediate()
  const tables = canonicalTables(found)
  await setImmediate()
  const text = JSON.stringify(canonicalTexts(tables))
  // Removed, or replaced by another of the same name, since it was asked for.
  if ((await hashOf(text)) !== checksum) return undefined
  await setImmediate()
  const data = buildGameData(tables)
  return { hash: checksum, revision: data.revision, text, data }
}
