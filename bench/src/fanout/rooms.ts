import { note, round, table } from '../report.js'
import { Arena, type Measurement } from './arena.js'
import type { Contender, RoomsWorkload } from './contract.js'

export interface RoomsPlan {
  workload: RoomsWorkload
  rounds: number
  warmupMs: number
  measureMs: number
  pin: boolean
}

export interface RoomsResult extends Measurement {
  memoryPerClient: number
}

/** Every contender in each round, one after the other, so that a change of the machine's mood hits all. */
export async function runRooms(contenders: readonly Contender[], plan: RoomsPlan): Promise<Map<string, RoomsResult[]>> {
  const { connections, roomSize, stateBytes, hz } = plan.workload
  note(`\nrooms: ${connections} connections in cells of ${roomSize}, ${stateBytes} bytes of state at ${hz} Hz`)
  const results = new Map<string, RoomsResult[]>()
  for (let round = 1; round <= plan.rounds; round++) {
    for (const contender of contenders) {
      note(`  round ${round} of ${plan.rounds}: ${contender.name} …`)
      const result = await runOnce(contender, plan)
      results.set(contender.name, [...(results.get(contender.name) ?? []), result])
    }
  }
  note(`\n${roomsTable(contenders, results)}`)
  return results
}

async function runOnce(contender: Contender, plan: RoomsPlan): Promise<RoomsResult> {
  const arena = await Arena.start(contender, plan.workload, plan.pin)
  try {
    await arena.resize(plan.workload.connections)
    const measurement = await arena.measure(plan.warmupMs, plan.measureMs)
    return { ...measurement, memoryPerClient: arena.memoryPerClient() }
  } finally {
    await arena.stop()
  }
}

function roomsTable(contenders: readonly Contender[], results: Map<string, RoomsResult[]>): string {
  const headers = [
    '',
    'CPU µs/update',
    'server',
    'load',
    'delivered',
    'slowest',
    'p50 ms',
    'p99 ms',
    'KB/conn',
    'bytes/update',
  ]
  const rows = contenders.flatMap((contender) =>
    (results.get(contender.name) ?? []).map((result, index) => [
      `${contender.name} ${contender.version} #${index + 1}`,
      String(round(result.cpuMicrosPerUpdate)),
      percent(100 * result.serverBusy),
      percent(100 * result.busy),
      percent(result.deliveredPercent),
      percent(result.slowestPercent),
      String(round(result.p50Ms)),
      String(round(result.p99Ms)),
      String(round(result.memoryPerClient / 1024)),
      String(round(result.bytesPerUpdate)),
      ...warnings(result),
    ]),
  )
  return table([...headers, ''], rows)
}

export function percent(value: number): string {
  return `${value.toFixed(1)} %`
}

/** A load that has no time left measures itself: say so beside its figures. */
const LOAD_BUSY_MAX = 0.95

/** A server whose core somebody else uses has latencies that are not its own. */
const SERVER_WAITED_MAX = 0.05

/** What a reader must know before believing a row. */
export function warnings(measurement: Measurement): string[] {
  const all = []
  if (measurement.busy > LOAD_BUSY_MAX) all.push(`load core ${percent(100 * measurement.busy)} busy`)
  if (measurement.serverWaited > SERVER_WAITED_MAX) {
    all.push(`server waited ${percent(100 * measurement.serverWaited)} of the time for its core`)
  }
  if (measurement.lost > 0) all.push(`${measurement.lost} lost: ${measurement.lostReason}`)
  if (measurement.suspect > 0) all.push(`${measurement.suspect} of ${measurement.samples} samples suspect`)
  return all.length === 0 ? [] : [`! ${all.join('; ')}`]
}
