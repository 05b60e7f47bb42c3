// The console is a bundle made by vite. It contains code of other workspaces, so it is stale when they change.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { ROOT, STAMPS } from './paths.mjs'
import { SetupError, say, seconds } from './say.mjs'
import { filesBelow, readStamps, writeStamps } from './sources.mjs'

const APP = 'apps/console'
const STAMP_FILE = `${STAMPS}console.json`
const SINGLE_FILES = [`${APP}/index.html`, `${APP}/vite.config.ts`, `${APP}/package.json`]

export async function buildConsole() {
  if (!existsSync(`${ROOT}${APP}/index.html`)) return
  const stamps = { sources: fingerprint() }
  const isBuilt = existsSync(`${ROOT}${APP}/dist/index.html`)
  if (isBuilt && readStamps(STAMP_FILE).sources === stamps.sources) return
  const startMs = performance.now()
  say('building the console')
  await vite()
  writeStamps(STAMP_FILE, stamps)
  say(`built the console in ${seconds(startMs)}`)
}

/** What the bundle is made of: the app's own files, and those of the workspaces that it may import. */
function sources() {
  const worlds = readdirSync(`${ROOT}worlds`).map((name) => `worlds/${name}/src`)
  const packages = ['client', 'core', 'engine', 'protocol'].map((name) => `packages/${name}/src`)
  return [`${APP}/src`, `${APP}/public`, ...packages, ...worlds]
}

/** By content: bundling takes seconds, and times change with every checkout. */
function fingerprint() {
  const files = sources().flatMap((dir) => filesBelow(ROOT + dir).map((file) => `${dir}/${file}`))
  const relevant = [...files.filter((file) => !/\.test\.tsx?$/.test(file)), ...SINGLE_FILES]
  const hash = createHash('sha256')
  for (const file of relevant.filter((each) => existsSync(ROOT + each)))
    hash.update(file).update(readFileSync(ROOT + file))
  return hash.digest('hex')
}

/** In a process of its own: a bundler would stay in the memory of the server that we start next. */
function vite() {
  const args = [`${ROOT}node_modules/vite/bin/vite.js`, 'build', '--logLevel', 'warn']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT + APP,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Under a test runner it is `test`, and the page would get the slow build of its libraries.
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new SetupError(`${output.trim()}\nThe console could not be built, see above.`)),
    )
  })
}
