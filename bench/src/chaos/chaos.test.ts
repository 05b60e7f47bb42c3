import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NATS_MISSING } from '@terrane/testing/nats-cluster'
import { postgresProcesses } from '@terrane/testing/postgres-processes'
import { expect, onTestFinished, test } from 'vitest'

const RUN = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url))

/** The command, with a directory for its temporary files that can be looked at afterwards. */
class Chaos {
  readonly temporary = mkdtempSync(join(tmpdir(), 'terrane-chaos-test-'))
  readonly child: ChildProcess
  stdout = ''
  stderr = ''

  constructor(...args: string[]) {
    const env = { ...process.env, TMPDIR: this.temporary }
    this.child = spawn(process.execPath, [RUN, 'chaos', '--tiny', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk
    })
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk
    })
    onTestFinished(() => {
      this.child.kill('SIGTERM')
      rmSync(this.temporary, { recursive: true, force: true })
    })
  }

  async exitCode(): Promise<number | null> {
    const [code] = await once(this.child, 'close')
    return code as number | null
  }

  async says(text: string): Promise<void> {
    while (!this.stderr.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(this.stderr)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

test('every kind of database fault, run tiny, breaks no promise and is over when it is over', async () => {
  const run = new Chaos('--database', '--seed', 'test', '--json')
  expect(await run.exitCode(), run.stderr).toBe(0)
  const { name, passed, figures } = JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '')
  expect([name, passed]).toEqual(['chaos-database', true])
  expect(figures).toMatchObject({ kinds: 13, clientsOnline: 10, lost: 0, doubled: 0, invariantsViolated: 0 })
  expect(figures.acknowledged).toBeGreaterThan(100)
  expect(readdirSync(run.temporary).filter((entry) => entry.startsWith('terrane-'))).toEqual([])
}, 300_000)

test('three kills, one of them of PostgreSQL too, break no promise and leave nothing behind', async () => {
  const run = new Chaos('--kills', '3', '--seed', 'test', '--json')
  expect(await run.exitCode(), run.stderr).toBe(0)
  const { name, passed, figures } = JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '')
  expect({ name, passed }).toEqual({ name: 'chaos', passed: true })
  expect(figures).toMatchObject({ seed: 'test', kills: 3, postgresKills: 1, lost: 0, doubled: 0, clientsResumed: 10 })
  expect(figures.acknowledged).toBeGreaterThan(100)
  expect(figures.rejected).toBeGreaterThan(0)
  expect(readdirSync(run.temporary).filter((entry) => entry.startsWith('terrane-'))).toEqual([])
}, 120_000)

test.skipIf(NATS_MISSING !== undefined)(
  'an owner of zones that is killed, and one that is frozen, lose and double nothing, and are followed by others',
  async () => {
    const run = new Chaos('--zones', '--seed', 'test', '--json')
    expect(await run.exitCode(), run.stderr).toBe(0)
    const { name, passed, figures } = JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '')
    expect([name, passed]).toEqual(['chaos-zones', true])
    expect(figures).toMatchObject({ faults: 2, kills: 1, freezes: 1, fenced: 1, clientsResumed: 12 })
    expect(figures).toMatchObject({ lost: 0, doubled: 0, opsLost: 0, opsDoubled: 0, coinsMissing: 0 })
    expect(figures.payments).toBeGreaterThan(100)
    expect(readdirSync(run.temporary).filter((entry) => entry.startsWith('terrane-'))).toEqual([])
  },
  120_000,
)

test('Ctrl-C leaves neither a process nor a directory', async () => {
  const run = new Chaos()
  await run.says('kill 1')
  const [directory] = readdirSync(run.temporary).filter((entry) => entry.startsWith('terrane-chaos-'))
  const data = join(run.temporary, String(directory))
  const processes = postgresProcesses(data)
  expect(processes.length).toBeGreaterThan(3)
  run.child.kill('SIGINT')
  expect(await run.exitCode()).toBe(130)
  expect(readdirSync(run.temporary).filter((entry) => entry.startsWith('terrane-'))).toEqual([])
  const alive = processes.filter((pid) => {
    try {
      // Of a process that has ended and that nobody has asked about, the name stays and the command does not.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
    } catch {
      return false
    }
  })
  expect(alive).toEqual([])
}, 120_000)
