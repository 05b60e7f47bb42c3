import { Command, CommanderError, InvalidArgumentError } from 'commander'

const program = new Command('bench')
  .description('Measures Terrane, side by side with its peers. Figures for a person go to stderr.')
  .helpCommand(false)
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- fanout                     all contenders, several minutes
  npm run bench -- fanout --tiny --json       a few seconds, to see that it works; no floors
  npm run bench -- fanout --only colyseus --workload world

Exit code: 0 when every floor is met, 1 when one is missed, 2 when the benchmark itself failed.`,
  )

program
  .command('fanout')
  .description('state to many connections: rooms at 20 Hz, and an open world at 10 Hz')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a few connections for seconds; floors are not checked', false)
  .option('--workload <which>', 'rooms, world or both', 'both')
  .option('--only <names>', 'contenders, separated by commas')
  .option('--rounds <n>', 'rounds of the rooms workload, contenders taking turns', count)
  .option('--seconds <n>', 'length of each measurement', count)
  .option('--connections <n>', 'connections of the rooms workload', count)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- fanout --json
  npm run bench -- fanout --workload rooms --connections 1000 --seconds 5 --rounds 1`,
  )
  .action(async (options) => {
    const { fanout } = await import('./fanout/fanout.js')
    await fanout(options)
  })

program
  .command('keynote')
  .description('transfers between 100,000 accounts, against interactive SQL on the same PostgreSQL')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a few connections for seconds; floors are not checked', false)
  .option('--rounds <n>', 'rounds, contenders taking turns', count)
  .option('--seconds <n>', 'length of each measurement', count)
  .addHelpText(
    'after',
    '\nExamples:\n  npm run bench -- keynote --json\n  npm run bench -- keynote --rounds 1 --seconds 4',
  )
  .action(async (options) => {
    const { keynote } = await import('./keynote/keynote.js')
    await keynote(options)
  })

function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}

// Ends through the exit hooks, which end the children.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  await program.parseAsync()
} catch (error) {
  // Commander has said what is wrong with the command line, or has shown the help.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
  }
}
