import type { GameDataFormat } from '@terrane/gamedata'
import { Command, Option } from 'commander'
import { withDatabase } from '../command/database-options.js'
import type { Environment } from '../config/environment.js'
import { DEFAULTS, parseCount } from '../config/options.js'
import type { ExportOptions } from './export.js'
import type { ImportOptions } from './import.js'
import type { ListOptions, PruneOptions } from './revisions.js'

const FORMATS: readonly GameDataFormat[] = ['terrane', 'client-tables']

/** `terrane gamedata …`: the reference data that simulations read, revision by revision. */
export function gamedataCommand(environment: Environment): Command {
  return new Command('gamedata')
    .description('Imports game data into the schema "game" of the database, and tells what is there.')
    .helpCommand(false)
    .addCommand(importCommand(environment))
    .addCommand(exportCommand())
    .addCommand(listCommand(environment))
    .addCommand(pruneCommand(environment))
}

function importCommand(environment: Environment): Command {
  return withDatabase(
    new Command('import')
      .description('Loads a directory of CSV files as a revision, and makes it the current one.')
      .argument('[directory]', 'one CSV file with a header row per table; default: the data that ships with Terrane'),
  )
    .addOption(
      new Option('--format <name>', "terrane: its own tables; client-tables: exports of a game client's").choices(
        FORMATS,
      ),
    )
    .option('--revision <name>', 'letters, digits and ._-; default: a fingerprint of the content')
    .option('--patch <text>', 'the version of the game that the data is of')
    .addHelpText(
      'after',
      `
Examples:
  npx terrane gamedata import
  npx terrane gamedata import ./exports --patch 12.0.5 --json
  npx terrane gamedata import ./client-tables --format client-tables
  npx terrane gamedata import ./exports --url postgres://gateway_admin:…@db.example.com/terrane

Which of the two formats a directory has is seen from its files, unless --format says it. Of client tables is told how
many rows were read, made and left out, and why. All files are checked before anything is sent; what is wrong is named by file, line and column. The rows come in one
transaction: readers see the old revision or the new one. Importing the same again changes nothing. Kept are the revision
before, and those that open jobs are computed with. Exit code: 0 when the revision is the current one, else 1.`,
    )
    .action(async (directory: string | undefined, options: ImportOptions) => {
      const { importGameData } = await import('./import.js')
      await importGameData(directory, options, environment)
    })
}

function exportCommand(): Command {
  return new Command('export')
    .description("Writes a server's current game data as CSV files, through its read API.")
    .argument('<directory>', 'where the files go')
    .option('--server <url>', 'the server', `http://${DEFAULTS.host}:${DEFAULTS.port}`)
    .option('--cache <directory>', 'keeps what was downloaded, so that the next time asks for nothing')
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane gamedata export ./exported
  npx terrane gamedata export ./exported --server https://play.example.com --cache ~/.cache/terrane --json`,
    )
    .action(async (directory: string, options: ExportOptions) => {
      const { exportGameData } = await import('./export.js')
      await exportGameData(directory, options)
    })
}

function listCommand(environment: Environment): Command {
  return withDatabase(new Command('list').description('Tells which revisions there are, the newest first.'))
    .addHelpText(
      'after',
      `
Examples:
  npx terrane gamedata list
  npx terrane gamedata list --json`,
    )
    .action(async (options: ListOptions) => {
      const { listGameData } = await import('./revisions.js')
      await listGameData(options, environment)
    })
}

function pruneCommand(environment: Environment): Command {
  return withDatabase(
    new Command('prune').description('Removes old revisions, except the current one and those of open jobs.'),
  )
    .option('--keep <number>', 'how many of the newest stay', parseCount, 2)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane gamedata prune
  npx terrane gamedata prune --keep 1 --json`,
    )
    .action(async (options: PruneOptions) => {
      const { pruneGameData } = await import('./revisions.js')
      await pruneGameData(options, environment)
    })
}
