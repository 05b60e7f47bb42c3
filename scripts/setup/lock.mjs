// One set-up at a time: a second one waits for the first and then usually finds nothing to do.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { ROOT } from './paths.mjs'
import { SetupError, say } from './say.mjs'

const LOCK_DIR = `${ROOT}tmp/`
const LOCK = `${LOCK_DIR}setup.lock`
const POLL_MS = 100
/** A first installation over a slow line. */
const WAIT_MS_MAX = 15 * 60_000

export async function withLock(work) {
  await take()
  // Ctrl-C and process.exit too; after a SIGKILL the dead process id tells.
  process.on('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

async function take() {
  mkdirSync(LOCK_DIR, { recursive: true })
  let told = false
  for (const startMs = performance.now(); performance.now() - startMs < WAIT_MS_MAX; await delay(POLL_MS)) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = holderOf()
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(LOCK, { force: true })
      continue
    }
    if (!told) say(`waiting for another set-up (process ${holder ?? 'unknown'}) to finish`)
    told = true
  }
  throw new SetupError(
    [
      `another set-up has held ${LOCK} for ${WAIT_MS_MAX / 60_000} minutes.`,
      'Two at once would write the same files.',
      `Next: end process ${holderOf()} or, when it is no set-up, delete that file.`,
    ].join('\n'),
  )
}

function release() {
  if (holderOf() === process.pid) rmSync(LOCK, { force: true })
}

/** Undefined between the file's creation and its writing, and once it is gone. */
function holderOf() {
  try {
    return Number(readFileSync(LOCK, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
