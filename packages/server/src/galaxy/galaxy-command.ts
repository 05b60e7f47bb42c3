import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import type { Environment } from '../config/environment.js'
import { DEFAULTS, parseCount } from '../config/options.js'
import type { CheckOptions } from './check.js'
import type { GenerateOptions } from './generate.js'
import type { ImportOptions } from './import.js'

const WORLD = 'frontier'

/** `terrane galaxy …`: makes universes from seeds, checks any in the documented form, and brings them into a world. */
export function galaxyCommand(environment: Environment): Command {
  return new Command('galaxy')
    .description('Generates universes from seeds, checks them, and imports them into a running world.')
    .helpCommand(false)
    .addCommand(generateCommand())
    .addCommand(checkCommand())
    .addCommand(importCommand(environment))
}

function generateCommand(): Command {
  return new Command('generate')
    .description('Makes the regions of a universe; the same seed makes the same bytes.')
    .option('--sectors <number>', 'sectors of each region, 100 to 1500', parseCount, 1_000)
    .option('--seed <text>', 'what everything is drawn from', '1')
    .option('--regions <number>', 'player-owned regions', parseCount, 1)
    .option('--nexus', 'with the Central Nexus, 5,000 sectors', false)
    .option('--batch <number>', 'formations that are stamped between two checks of the region', parseCount, 4)
    .option('--threads <number>', 'regions that are made at a time', parseCount, availableParallelism())
    .option('--out <file>', 'write the universe there, as JSON')
    .option('--timings', 'store how long each phase took in that file; its bytes then differ each time', false)
    .option('--svg <file>', 'draw the universe there')
    .option('--world <name>', 'the world whose galaxy it is', WORLD)
    .option('--json', 'end stdout with one line of JSON: phases, times, checksums', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane galaxy generate --sectors 1000 --seed 42 --svg map.svg
  npx terrane galaxy generate --sectors 1000 --seed 42 --regions 50 --nexus --out universe.json
  npx terrane galaxy generate --sectors 1500 --seed 7 --json

A region that cannot be made valid is not delivered: the command says everything that was wrong and ends
with exit code 1.`,
    )
    .action(async (options: GenerateOptions) => {
      const { generate } = await import('./generate.js')
      await generate(options)
    })
}

function checkCommand(): Command {
  return new Command('check')
    .description('Says everything that is wrong with a universe, and with which of its elements.')
    .argument('<file>', 'a universe as JSON')
    .option('--world <name>', 'the world whose galaxy it is', WORLD)
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane galaxy check universe.json
  npx terrane galaxy check universe.json --json

Exit code: 0 when the universe is valid, 1 when it is not or cannot be read.`,
    )
    .action(async (file: string, options: CheckOptions) => {
      const { check } = await import('./check.js')
      await check(file, options)
    })
}

function importCommand(environment: Environment): Command {
  return new Command('import')
    .description('Brings the regions of a universe into the world of a running server, and attaches them to its Nexus.')
    .argument('<file>', 'a universe as JSON')
    .option('--url <url>', 'the server', `http://${DEFAULTS.host}:${DEFAULTS.port}`)
    .option('--token <jwt>', 'with the claim "role": "operator"; default: signed with the secret of the server')
    .option('--data <directory>', "the server's data directory, where its secret is", DEFAULTS.data)
    .option('--no-attach', 'leave new regions without a warp to the Nexus')
    .option('--world <name>', 'the world whose galaxy it is', WORLD)
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane galaxy import universe.json
  npx terrane galaxy import universe.json --url https://play.example.com --token "$OPERATOR_TOKEN"

The whole file is checked first. Each region is one transaction: it is there whole, or not at all. After an
interruption the same command goes on where it stopped; what is there already is left as it is. Exit code: 0 when all
regions are in the world, 1 when one is not, or when the Nexus refused one.`,
    )
    .action(async (file: string, options: ImportOptions) => {
      const { importUniverse } = await import('./import.js')
      await importUniverse(file, options, environment)
    })
}
