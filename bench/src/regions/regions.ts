import { type Figures, type Floor, note, report, round, table } from '../report.js'
import { GalaxyServer } from './galaxy-server.js'
import { heldBytes } from './memory.js'

export interface RegionsOptions {
  readonly json: boolean
  readonly tiny: boolean
}

interface Sizes {
  /** Of the region that is woken. */
  readonly sectors: number
  readonly owners: number
  readonly each: number
  readonly wakes: number
  /** Of the regions whose memory is measured. */
  readonly sectorsEach: number
  readonly awake: number
  readonly asleep: number
}

const SIZES: Sizes = { sectors: 1_000, owners: 200, each: 100, wakes: 7, sectorsEach: 300, awake: 50, asleep: 150 }
const SIZES_TINY: Sizes = { sectors: 100, owners: 5, each: 20, wakes: 2, sectorsEach: 100, awake: 2, asleep: 3 }

/** Twice this is more than six months, once is less. */
const LEAP_DAYS = 100

const FLOORS: readonly Floor[] = [
  { figure: 'wakeMsMax', max: 1_000 },
  { figure: 'memoryRatio', max: 1.15 },
  { figure: 'regionMemoryRatio', max: 1.15 },
]

/** Regions that sleep: how long until one serves an input again, and what they take while they do. */
export async function regions(options: RegionsOptions): Promise<void> {
  const sizes = options.tiny ? SIZES_TINY : SIZES
  const server = await GalaxyServer.start()
  try {
    const nexusImportPauseMs = round(await server.importNexus())
    const figures = {
      nexusImportPauseMs,
      ...(await measureMemory(server, sizes)),
      ...(await measureWake(server, sizes)),
    }
    report({ name: 'regions', figures, floors: options.tiny ? [] : FLOORS }, options.json)
  } finally {
    await server.stop()
  }
}

/** From nothing of the region in memory to the first input of the player who comes back. */
async function measureWake(server: GalaxyServer, { sectors, owners, each, wakes }: Sizes): Promise<Figures> {
  const importPauseMs = round(await server.add('home', sectors))
  await (await server.zone('home')).command('settle', { owners, each })
  await server.play('home', 'settler-0')
  const rows: { appliedMs: number; durableMs: number }[] = []
  let entities = 0
  for (let i = 0; i < wakes; i++) {
    await server.atRest()
    server.leapDays(2 * LEAP_DAYS)
    await server.untilLoaded(0)
    rows.push(await server.play('home', 'settler-0'))
    entities = (await server.zone('home')).entities
  }
  const [applied, durable] = [rows.map(({ appliedMs }) => appliedMs), rows.map(({ durableMs }) => durableMs)]
  const cells = rows.map((row, i) => [`wake-up ${i + 1}`, String(round(row.appliedMs)), String(round(row.durableMs))])
  note(`\nA region of ${sectors} sectors with ${owners * each} structures, ${entities} rows:`)
  note(table(['', 'first input applied, ms', 'durable, ms'], cells))
  return {
    importPauseMs,
    structures: owners * each,
    rowsWoken: entities,
    wakeMsMax: round(Math.max(...applied)),
    wakeDurableMsMax: round(Math.max(...durable)),
  }
}

/** The same process with some regions, with many, and with many of which only those some are awake. */
async function measureMemory(server: GalaxyServer, { sectorsEach, awake, asleep }: Sizes): Promise<Figures> {
  const names = Array.from({ length: awake + asleep }, (_, i) => `region-${i + 1}`)
  const [wakeful, idle] = [names.slice(0, awake), names.slice(awake)]
  const measure = async () => {
    await server.atRest()
    return heldBytes()
  }
  const populate = async (which: readonly string[]) => {
    for (const name of which) {
      await server.add(name, sectorsEach)
      await server.play(name, 'ada')
    }
  }
  const empty = await measure()
  await populate(wakeful)
  const few = await measure()
  await populate(idle)
  const all = await measure()
  server.leapDays(LEAP_DAYS)
  for (const name of wakeful) await server.play(name, 'ada')
  server.leapDays(LEAP_DAYS)
  await server.untilLoaded(awake)
  const asleepNow = await measure()
  const loaded = server.loaded().sort()
  if (loaded.join() !== [...wakeful].sort().join()) throw new Error(`other regions are loaded: ${loaded.join(', ')}`)
  const mb = (bytes: number) => String(round(bytes / 1e6))
  note(`\nRegions of ${sectorsEach} sectors, heap and buffers after collection:`)
  note(
    table(
      ['', 'MB'],
      [
        ['the Nexus alone', mb(empty)],
        [`${awake} regions`, mb(few)],
        [`${names.length} regions`, mb(all)],
        [`${names.length} regions, ${asleep} of them asleep`, mb(asleepNow)],
      ],
    ),
  )
  return {
    regionsAwake: awake,
    regionsAsleep: asleep,
    emptyMb: round(empty / 1e6),
    awakeMb: round(few / 1e6),
    allMb: round(all / 1e6),
    asleepMb: round(asleepNow / 1e6),
    memoryRatio: round(asleepNow / few),
    // Without the Nexus and the process itself.
    regionMemoryRatio: round((asleepNow - empty) / (few - empty)),
    bytesPerSleepingRegion: Math.max(1, Math.round((asleepNow - few) / asleep)),
  }
}
