import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, connect } from '@terrane/client'
import { Histogram } from '@terrane/core'
import type bank from '../keynote/bank-world.js'
import { sibling } from '../processes.js'
import { type Floor, note, report, round } from '../report.js'
import { startTerrane } from '../terrane-server.js'

export interface IdleOptions {
  readonly json: boolean
  readonly tiny: boolean
}

const FLOORS: readonly Floor[] = [
  { figure: 'appliedMsP50', max: 2 },
  { figure: 'durableMsP50', max: 10 },
]

const WARM_UP = 50

/** One client that sends one input after the other to a server with nothing else to do. */
export async function idle(options: IdleOptions): Promise<void> {
  const inputs = options.tiny ? 20 : 1000
  const directory = await mkdtemp(join(tmpdir(), 'terrane-idle-'))
  const server = await startTerrane({
    world: sibling('../keynote/bank-world', import.meta.url),
    data: directory,
    args: ['--inputs-per-second', '1000000'],
  })
  const applied = new Histogram()
  const durable = new Histogram()
  let client: Client<typeof bank> | undefined
  try {
    client = await connect<typeof bank>(server.url, { guest: true, focus: { mode: 'none' } })
    note(`${inputs} inputs, one after the other`)
    for (let i = 0; i < WARM_UP + inputs; i++) {
      const sentAt = performance.now()
      const input = client.inputs.transfer({ from: i % 100, to: 100 + (i % 100), amount: 1 })
      await input.applied
      const appliedAt = performance.now()
      await input.durable
      if (i < WARM_UP) continue
      applied.record(appliedAt - sentAt)
      durable.record(performance.now() - sentAt)
    }
  } finally {
    // Left open it would keep this process alive, and try to reach the server for ever.
    await client?.close()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
  const figures = {
    inputs,
    appliedMsP50: round(applied.quantile(0.5)),
    appliedMsP99: round(applied.quantile(0.99)),
    durableMsP50: round(durable.quantile(0.5)),
    durableMsP99: round(durable.quantile(0.99)),
  }
  report({ name: 'idle', figures, floors: options.tiny ? [] : FLOORS }, options.json)
}
