import { note, round, table } from '../report.js'
import { Arena, type Measurement } from './arena.js'
import type { Contender, WorldWorkload } from './contract.js'
import { type IdealCrop, idealCrop } from './ideal-crop.js'
import { percent, warnings } from './rooms.js'

export interface WorldPlan {
  workload: WorldWorkload
  warmupMs: number
  measureMs: number
  pin: boolean
  /** Instead of each contender's own. */
  steps?: readonly number[]
}

export interface WorldResult {
  /** The most clients held; 0 when not even the first step was. */
  held: number
  /** Measured with that many. */
  atHeld: Measurement | undefined
  tried: Measurement[]
}

/** A client count is held when the rate arrives … */
const HELD_PERCENT_MIN = 95
/** … for the slowest client too (some ticks of a few seconds may fall to the edges) … */
const SLOWEST_PERCENT_MIN = 85
/** … and before the next tick, at 10 Hz, is due. */
const HELD_P99_MS_MAX = 100
const REFINEMENTS = 2
/** A step is given up when it fails this often, so that one hiccup of the machine does not decide. */
const ATTEMPTS_MAX = 2

export function isHeld(m: Measurement): boolean {
  return (
    m.lost === 0 &&
    m.deliveredPercent >= HELD_PERCENT_MIN &&
    m.slowestPercent >= SLOWEST_PERCENT_MIN &&
    m.p99Ms < HELD_P99_MS_MAX
  )
}

export async function runWorld(
  contenders: readonly Contender[],
  plan: WorldPlan,
): Promise<{ ideal: IdealCrop; results: Map<string, WorldResult> }> {
  const { entities, visible, hz } = plan.workload
  note(`\nworld: ${entities} moving entities, about ${visible} in each client's view, ${hz} Hz`)
  note(
    `  held: ≥ ${HELD_PERCENT_MIN} % of the ticks arrive (the slowest client: ${SLOWEST_PERCENT_MIN} %), p99 < ${HELD_P99_MS_MAX} ms`,
  )
  const ideal = idealCrop(plan.workload)
  const results = new Map<string, WorldResult>()
  for (const contender of contenders) results.set(contender.name, await search(contender, plan))
  note(`\n${worldTable(contenders, results, ideal)}`)
  note(`ideal crop: ${round(ideal.visible)} visible, ${round(ideal.bytesPerUpdate, 4)} bytes per client and tick`)
  return { ideal, results }
}

/** Up the steps until one is not held, then bisecting between that one and the last that was. */
async function search(contender: Contender, plan: WorldPlan): Promise<WorldResult> {
  const result: WorldResult = { held: 0, atHeld: undefined, tried: [] }
  const arena = await Arena.start(contender, plan.workload, plan.pin)
  const attempt = async (clients: number): Promise<boolean> => {
    await arena.resize(clients)
    for (let i = 0; i < ATTEMPTS_MAX; i++) if (await measure(clients)) return true
    return false
  }
  const measure = async (clients: number): Promise<boolean> => {
    const measurement = await arena.measure(plan.warmupMs, plan.measureMs)
    const held = isHeld(measurement)
    result.tried.push(measurement)
    note(
      `  ${contender.name}: ${clients} clients ${held ? 'held' : 'NOT held'} ` +
        `(${percent(measurement.deliveredPercent)}, p99 ${round(measurement.p99Ms)} ms)`,
    )
    if (held && clients > result.held) {
      result.held = clients
      result.atHeld = measurement
    }
    return held
  }
  try {
    let failed: number | undefined
    for (const clients of plan.steps ?? contender.worldSteps) {
      if (await attempt(clients)) continue
      failed = clients
      break
    }
    for (let i = 0; i < REFINEMENTS && failed !== undefined; i++) {
      const middle = Math.round((result.held + failed) / 2)
      if (middle === result.held || middle === failed) break
      if (!(await attempt(middle))) failed = middle
    }
    return result
  } finally {
    await arena.stop()
  }
}

function worldTable(contenders: readonly Contender[], results: Map<string, WorldResult>, ideal: IdealCrop): string {
  const headers = ['', 'clients', 'held', 'server', 'load', 'delivered', 'slowest', 'p50 ms', 'p99 ms', 'bytes/update']
  const rows = contenders.flatMap((contender) =>
    (results.get(contender.name)?.tried ?? []).map((m) => [
      `${contender.name} ${contender.version}`,
      String(m.clients),
      isHeld(m) ? 'yes' : 'no',
      percent(100 * m.serverBusy),
      percent(100 * m.busy),
      percent(m.deliveredPercent),
      percent(m.slowestPercent),
      String(round(m.p50Ms)),
      String(round(m.p99Ms)),
      String(round(m.bytesPerUpdate)),
      `${(m.bytesPerUpdate / ideal.bytesPerUpdate).toFixed(2)}×`,
      m.visible === 0 ? '–' : String(round(m.visible)),
      ...warnings(m),
    ]),
  )
  return table([...headers, 'of ideal', 'visible', ''], rows)
}
