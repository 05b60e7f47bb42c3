import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '@terrane/store-postgres'
import { cpuSeconds } from '../cpu.js'
import { BenchChild, canPin, NO_GARBAGE_PAUSES, sibling } from '../processes.js'
import { type Figures, type Floor, median, note, report, round, table } from '../report.js'
import { startTerrane } from '../terrane-server.js'
import { measureInteractive, prepareInteractive } from './interactive.js'

export interface KeynoteOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly seconds?: number
  readonly rounds?: number
  /** One of the two distributions alone; floors are then not checked. */
  readonly alpha?: string
  /** Directory for a CPU profile of the server. */
  readonly profile?: string
}

export interface Measurement {
  /** Committed and acknowledged transfers per second. */
  readonly perSecond: number
  /** From sending to the ack after COMMIT. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly aborts: number
}

const ALPHAS = ['0', '1.5']

const FLOORS: readonly Floor[] = [
  { figure: 'alpha0.ratio', min: 40 },
  { figure: 'alpha1.5.ratio', min: 150 },
  { figure: 'alpha0.terrane.p99Ms', max: 40 },
  { figure: 'alpha1.5.terrane.p99Ms', max: 40 },
]

/**
 * Transfers between 100,000 accounts: Terrane through WebSockets and its client SDK, against interactive
 * serializable transactions from Node, on the same PostgreSQL in the same run, in turns. Every ack comes
 * after the COMMIT.
 */
export async function keynote(options: KeynoteOptions): Promise<void> {
  const size = options.tiny
    ? { connections: 4, inFlight: 8, interactive: 4, seconds: 1, rounds: 1 }
    : { connections: 64, inFlight: 40, interactive: 32, seconds: options.seconds ?? 5, rounds: options.rounds ?? 5 }
  const directory = await mkdtemp(join(tmpdir(), 'terrane-keynote-'))
  const postgres = await startEmbedded({ dataDir: join(directory, 'postgres') })
  try {
    await prepareInteractive(postgres.adminUrl)
    const server = await startTerrane({
      world: sibling('./bank-world', import.meta.url),
      data: join(directory, 'data'),
      databaseUrl: postgres.url,
      env: { DATABASE_ADMIN_URL: postgres.adminUrl },
      args: ['--inputs-per-second', '1000000'],
      ...(options.profile === undefined ? {} : { profile: options.profile }),
    })
    const load = new BenchChild(
      {
        name: 'load',
        script: sibling('./load-process', import.meta.url),
        options: { url: server.url, connections: size.connections },
        nodeFlags: NO_GARBAGE_PAUSES,
      },
      canPin(),
    )
    try {
      await load.next(60_000)
      await measure(options, size, { url: postgres.adminUrl, server: server.pid, load })
    } finally {
      await load.stop()
      await server.stop()
    }
  } finally {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function measure(
  options: KeynoteOptions,
  size: { connections: number; inFlight: number; interactive: number; seconds: number; rounds: number },
  on: { url: string; server: number; load: BenchChild },
): Promise<void> {
  const figures: Figures = {}
  const rows: string[][] = []
  for (const text of options.alpha === undefined ? ALPHAS : [options.alpha]) {
    const alpha = Number(text)
    const results: Record<string, (Measurement & { serverMicros?: number })[]> = {
      interactive: [],
      terrane: [],
      batched: [],
    }
    for (let round = 0; round < size.rounds; round++) {
      note(`alpha ${alpha}, round ${round + 1} of ${size.rounds}`)
      results.interactive?.push(
        await measureInteractive(on.url, { connections: size.interactive, alpha, seconds: size.seconds, seed: round }),
      )
      for (const [name, perFrame] of [
        ['terrane', 1],
        ['batched', 8],
      ] as const) {
        const cpuBefore = cpuSeconds(on.server)
        const request = { inFlight: size.inFlight, perFrame, alpha, seconds: size.seconds, seed: round }
        const measured = (await on.load.request(request, (size.seconds + 60) * 1000)) as unknown as Measurement
        const busy = cpuSeconds(on.server) - cpuBefore
        results[name]?.push({ ...measured, serverMicros: (busy * 1e6) / (measured.perSecond * (size.seconds + 1.5)) })
      }
    }
    for (const [name, runs] of Object.entries(results)) {
      const of = (figure: 'perSecond' | 'p50Ms' | 'p99Ms' | 'aborts') => median(runs.map((run) => run[figure]))
      for (const figure of ['perSecond', 'p50Ms', 'p99Ms'] as const) {
        figures[`alpha${alpha}.${name}.${figure}`] = round(of(figure), 4)
      }
      const micros = runs[0]?.serverMicros === undefined ? '' : round(median(runs.map((run) => run.serverMicros ?? 0)))
      if (micros !== '') figures[`alpha${alpha}.${name}.serverCpuMicros`] = micros
      rows.push([
        `α ${alpha} ${LABELS[name]}`,
        ...[of('perSecond'), of('p50Ms'), of('p99Ms')].map((v) => String(round(v))),
        String(micros),
      ])
    }
    const ratios =
      results.terrane?.map((run, i) => run.perSecond / (results.interactive?.[i]?.perSecond ?? Number.NaN)) ?? []
    figures[`alpha${alpha}.ratio`] = round(median(ratios))
  }
  note(`\n${table(['workload', 'transfers/s', 'p50 ms', 'p99 ms', 'server CPU µs'], rows)}`)
  report({ name: 'keynote', figures, floors: options.tiny || options.alpha !== undefined ? [] : FLOORS }, options.json)
}

const LABELS: Record<string, string> = {
  interactive: 'interactive SQL',
  terrane: 'Terrane, 1 input per message',
  batched: 'Terrane, 8 inputs per message',
}
