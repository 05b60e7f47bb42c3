import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  buildAll,
  eventually,
  getJson,
  guestAt,
  ServerProcess,
  temporaryDirectory,
} from '../test-process/server-process.js'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const PROFILE = fileURLToPath(new URL('../../../combat/profiles/cinderwright.json', import.meta.url))
const ITERATIONS = 4_000

beforeAll(buildAll, 120_000)

/** `terrane node` in a process of its own. */
class NodeProcess {
  readonly child: ChildProcess
  output = ''

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [CLI, 'node', '--json', '--cores', '2', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk
      })
    }
    const ended = once(this.child, 'close')
    onTestFinished(async () => {
      this.child.kill('SIGKILL')
      await ended
    })
  }

  /** Iterations of completions with that outcome. */
  units(outcome: string): number {
    return this.output
      .split('\n')
      .filter((line) => line.includes(`"outcome":"${outcome}"`))
      .reduce((sum, line) => sum + (JSON.parse(line) as { units: number }).units, 0)
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const ended = once(this.child, 'close')
    this.child.kill(signal)
    const [code] = await ended
    return code
  }
}

async function post(url: string, token: string, body: unknown): Promise<Record<string, string>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.ok, await response.clone().text()).toBe(true)
  return (await response.json()) as Record<string, string>
}

test('a job on three node processes, of which one is killed, and the server too: the same bytes', {
  timeout: 180_000,
}, async () => {
  const data = temporaryDirectory()
  const server = new ServerProcess({ data })
  const url = await server.url()
  const { token } = await guestAt(url)
  const { claimToken } = await post(`${url}/api/nodes/claim-tokens`, token, {})
  const key = (index: number) => join(data, 'keys', `node-${index}.json`)
  const start = (index: number) =>
    new NodeProcess(['--server', url, '--claim-token', claimToken as string, '--key', key(index)])

  const simConfig = { ...JSON.parse(readFileSync(PROFILE, 'utf8')), encounter: { seconds: 60 } }
  const submit = async (chunks: number) => {
    const sentinelConfig = { iterations: ITERATIONS, seed: 'same', chunks }
    return (await post(`${url}/api/jobs`, token, { simConfig, sentinelConfig })).jobId as string
  }
  const resultOf = async (at: string, jobId: string) => {
    await eventually(async () => {
      const { body } = await getJson(`${at}/api/jobs/${jobId}`, token)
      if (body.status === 'failed') throw new Error(String(body.error))
      return body.status === 'completed' ? true : undefined
    })
    const headers = { authorization: `Bearer ${token}` }
    return Buffer.from(await (await fetch(`${at}/api/jobs/${jobId}/result`, { headers })).arrayBuffer())
  }

  const first = start(1)
  const expected = await resultOf(url, await submit(1))
  expect(statSync(key(1)).mode & 0o777).toBe(0o600)

  const nodes = [first, start(2), start(3)]
  await eventually(async () => (nodes.every(({ output }) => output.includes('computes for')) ? true : undefined))
  const before = nodes.map((node) => node.units('accepted')).reduce((sum, units) => sum + units, 0)
  const jobId = await submit(400)
  const done = () => nodes.map((node) => node.units('accepted')).reduce((sum, units) => sum + units, -before)
  await eventually(async () => (done() >= ITERATIONS / 10 ? true : undefined))
  await nodes[2]?.end('SIGKILL')
  await server.end('SIGKILL')
  const port = new URL(url).port
  const again = new ServerProcess({ data, args: ['--port', port] })
  expect(await again.url()).toBe(url)
  expect((await resultOf(url, jobId)).equals(expected)).toBe(true)
  expect(done()).toBeLessThanOrEqual(ITERATIONS)

  const stranger = new NodeProcess(['--server', url, '--key', key(4)])
  const [code] = await once(stranger.child, 'close')
  expect(code).toBe(1)
  expect(stranger.output).toContain('this node is not registered')
  expect(stranger.output).toContain('--claim-token')

  // In order: what is under way is finished, and the server knows that the node has gone.
  expect(await first.end('SIGINT')).toBe(0)
  const { body } = await getJson(`${url}/api/nodes`, token)
  const statuses = (body.nodes as { status: string }[]).map(({ status }) => status)
  expect(statuses).toHaveLength(3)
  expect(statuses).toContain('offline')
})
