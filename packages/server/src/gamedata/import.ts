import { checksumOf, GAME_TABLES, type GameDataFormat, recogniseFormat } from '@terrane/gamedata'
import { loadRevision } from '@terrane/store-postgres'
import { adminAccess, asCommand } from '../command/admin-database.js'
import type { DatabaseOptions } from '../command/database-options.js'
import type { Environment } from '../config/environment.js'
import { Progress } from '../process/progress.js'
import { listTables, shippedDirectory } from './files.js'
import { describeReport, readDirectory, STEPS } from './read-directory.js'

export interface ImportOptions extends DatabaseOptions {
  /** Undefined: whichever the directory's files are. */
  readonly format?: GameDataFormat
  readonly revision?: string
  readonly patch?: string
  readonly json: boolean
}

/** Reads, checks and loads a directory of tables as one revision. Throws `CommandFailure`. */
export async function importGameData(
  given: string | undefined,
  options: ImportOptions,
  environment: Environment,
): Promise<void> {
  const directory = given ?? shippedDirectory()
  const startedMs = performance.now()
  const failure = `the game data in ${directory} was not imported`
  const format = options.format ?? (await asCommand(failure, async () => recogniseFormat(await listTables(directory))))
  const progress = new Progress(STEPS[format] + GAME_TABLES.length + 1, process.stderr.isTTY === true)
  try {
    const { tables, data, report } = await asCommand(failure, () => readDirectory(directory, format, progress))
    if (format === 'client-tables') progress.write(describeReport(report))
    const access = await adminAccess(options, environment, 'game data cannot be imported')
    const revision = options.revision ?? data.revision
    const patch = options.patch ?? ''
    progress.step(`loading revision ${revision}`)
    const loaded = await asCommand('the game data was not loaded, and nothing has changed', async () =>
      loadRevision(access, { revision, patch, checksum: await checksumOf(tables), tables }, (table, rows) =>
        progress.step(`loading ${rows} rows of ${table}`),
      ),
    )
    progress.end()
    const seconds = (performance.now() - startedMs) / 1_000
    const removed = loaded.pruned.length === 0 ? '' : `; removed ${loaded.pruned.join(', ')}`
    process.stderr.write(
      loaded.isNew
        ? `revision ${revision} is loaded and current: ${loaded.rows} rows in ${seconds.toFixed(1)} s${removed}\n`
        : `revision ${revision} was there already, and is the current one${removed}\n`,
    )
    if (!options.json) return
    const summary = { name: 'gamedata import', passed: true, directory, format, revision, patch, ...loaded, seconds }
    process.stdout.write(`${JSON.stringify({ ...summary, report })}\n`)
  } finally {
    progress.end()
  }
}
