// The README's start command, as a user runs it: start, look, Ctrl-C, start again, and nothing left over.
// Prints a line per check; the last line counts them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const DATA = `${ROOT}data`
const START_MS_MAX = 180_000
const PLAY_MS_MAX = 60_000

let passed = 0
let failed = 0

function check(what, isTrue, detail = '') {
  if (isTrue) passed++
  else failed++
  console.log(`${isTrue ? 'ok    ' : 'FAILED'}  ${what}${isTrue || detail === '' ? '' : `: ${detail}`}`)
}

/** `npm start` in a process group of its own, as a terminal does it. */
function start() {
  const child = spawn('npm', ['start'], { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  const url = () =>
    until(
      () => /https?:\/\/\S+/.exec(said.out)?.[0],
      START_MS_MAX,
      () => child.exitCode !== null,
    )
  return { child, said, url, ended: once(child, 'close') }
}

/** What `probe` finds; undefined when that takes too long, or `isOver`. */
async function until(probe, msMax, isOver = () => false) {
  for (const startMs = performance.now(); performance.now() - startMs < msMax && !isOver(); ) {
    const found = await Promise.resolve()
      .then(probe)
      .catch(() => undefined)
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return undefined
}

async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() }
}

const json = async (url) => JSON.parse((await get(url)).text)

/** Processes that work in the data directory or name it: PostgreSQL, bots. And the server, from its lock. */
function leftovers(server) {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return pid === server || command.includes(DATA) || readlinkSync(`/proc/${pid}/cwd`).startsWith(DATA)
      } catch {
        return false
      }
    })
}

function serverPid() {
  return JSON.parse(readFileSync(`${DATA}/server.lock`, 'utf8')).pid
}

/** Sends what a Ctrl-C sends, to npm and to all that it started. */
async function interrupt({ child, ended }) {
  process.kill(-child.pid, 'SIGINT')
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 60_000)
  const [code, signal] = await ended
  clearTimeout(timer)
  return signal ?? code
}

async function firstStart() {
  const run = start()
  const url = await run.url()
  check('npm start prints its URL', url !== undefined, run.said.err)
  if (url === undefined) return run.child.kill('SIGKILL')
  check('/healthz', (await get(`${url}/healthz`)).status === 200)
  check('/readyz', (await get(`${url}/readyz`)).status === 200)
  const page = await get(`${url}/`)
  check(
    'the page',
    page.status === 200 && page.type.startsWith('text/html') && page.text.includes('<script'),
    page.type,
  )
  const script = /src="(\/assets\/[^"]+)"/.exec(page.text)?.[1]
  check("the page's script", script !== undefined && (await get(url + script)).status === 200, script)
  const playing = await until(async () => {
    const stats = await json(`${url}/api/stats`)
    return stats.connections >= 50 && stats.inputsPerS > 0 && stats.durableMs.p50 > 0 && stats
  }, PLAY_MS_MAX)
  check(
    '50 bots play, and their inputs become durable',
    playing !== undefined,
    JSON.stringify(await json(`${url}/api/stats`)),
  )
  const [zone] = (await json(`${url}/api/zones`)).zones
  const pid = serverPid()
  const code = await interrupt(run)
  check('Ctrl-C ends it with 0', code === 0, `${code}\n${run.said.err}`)
  const left = leftovers(pid)
  check('no process is left', left.length === 0, left.join())
  return zone
}

async function secondStart(before) {
  const run = start()
  const url = await run.url()
  check('a second start', url !== undefined, run.said.err)
  if (url === undefined) return run.child.kill('SIGKILL')
  const [zone] = (await json(`${url}/api/zones`)).zones
  const isSame = zone.epoch > before.epoch && zone.seq >= before.seq && zone.entities >= before.entities / 2
  check('finds the world again', isSame, JSON.stringify({ before, now: zone }))
  const pid = serverPid()
  const code = await interrupt(run)
  check('and ends with 0', code === 0, `${code}\n${run.said.err}`)
  check('with no process left', leftovers(pid).length === 0)
}

rmSync(DATA, { recursive: true, force: true })
try {
  const zone = await firstStart()
  if (failed === 0) await secondStart(zone)
} catch (error) {
  check('the smoke run', false, error.stack)
}
rmSync(DATA, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 ? 0 : 1
