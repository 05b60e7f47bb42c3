import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'

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
  .addOption(new Option('--alpha <exponent>', 'one distribution alone: uniform, or Zipf').choices(['0', '1.5']))
  .option('--profile <directory>', 'leave a CPU profile of the server there')
  .option('--seconds <n>', 'length of each measurement', count)
  .addHelpText(
    'after',
    '\nExamples:\n  npm run bench -- keynote --json\n  npm run bench -- keynote --rounds 1 --seconds 4',
  )
  .action(async (options) => {
    const { keynote } = await import('./keynote/keynote.js')
    await keynote(options)
  })

program
  .command('idle')
  .description('one client, one input at a time, a server with nothing else to do: applied and durable')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a few inputs; floors are not checked', false)
  .addHelpText('after', '\nExamples:\n  npm run bench -- idle --json')
  .action(async (options) => {
    const { idle } = await import('./idle/idle.js')
    await idle(options)
  })

program
  .command('memory')
  .description('a million structures with eight columns: bytes each, time to checkpoint, time to be back')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'some thousand structures; floors are not checked', false)
  .option('--entities <n>', 'structures; floors are not checked', count)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- memory --json
  npm run bench -- memory --entities 100000

It needs about 2 GB of memory and 2 GB of disk in the directory for temporary files, and Linux.`,
  )
  .action(async (options) => {
    const { memory } = await import('./memory/memory.js')
    await memory(options)
  })

program
  .command('galaxy')
  .description('regions from seeds: time by phase, growth, a universe of 55,000 sectors, and every region checked')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a few regions; floors are not checked', false)
  .option('--seeds <n>', 'seeds over all size bands that the independent checker looks at (default: 300)', count)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- galaxy --json
  npm run bench -- galaxy --seeds 10000       about ten minutes on two cores`,
  )
  .action(async (options) => {
    const { galaxy } = await import('./galaxy/galaxy.js')
    await galaxy(options)
  })

program
  .command('regions')
  .description('regions that sleep: time until one serves an input again, and the memory of 200 of which 150 sleep')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a few small regions; floors are not checked', false)
  .addHelpText('after', '\nExamples:\n  npm run bench -- regions --json')
  .action(async (options) => {
    const { regions } = await import('./regions/regions.js')
    await regions(options)
  })

program
  .command('galaxy-map')
  .description('the console with a galaxy of 60,000 sectors in a browser without a GPU: frames while it moves')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a small galaxy for moments; floors are not checked', false)
  .addHelpText('after', '\nExamples:\n  npm run bench -- galaxy-map --json\n\nIt needs a Chromium on this machine.')
  .action(async (options) => {
    const { galaxyMap } = await import('./galaxy-map/galaxy-map.js')
    await galaxyMap(options)
  })

program
  .command('combat')
  .description('simulated fights of 300 seconds: per second and core for every shipped profile, and on two workers')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a few fights; floors are not checked', false)
  .addHelpText('after', '\nExamples:\n  npm run bench -- combat --json')
  .action(async (options) => {
    const { combat } = await import('./combat/combat.js')
    await combat(options)
  })

program
  .command('jobs')
  .description(
    'chunks of simulation jobs, claimed and completed: in memory, with checkpoints, over HTTP, and by queues in SQL',
  )
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'a few chunks; floors are not checked', false)
  .option('--no-peers', 'without graphile-worker and pg-boss')
  .addHelpText('after', '\nExamples:\n  npm run bench -- jobs --json\n  npm run bench -- jobs --no-peers')
  .action(async (options) => {
    const { jobs } = await import('./jobs/jobs.js')
    await jobs(options)
  })

program
  .command('ops')
  .description('ops between 2 to 64 zones of one process, durable at both ends, on an embedded PostgreSQL')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'few ops for a second; floors are not checked', false)
  .option('--seconds <n>', 'length of each measurement', count)
  .option('--in-flight <n>', 'ops on their way in all zones together (default: 1500)', count)
  .addHelpText('after', '\nExamples:\n  npm run bench -- ops --json\n  npm run bench -- ops --in-flight 4000')
  .action(async (options) => {
    const { ops } = await import('./ops/ops.js')
    await ops(options)
  })

program
  .command('take-over')
  .description('a zone of 300,000 rows whose owner has ended: time to open it, from a warm copy and from the tables')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'few rows, once; floors are not checked', false)
  .option('--rows <n>', 'rows of the zone', count)
  .addHelpText('after', '\nExamples:\n  npm run bench -- take-over --json')
  .action(async (options) => {
    const { takeOver } = await import('./take-over/take-over.js')
    await takeOver(options)
  })

program
  .command('chaos')
  .description('kills the server and its database under load, again and again, and checks every promise')
  .option('--json', 'end stdout with one line of JSON', false)
  .option('--tiny', 'three kills under a small load, whose rate is not checked', false)
  .option('--database', 'faults of the database connection and of the database, instead of kills', false)
  .option('--zones', 'several processes of one world: kills and freezes of owners of zones (needs nats-server)', false)
  .option(
    '--kills <n>',
    'kills of the server, every third with PostgreSQL (default: 30); faults of --zones (20)',
    count,
  )
  .option('--seed <text>', 'decides the moments of the kills and the inputs; default: another one each time')
  .option('--clients <n>', 'clients (default: 200; with --zones 48)', count)
  .option('--rate <n>', 'inputs per second of all clients together (default: 3000; with --zones 500)', count)
  .addHelpText(
    'after',
    `
Examples:
  npm run chaos -- --kills 30 --json
  npm run chaos -- --database --json
  npm run chaos -- --zones --json
  npm run chaos -- --seed 42                  the kills of an earlier run again
  npm run chaos -- --kills 3 --clients 20 --rate 300

Processes are killed, the machine is not: what the operating system has been given, it keeps. It needs Linux.`,
  )
  .action(async (options) => {
    if (options.database) {
      const { databaseChaos } = await import('./chaos/database-chaos.js')
      await databaseChaos(options)
      return
    }
    if (options.zones) {
      const { zonesChaos } = await import('./chaos/zones/zones-chaos.js')
      await zonesChaos(options)
      return
    }
    const { chaos } = await import('./chaos/chaos.js')
    await chaos(options)
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
