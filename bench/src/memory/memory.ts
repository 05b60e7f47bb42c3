import { setTimeout as delay } from 'node:timers/promises'
import { type Client, connect } from '@terrane/client'
import { killPostgres } from '@terrane/testing/postgres-processes'
import { ServerProcess } from '../chaos/server-process.js'
import { rssBytes } from '../cpu.js'
import { sibling } from '../processes.js'
import { type Figures, type Floor, note, report, round } from '../report.js'
import type { MemoryWorld } from './world.js'

export interface MemoryOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly entities?: number
}

const ENTITIES = 1_000_000
const ENTITIES_TINY = 5_000
const PER_INPUT = 1_000
/** Structures per owner. */
const PER_OWNER = 100
/** Inputs on their way: the server always has one to do, and none waits long. */
const IN_FLIGHT = 4

const FLOORS: readonly Floor[] = [
  { figure: 'bytesPerEntity', max: 600 },
  { figure: 'checkpointAllSeconds', max: 20 },
  { figure: 'restartSeconds', max: 20 },
]

/**
 * The server's garbage collector, on request: what is held can only be told from what has not been
 * collected yet by collecting it. Otherwise it is the server as it is shipped.
 */
const COLLECT_ON_SIGNAL = [
  '--expose-gc',
  `--import=data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => globalThis.gc())")}`,
]
/** A full collection of a gigabyte takes about a second; memory is given back to the system for a while after. */
const COLLECTIONS = 3
const SETTLE_MS = 1_500
const SETTLE_MS_TINY = 200

const CHECKPOINT_MS_MAX = 300_000
const POLL_MS = 25

/** A million structures with eight columns: what they take, and how long until they are saved and back. */
export async function memory(options: MemoryOptions): Promise<void> {
  const entities = options.entities ?? (options.tiny ? ENTITIES_TINY : ENTITIES)
  const settleMs = options.tiny ? SETTLE_MS_TINY : SETTLE_MS
  const figures: Figures = { entities, columns: 8 }
  Object.assign(figures, await withServer((server) => measureAtRest(server, entities, settleMs)))
  Object.assign(figures, await withServer((server) => measureTail(server, entities)))
  const isTarget = !options.tiny && options.entities === undefined
  report({ name: 'memory', figures, floors: isTarget ? FLOORS : [] }, options.json)
}

async function withServer(measure: (server: ServerProcess) => Promise<Figures>): Promise<Figures> {
  const world = sibling('./world', import.meta.url)
  const server = new ServerProcess({ name: 'memory', world, execArgv: COLLECT_ON_SIGNAL })
  try {
    server.launch()
    await server.ready()
    return await measure(server)
  } catch (error) {
    note(`the end of the server's log:\n  ${server.log.join('\n  ')}`)
    throw error
  } finally {
    await server.dispose()
  }
}

async function measureAtRest(server: ServerProcess, entities: number, settleMs: number): Promise<Figures> {
  const before = await settled(server, settleMs)
  const loaded = await fill(server, entities)
  const checkpointedMs = await checkpointed(server)
  const rssUncollected = rssBytes(server.pid)
  const after = await settled(server, settleMs)
  note(`checkpointed ${seconds(checkpointedMs - loaded.endMs)} s after the last input was durable`)

  await server.kill()
  const adopted = await restart(server)
  await server.kill()
  killPostgres(server.data)
  const cold = await restart(server)
  const restarted = await settled(server, settleMs)
  await server.stop()
  return {
    bytesPerEntity: Math.round((after.rss - before.rss) / entities),
    heapBytesPerEntity: Math.round((after.heap - before.heap) / entities),
    bytesPerEntityBeforeCollection: Math.round((rssUncollected - before.rss) / entities),
    bytesPerEntityAfterRestart: Math.round((restarted.rss - before.rss) / entities),
    emptyServerMb: Math.round(before.rss / 1e6),
    loadSeconds: seconds(loaded.endMs - loaded.startMs),
    checkpointAllSeconds: seconds(checkpointedMs - loaded.endMs),
    loadAndCheckpointSeconds: seconds(checkpointedMs - loaded.startMs),
    restartSeconds: Math.max(adopted, cold),
    restartAdoptedSeconds: adopted,
    restartColdSeconds: cold,
  }
}

/** Killed as soon as everything is durable: what the tables lack comes from the log. */
async function measureTail(server: ServerProcess, entities: number): Promise<Figures> {
  await fill(server, entities)
  const { tailBytes } = await zoneOf(server)
  await server.kill()
  const took = await restart(server)
  await server.stop()
  return { restartWithTailSeconds: took, restartTailMb: round(tailBytes / 1e6) }
}

/** Returns when the first input was sent and when the last was durable. */
async function fill(server: ServerProcess, entities: number): Promise<{ startMs: number; endMs: number }> {
  const client = await join(server)
  const perInput = Math.min(PER_INPUT, entities)
  const startMs = performance.now()
  let sent = 0
  const sendAll = async () => {
    while (sent < entities) {
      const count = Math.min(perInput, entities - sent)
      const owners = Array.from({ length: perInput / PER_OWNER }, (_, i) => ownerName(sent / PER_OWNER + i))
      sent += count
      await client.inputs.settle({ owners, count }).durable
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendAll))
  const endMs = performance.now()
  note(`${entities} structures durable in ${seconds(endMs - startMs)} s`)
  await client.close()
  return { startMs, endMs }
}

/** Starts it, and returns the seconds from there to the first durable input, having checked that all is there. */
async function restart(server: ServerProcess): Promise<number> {
  const startMs = performance.now()
  server.launch()
  await server.ready()
  const client = await join(server)
  await client.inputs.repair({ owner: ownerName(0) }).durable
  const took = seconds(performance.now() - startMs)
  note(`serves again after ${took} s, with ${await client.inputs.count({}).applied} structures`)
  await client.close()
  return took
}

function join(server: ServerProcess): Promise<Client<MemoryWorld>> {
  return connect<MemoryWorld>(server.url, { guest: true, presence: false, focus: { mode: 'none' } })
}

function ownerName(number: number): string {
  return `player-${String(number).padStart(6, '0')}`
}

/** Resolves, with the time, when the tables have all that the log has. */
async function checkpointed(server: ServerProcess): Promise<number> {
  const deadlineMs = performance.now() + CHECKPOINT_MS_MAX
  while (performance.now() < deadlineMs) {
    const { seq, checkpoint, tailBytes } = await zoneOf(server)
    if (seq === checkpoint && tailBytes === 0) return performance.now()
    await delay(POLL_MS)
  }
  throw new Error(`the checkpoint did not catch up within ${CHECKPOINT_MS_MAX / 1_000} s`)
}

async function zoneOf(server: ServerProcess): Promise<{ seq: number; checkpoint: number; tailBytes: number }> {
  const answer = await fetch(`${server.url}/api/zones`)
  const { zones } = (await answer.json()) as { zones: { seq: number; checkpoint: number; tailBytes: number }[] }
  if (zones[0] === undefined) throw new Error('the server has no zone')
  return zones[0]
}

/** Memory of the server when its garbage is gone. */
async function settled(server: ServerProcess, settleMs: number): Promise<{ rss: number; heap: number }> {
  for (let i = 0; i < COLLECTIONS; i++) {
    process.kill(server.pid, 'SIGUSR2')
    await delay(settleMs)
  }
  const stats = (await (await fetch(`${server.url}/api/stats`)).json()) as { memory: { heapBytes: number } }
  return { rss: rssBytes(server.pid), heap: stats.memory.heapBytes }
}

function seconds(ms: number): number {
  return round(ms / 1_000)
}
