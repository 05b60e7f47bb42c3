import { Command } from 'commander'
import type { Environment } from '../config/environment.js'
import { parseCount, parseMissionSeconds } from '../config/options.js'

export interface MissionOptions {
  readonly seconds: number
  readonly missions: number
  readonly seed: number
  readonly json: boolean
  /** Instead of DATABASE_URL, and of an embedded one. */
  readonly database?: string
}

type MissionFlags = MissionOptions & { readonly fast: boolean }

/** `terrane mission`: plays maglev missions with 16 clients, and judges what every one of them saw. */
export function missionCommand(environment: Environment): Command {
  return new Command('mission')
    .description('Plays missions on a train with 16 clients at a real server, and holds all that they saw to criteria.')
    .option('--seconds <number>', 'how long the first mission lasts, 2 to 180', parseMissionSeconds, 180)
    .option(
      '--missions <number>',
      'short missions, whose scores are timed until they are in the database',
      parseCount,
      50,
    )
    .option('--seed <number>', 'how the train banks, and how the devices tremble', parseCount, 1)
    .option('--database <url>', 'a PostgreSQL to use instead of DATABASE_URL, or of an embedded one')
    .option('--fast', 'on simulated time, database and network: in a minute, without a server', false)
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane mission
  npx terrane mission --seconds 30 --missions 5 --json
  npx terrane mission --fast

The server is a process of its own, with a database of its own that is removed afterwards. It is played by 14 bots, a
gamepad and a headset, each with a connection to both cars: a mission of --seconds; then short ones; then one of up to a
minute in which all bots are cut off at once, and the network is bad for half of the time.

With --fast the server's two processes, the database and the network are simulated, time included. Then the time until
scores are in the database is that of a simulated one, and memory is not judged.

Growth of memory is judged from --seconds 60 on, and scores from about 15, when cores are in slots.

Exit code: 0 when every criterion is met, 1 when one is not.`,
    )
    .action(async ({ fast, ...options }: MissionFlags) => {
      if (fast) {
        const { playFastMission } = await import('../simulate/mission/fast-mission.js')
        await playFastMission(options)
        return
      }
      const { playRealMission } = await import('./real-mission.js')
      await playRealMission(options, environment)
    })
}
