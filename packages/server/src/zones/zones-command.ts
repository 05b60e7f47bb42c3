import { Argument, Command } from 'commander'
import type { Environment } from '../config/environment.js'
import { DEFAULTS, parseCode } from '../config/options.js'
import type { ZonesOptions } from './change-zones.js'

/** `terrane zones …`: who has what, and changes of the zone map of a running world. */
export function zonesCommand(environment: Environment): Command {
  return new Command('zones')
    .description('Lists the zones of a running world, and splits and merges them, and brings them to processes.')
    .helpCommand(false)
    .addCommand(listCommand())
    .addCommand(splitCommand(environment))
    .addCommand(mergeCommand(environment))
    .addCommand(moveCommand(environment))
    .addCommand(takeCommand(environment))
    .addHelpText(
      'after',
      `
Examples:
  npx terrane zones list
  npx terrane zones split persona-1
  npx terrane zones merge persona-3 persona-1
  npx terrane zones take persona-2 --url http://10.0.0.5:4000

Any process of the world can be asked to list, split, merge and move: the one that has the zones does it.`,
    )
}

const CHANGES = `
Clients of both zones are sent away for a moment and come back by themselves; nothing that they sent is lost. The change
happens whole or not at all. Exit code: 0 when it is done, 1 when it was refused; the message says what to do.`

function listCommand(): Command {
  return withServer(new Command('list'))
    .description('Which zones there are, their codes, and which process has them.')
    .addHelpText(
      'after',
      `
Examples:
  npx terrane zones list
  npx terrane zones list --url https://play.example.com --json`,
    )
    .action(async (options: ZonesOptions) => {
      const { listZones } = await import('./list-zones.js')
      await listZones(options)
    })
}

function splitCommand(environment: Environment): Command {
  return withOperator(new Command('split'))
    .description('Gives the upper part of a zone to a new zone.')
    .argument('<zone>', 'space-… or persona-…')
    .option('--at <code>', 'the first code that goes; default: half of the rows go', parseCode)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane zones split persona-1
  npx terrane zones split space-2 --at 402653184
${CHANGES}`,
    )
    .action(async (zone: string, { at, ...options }: ZonesOptions & { at?: number }) => {
      const { changeZones } = await import('./change-zones.js')
      await changeZones('split', { zone, ...(at === undefined ? {} : { code: at }) }, options, environment)
    })
}

function mergeCommand(environment: Environment): Command {
  return withOperator(new Command('merge'))
    .description('Gives all that a zone has to a neighbour.')
    .argument('<zone>', 'the one that goes')
    .argument('<into>', 'the one that gets its codes and rows')
    .addHelpText(
      'after',
      `
Examples:
  npx terrane zones merge persona-3 persona-1

When two processes have the two zones, bring one of them to the other first: terrane zones take.
${CHANGES}`,
    )
    .action(async (zone: string, into: string, options: ZonesOptions) => {
      const { changeZones } = await import('./change-zones.js')
      await changeZones('merge', { zone, into }, options, environment)
    })
}

function moveCommand(environment: Environment): Command {
  return withOperator(new Command('move'))
    .description('Gives some codes of one zone to another.')
    .addArgument(new Argument('<authority>', 'of the codes').choices(['spatial', 'persona']))
    .argument('<lo>', 'the first code', parseCode)
    .argument('<hi>', 'the last code', parseCode)
    .argument('<into>', 'the zone that gets them')
    .addHelpText(
      'after',
      `
Examples:
  npx terrane zones move persona 0 268435455 persona-2
${CHANGES}`,
    )
    .action(async (authority: string, lo: number, hi: number, into: string, options: ZonesOptions) => {
      const { changeZones } = await import('./change-zones.js')
      await changeZones('move', { authority, lo, hi, into }, options, environment)
    })
}

function takeCommand(environment: Environment): Command {
  return withOperator(new Command('take'))
    .description('Brings a zone to the process at --url, from whichever has it.')
    .argument('<zone>', 'also one by name')
    .addHelpText(
      'after',
      `
Examples:
  npx terrane zones take persona-2 --url http://10.0.0.5:4000

The process that has the zone makes it durable and lets go of it. Its clients are sent away for a moment and come back by
themselves, wherever they are connected. Exit code: 0 when it is there, 1 when it is not; the message says what to do.`,
    )
    .action(async (zone: string, options: ZonesOptions) => {
      const { takeZone } = await import('./take-zone.js')
      await takeZone(zone, options, environment)
    })
}

function withServer(command: Command): Command {
  return command
    .option('--url <url>', 'the server', `http://${DEFAULTS.host}:${DEFAULTS.port}`)
    .option('--json', 'end stdout with one line of JSON', false)
}

function withOperator(command: Command): Command {
  return withServer(command)
    .option('--token <jwt>', 'with the claim "role": "operator"; default: signed with the secret of the server')
    .option('--data <directory>', "the server's data directory, where its secret is", DEFAULTS.data)
}
