// SANY and TLC as processes, and what their output means.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const GET_JAR = 'Get tla2tools.jar from https://github.com/tlaplus/tlaplus/releases'
/** A model or a mutant whose states do not end would run for ever. */
const RUN_MS_MAX = 600_000
const TAIL_LINES = 60

const running = new Set()

export function stopAll() {
  for (const child of running) child.kill('SIGKILL')
}

/** How to start Java with the tools in `jar`. Throws with what is missing and where it is to be had. */
export async function findTools(jar) {
  if (jar === undefined || jar === '') {
    throw new Error(`TLA2TOOLS is not set. ${GET_JAR} and run: TLA2TOOLS=path/to/tla2tools.jar npm run spec`)
  }
  if (!existsSync(jar)) throw new Error(`TLA2TOOLS is ${jar}, and there is no such file. ${GET_JAR}`)
  const { code } = await java(['-version'])
  if (code !== 0) {
    throw new Error(
      'Java cannot be started. Install a Java runtime, 11 or later (Debian: apt-get install default-jre-headless)',
    )
  }
  const { output } = await java(['-cp', jar, 'tlc2.TLC', '-h'])
  if (!output.includes('TLC')) throw new Error(`${jar} does not hold TLC. ${GET_JAR}`)
  return { jar }
}

/** What SANY has against a module; '' when nothing. */
export async function parseModule({ jar }, folder, module) {
  const { code, output } = await java([...flags(folder), '-cp', jar, 'tla2sany.SANY', `${module}.tla`], folder)
  return code === 0 && !/error/i.test(output) ? '' : output.trim()
}

/** Explores a model. `problem` is '' when all that its configuration names holds. */
export async function checkModel(tools, folder, config) {
  const { code, output, seconds } = await tlc(tools, folder, { config, module: config.split('.')[0], id: config })
  const states = Number(/^(\d+) states generated, (\d+) distinct/m.exec(output)?.[2] ?? 0)
  const isWhole = output.includes('Model checking completed. No error has been found.')
  return { problem: code === 0 && isWhole && states > 0 ? '' : lastLines(output), states, seconds }
}

/** Plants a fault. `problem` is '' when TLC finds it by the invariant or the property that `breaks` names, alone. */
export async function checkMutant(tools, folder, { model, config = model, from, to, breaks }, number) {
  const source = readFileSync(join(folder, `${model}.tla`), 'utf8')
  const parts = source.split(from)
  if (parts.length !== 2) return { problem: `what it changes is there ${parts.length - 1} times`, seconds: 0 }
  const [head, checks] = splitConfig(readFileSync(join(folder, `${config}.cfg`), 'utf8'))
  const kind = checks.find(({ names }) => names.includes(breaks))?.kind
  if (kind === undefined) return { problem: `${config}.cfg does not check ${breaks}`, seconds: 0 }

  const own = join(folder, `mutant-${number}`)
  mkdirSync(own)
  writeFileSync(join(own, `${model}.tla`), parts.join(to))
  writeFileSync(join(own, `${model}.cfg`), `${head}${kind}\n  ${breaks}\n`)
  const { output, seconds } = await tlc(tools, own, { config: model, module: model, id: 'states' })
  const said = kind === 'INVARIANTS' ? `Invariant ${breaks} is violated` : 'Temporal properties were violated'
  if (output.includes(said)) return { problem: '', seconds }
  const isWhole = output.includes('No error has been found')
  return { problem: isWhole ? 'it holds all the same' : lastLines(output), seconds }
}

/** A configuration up to its checks, and the checks: they stand last, one name to a line. */
function splitConfig(text) {
  const at = text.search(/^(INVARIANTS|PROPERTIES)$/m)
  const checks = [...text.slice(at).matchAll(/^(INVARIANTS|PROPERTIES)\n((?: {2}\w+\n)+)/gm)]
  return [text.slice(0, at), checks.map(([, kind, names]) => ({ kind, names: names.trim().split(/\s+/) }))]
}

async function tlc({ jar }, folder, { config, module, id }) {
  const states = join(folder, `states-${id}`)
  const options = ['-workers', '1', '-metadir', states, '-config', `${config}.cfg`, `${module}.tla`]
  return java([...flags(folder), '-cp', jar, 'tlc2.TLC', ...options], folder)
}

/** The tools unpack their standard modules into Java's temporary folder. */
function flags(folder) {
  return ['-XX:+UseParallelGC', '-Xmx1g', `-Djava.io.tmpdir=${folder}`]
}

function lastLines(output) {
  return output.trim().split('\n').slice(-TAIL_LINES).join('\n')
}

function java(args, cwd) {
  return new Promise((resolve) => {
    const startMs = performance.now()
    const child = spawn('java', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS_MAX })
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    const end = (code) => {
      running.delete(child)
      resolve({ code, output, seconds: Math.round((performance.now() - startMs) / 100) / 10 })
    }
    child.on('error', () => end(undefined))
    child.on('close', end)
  })
}
