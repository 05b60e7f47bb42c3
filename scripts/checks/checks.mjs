// Everything that is checked without running the code.
import { spawn } from 'node:child_process'
import { ROOT } from '../setup/paths.mjs'

/** In the order in which they are shown. `run` resolves to what is wrong, '' when nothing is. */
const CHECKS = [
  {
    name: 'format and lint (biome)',
    run: () =>
      tool('@biomejs/biome/bin/biome', ['ci', '--colors=off', '--diagnostic-level=warn', '--error-on-warnings']),
  },
  { name: 'types (tsc)', run: () => tool('typescript7/bin/tsc', ['--noEmit', '-p', 'tsconfig.json']) },
  { name: 'layers (dependency-cruiser)', run: layers },
  { name: 'house rules', run: tidiness },
  { name: 'protobuf (buf)', run: protobuf },
  {
    name: 'unused code and dependencies (knip)',
    run: () => tool('knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
  },
]

/** Imported when needed: it loads dependency-cruiser, which the set-up may have installed only just now. */
async function layers() {
  const { checkLayers } = await import('./layer-check.mjs')
  return (await checkLayers()).join('\n')
}

async function tidiness() {
  const { checkTidiness } = await import('./tidy.mjs')
  const { checkLockFile } = await import('./lock-file.mjs')
  return [...(await checkTidiness()), ...(await checkLockFile())].join('\n')
}

async function protobuf() {
  const { checkProtobuf } = await import('./protobuf.mjs')
  return checkProtobuf().join('\n')
}

function tool(script, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`${ROOT}node_modules/${script}`, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? '' : `${output.trim()}\nended with ${signal ?? code}`))
  })
}

/** Runs the checks whose name contains `filter`, a few at a time, and prints each as it ends. */
export async function runChecks(filter = '') {
  const chosen = CHECKS.filter(({ name }) => name.includes(filter))
  const failed = []
  const queue = [...chosen]
  const work = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const startMs = performance.now()
      const problem = await check.run().catch((error) => error.stack)
      const took = `${((performance.now() - startMs) / 1000).toFixed(1)} s`
      console.log(`${problem === '' ? 'ok    ' : 'FAILED'}  ${check.name} (${took})`)
      if (problem === '') continue
      console.log(problem.replace(/^/gm, '        '))
      failed.push(check.name)
    }
  }
  await Promise.all([work(), work()])
  return { passed: chosen.length - failed.length, failed: failed.length }
}
