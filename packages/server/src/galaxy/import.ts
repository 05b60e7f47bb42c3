import { setTimeout as delay } from 'node:timers/promises'
import { operatorToken } from '../command/operator-token.js'
import type { Environment } from '../config/environment.js'
import { CommandFailure } from '../process/failure.js'
import { Progress } from '../process/progress.js'
import { type Galaxy, loadGalaxy, type Region, type Universe } from './load-galaxy.js'
import { readUniverseFile } from './read-universe.js'
import { ZoneCommands } from './zone-commands.js'

export interface ImportOptions {
  readonly url: string
  readonly token?: string
  readonly data: string
  readonly attach: boolean
  readonly world: string
  readonly json: boolean
}

/** What the world tells of a region that has been imported. */
interface Described {
  readonly checksum: string
  readonly attachment: string
  readonly plazaSector: number | null
  readonly reason: string
}

interface Imported {
  readonly name: string
  readonly zone: string
  /** False when it was there already. */
  readonly imported: boolean
  readonly attachment: string
  readonly plazaSector: number | null
  readonly reason: string
}

const WAITING = 'waiting'
/** The Nexus answers in milliseconds. When it does not, the server goes on asking by itself. */
const ATTACH_MS_MAX = 5_000
const ATTACH_POLL_MS = 50

/**
 * Brings the regions of a universe file into the world of a running server, one transaction each, and attaches them.
 * What is there already is left as it is, so running it again goes on where it stopped. Throws `CommandFailure`.
 */
export async function importUniverse(file: string, options: ImportOptions, environment: Environment): Promise<void> {
  const galaxy = await loadGalaxy(options.world)
  const universe = await readChecked(galaxy, file)
  const commands = new ZoneCommands(options.url, await operatorToken({ token: options.token, ...options }, environment))
  const done: Imported[] = []
  const progress = new Progress(universe.regions.length, process.stderr.isTTY === true)
  try {
    for (const region of hubFirst(galaxy, universe)) {
      progress.step(`importing ${region.name}`)
      const attach = options.attach && !galaxy.isHub(region)
      done.push(await importOne(commands, galaxy.zoneOf(region), region, attach))
    }
  } catch (error) {
    progress.end()
    tell(done)
    throw error
  }
  progress.end()
  tell(done)
  const failed = done.filter(({ attachment }) => attachment === 'refused' || attachment === 'given_up')
  if (options.json) {
    const passed = failed.length === 0
    process.stdout.write(`${JSON.stringify({ name: 'galaxy import', file, passed, regions: done })}\n`)
  }
  if (failed.length > 0) process.exitCode = 1
}

async function readChecked(galaxy: Galaxy, file: string): Promise<Universe> {
  const universe = await readUniverseFile(file)
  const problems = galaxy.checkUniverse(universe)
  const [first] = problems
  if (first === undefined) return universe as Universe
  throw new CommandFailure('invalid_universe', {
    what: `${file} is not a valid universe, and nothing was imported`,
    why: `${first.element}: ${first.message}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}`,
    next: `mend it; terrane galaxy check ${file} says everything that is wrong`,
  })
}

/** Those to which the others are attached come first. */
function hubFirst(galaxy: Galaxy, { regions }: Universe): Region[] {
  return [...regions].sort((a, b) => Number(galaxy.isHub(b)) - Number(galaxy.isHub(a)))
}

async function importOne(commands: ZoneCommands, zone: string, region: Region, attach: boolean): Promise<Imported> {
  const describe = async () => (await commands.run(zone, 'describeRegion')) as Described | null
  const before = await describe()
  // Without a checksum only the server can tell whether it is the same.
  const isThere = before !== null && before.checksum === region.generation?.checksum
  const { imported } = isThere
    ? { imported: false }
    : ((await commands.run(zone, 'importRegion', { region })) as { imported: boolean })
  let now = await describe()
  if (attach && now?.attachment === 'detached') {
    await commands.run(zone, 'attachRegion')
    now = await describe()
  }
  const deadlineMs = performance.now() + ATTACH_MS_MAX
  while (now?.attachment === WAITING && now.reason === '' && performance.now() < deadlineMs) {
    await delay(ATTACH_POLL_MS)
    now = await describe()
  }
  const { attachment = 'detached', plazaSector = null, reason = '' } = now ?? {}
  return { name: region.name, zone, imported, attachment, plazaSector, reason }
}

function tell(done: readonly Imported[]): void {
  for (const { name, zone, imported, attachment, plazaSector, reason } of done) {
    const where = plazaSector === null ? attachment : `attached at sector ${plazaSector}`
    const why = reason === '' ? '' : ` (${reason})`
    process.stderr.write(`${name}: ${imported ? 'imported' : 'was there'}, zone ${zone}, ${where}${why}\n`)
  }
  const fresh = done.filter(({ imported }) => imported).length
  process.stderr.write(`regions: ${done.length} in the world, ${fresh} of them new\n`)
}
