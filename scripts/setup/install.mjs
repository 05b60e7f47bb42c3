// Dependencies: installed when node_modules is missing or is not what package-lock.json says. npm writes what
// it has installed to node_modules/.package-lock.json, so the two are compared and nothing else is stored.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { ROOT } from './paths.mjs'
import { SetupError, say, seconds } from './say.mjs'

const FLAGS = ['--include=dev', '--no-audit', '--no-fund']

export async function install() {
  const why = reasonToInstall()
  if (why === undefined) return
  const startMs = performance.now()
  say(`installing dependencies (${why}; a first time takes about a minute)`)
  // `ci` is exact and starts from nothing; `install --no-save` brings an existing tree up to the lock file.
  const isFresh = !existsSync(`${ROOT}node_modules/.package-lock.json`)
  if (!(isFresh && (await npmCi()))) await npm(['install', '--no-save', ...FLAGS])
  say(`installed in ${seconds(startMs)}`)
}

/** Undefined when everything that the lock file asks for is there. */
function reasonToInstall() {
  const wanted = packagesOf(`${ROOT}package-lock.json`)
  if (wanted === undefined) throw new SetupError(`${ROOT}package-lock.json is missing or damaged: restore it from git.`)
  const installed = packagesOf(`${ROOT}node_modules/.package-lock.json`)
  if (installed === undefined) return 'there are none'
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue
    const found = installed[path]
    if (found === undefined) {
      // Binaries for other systems are in the lock file and never installed.
      if (entry.optional || entry.devOptional || entry.peer) continue
      return `${nameOf(path)} is missing`
    }
    if (found.version !== entry.version) return `${nameOf(path)} is ${found.version}, not ${entry.version}`
  }
  return undefined
}

/** False when this npm finds fault with the lock file, which it then describes at length. */
async function npmCi() {
  try {
    await npm(['ci', ...FLAGS])
    return true
  } catch (error) {
    if (!error.message.includes('EUSAGE')) throw error
    return false
  }
}

function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** npm's output is shown only when it fails. */
function npm(args) {
  // Under `npm start` this is the npm that was called, wherever it is; otherwise the one on the path.
  const [command, first] =
    process.env.npm_execpath === undefined ? ['npm', []] : [process.execPath, [process.env.npm_execpath]]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    child.on('error', (error) => reject(failed(args, error.message)))
    child.on('close', (code) => (code === 0 ? resolve() : reject(failed(args, output.trim()))))
  })
}

function failed(args, output) {
  return new SetupError(
    [
      output,
      `\`npm ${args[0]}\` failed, see above. Without its dependencies Terrane can be neither built nor started.`,
      'Next: check the network and the free disk space, then run the same command again.',
    ].join('\n'),
  )
}
