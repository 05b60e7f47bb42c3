import { Command } from 'commander'
import { parseCount } from '../config/options.js'
import type { CheckOptions } from './check.js'
import type { GenerateOptions } from './generate.js'

const WORLD = 'frontier'

/** `terrane galaxy …`: makes universes from seeds, and checks any universe in the documented form. */
export function galaxyCommand(): Command {
  return new Command('galaxy')
    .description('Generates universes from seeds, and checks them.')
    .helpCommand(false)
    .addCommand(generateCommand())
    .addCommand(checkCommand())
}

function generateCommand(): Command {
  return new Command('generate')
    .description('Makes the regions of a universe; the same seed makes the same bytes.')
    .option('--sectors <number>', 'sectors of each region, 100 to 1500', parseCount, 1_000)
    .option('--seed <text>', 'what everything is drawn from', '1')
    .option('--regions <number>', 'player-owned regions', parseCount, 1)
    .option('--nexus', 'with the Central Nexus, 5,000 sectors', false)
    .option('--batch <number>', 'formations that are stamped between two checks of the region', parseCount, 4)
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
