import { Command, CommanderError, Option } from 'commander'
import { type Environment, readEnvironment } from '../config/environment.js'
import {
  DEFAULTS,
  parseAgreement,
  parseBots,
  parseBus,
  parseCount,
  parseInputsPerSecond,
  parseLeaseSeconds,
  parseList,
  parsePort,
  type StartOptions,
} from '../config/options.js'
import { dbCommand } from '../db/db-command.js'
import { galaxyCommand } from '../galaxy/galaxy-command.js'
import { gamedataCommand } from '../gamedata/gamedata-command.js'
import { jobsCommand } from '../jobs/jobs-command.js'
import { missionCommand } from '../mission/mission-command.js'
import { nodeCommand } from '../node/node-command.js'
import { describeFailure, failureOf } from '../process/failure.js'
import { version } from '../process/version.js'
import type { SimulateOptions } from '../simulate/simulate-command.js'
import { zonesCommand } from '../zones/zones-command.js'

/** Runs the command line. Sets the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who read our output may stop reading (`| head`, a closed terminal): no reason to fail.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe)
  let environment: Environment | undefined
  try {
    environment = readEnvironment()
    // Costs time only when a stack is read; must be set before the modules in question load.
    if (isDebugging(environment)) process.setSourceMapsEnabled(true)
    await (await buildProgram(environment)).parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode
      return
    }
    const failure = failureOf(error, 'the command failed')
    process.stderr.write(`${describeFailure(failure, environment !== undefined && isDebugging(environment))}\n`)
    process.exitCode = 1
  }
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

function isDebugging({ logLevel }: Environment): boolean {
  return logLevel === 'debug' || logLevel === 'trace'
}

async function buildProgram(environment: Environment): Promise<Command> {
  const program = new Command('terrane')
    .description('Runs persistent online worlds.')
    .version(version())
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('(--help shows the options)')
    .addHelpText('after', EXAMPLES)
  addStart(program, environment)
  addSimulate(program)
  program.addCommand(dbCommand())
  program.addCommand(galaxyCommand(environment))
  program.addCommand(gamedataCommand(environment))
  program.addCommand(missionCommand(environment))
  program.addCommand(nodeCommand())
  program.addCommand(jobsCommand(environment))
  program.addCommand(zonesCommand(environment))
  return program
}

const EXAMPLES = `
Examples:
  npx terrane start
  npx terrane simulate --seeds 500
  npx terrane galaxy generate --sectors 1000 --seed 42 --svg map.svg
  npx terrane zones list

Environment:
  DATABASE_URL        a PostgreSQL 15+ or CockroachDB to use instead of the embedded one, as gateway_writer
  DATABASE_ADMIN_URL  the same as gateway_admin, for migrations and imports only
  DATABASE_READER_URL the same as gateway_reader, for the read API of game data
  DATABASE_CERTS      directory of certificates for the database: ca.crt, client.<user>.crt, client.<user>.key
  TERRANE_BUS_URL     NATS servers, when several processes serve one world: nats://host:4222, with commas between
  TERRANE_JWT_SECRET  verifies players' tokens (HS256); default: made once, kept in the data directory
  TERRANE_JWKS_URL    keys of an identity provider that issues players' tokens
  NODE_ENV            "production" turns guest tokens off
  LOG_LEVEL           trace, debug, info (default), warn, error or silent`

function addStart(program: Command, environment: Environment): void {
  program
    .command('start')
    .description('Serves a world: database, zones, gateway, HTTP API, console and bots in one command.')
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all', DEFAULTS.host)
    .option('--port <number>', 'port to listen on; 0 for any that is free', parsePort, DEFAULTS.port)
    .option('--data <directory>', 'where the embedded database and the secret are kept', DEFAULTS.data)
    .option('--bots <number>', 'bots that play the world, in a process of their own', parseBots, DEFAULTS.bots)
    .option(
      '--world <name or file>',
      'a world of this repository, or a .ts or .js file that exports one',
      DEFAULTS.world,
    )
    .option('--inputs-per-second <number>', 'inputs that one session may send per second', parseInputsPerSecond)
    .option('--certs <directory>', 'certificates for the database of DATABASE_URL', environment.databaseCerts)
    .option('--mtls', 'the embedded database admits by TLS and certificates only, no passwords', false)
    .option(
      '--bus <addresses>',
      'NATS servers, when several processes serve one world from one DATABASE_URL',
      parseBus,
      environment.busUrl === undefined ? [] : parseBus(environment.busUrl),
    )
    .option(
      '--zones <names>',
      'zones to prefer when several processes share them; default: those that are free',
      parseList,
    )
    .option(
      '--standby',
      'keep warm copies of the zones of other processes; without --zones it opens none itself',
      false,
    )
    .option(
      '--lease-seconds <number>',
      'how long a process that has gone silent keeps its zones',
      parseLeaseSeconds,
      DEFAULTS.leaseSeconds,
    )
    .addOption(
      new Option('--jobs <mode>', 'simulation jobs: keep accepted results, keep nothing, or have none')
        .choices(['checkpointed', 'volatile', 'off'])
        .default('checkpointed'),
    )
    .option(
      '--job-agreement <number>',
      "nodes of different users that must agree on a result; an owner's own nodes are always believed",
      parseAgreement,
      1,
    )
    .option('--no-console', 'do not serve the web page')
    .option('--no-guests', 'do not give tokens to guests')
    .addHelpText(
      'after',
      `
Examples:
  npm start
  npm start -- --port 8080 --host 0.0.0.0 --bots 0
  npm start -- --mtls
  npm start -- --world ./my-world.ts --data ./my-data
  DATABASE_URL=postgres://gateway_writer:secret@db/terrane npm start
  DATABASE_URL=… npm start -- --bus nats://127.0.0.1:4222 --zones east --data ./east --port 4001
  DATABASE_URL=… npm start -- --bus nats://127.0.0.1:4222 --standby --data ./standby --port 4009

Ctrl-C makes everything durable and ends; a second Ctrl-C ends at once.`,
    )
    .action(async (options: StartOptions) => {
      const { start } = await import('../start/start-command.js')
      await start(options, environment)
    })
}

type SimulateFlags = Omit<SimulateOptions, 'durationS'> & { duration: number; mutants: boolean }

function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('Runs a whole cluster in one process from a seed, with faults, and checks every promise.')
    .option('--seeds <number>', 'how many seeds to run', parseCount, 100)
    .option('--from <number>', 'the first seed', parseCount, 1)
    .option(
      '--world <name or file>',
      'a world of this repository, or a .ts or .js file; default: all scenarios in turns',
    )
    .addOption(
      new Option('--scenario <name>', 'one of what is simulated without a world')
        .choices(['inputs', 'frontier', 'ops', 'zones', 'borders', 'jobs', 'mission'])
        .conflicts('world'),
    )
    .option(
      '--mutants',
      'seed bugs: how many seeds it takes to notice each of a list of changes of our own code',
      false,
    )
    .option('--duration <seconds>', 'simulated seconds under faults, per seed', parseCount, 12)
    .option('--clients <number>', 'clients that send random inputs', parseCount, 3)
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane simulate --seeds 500 --json
  npx terrane simulate --world ./my-world.ts --seeds 50
  npx terrane simulate --from 1234 --seeds 1       replays one seed
  npx terrane simulate --mutants --seeds 200       proves that the simulator sees what it is for

Exit code: 0 when no promise is broken, 1 at the first seed that breaks one.`,
    )
    .action(async ({ duration, mutants, ...options }: SimulateFlags) => {
      if (mutants) {
        const { runMutants } = await import('../simulate/run-mutants.js')
        await runMutants(options)
        return
      }
      const { simulate } = await import('../simulate/simulate-command.js')
      await simulate({ ...options, durationS: duration })
    })
}
