// `npm run spec`: the models in spec/, parsed by SANY and checked by TLC, then the mutants: each plants a fault in a
// model, and TLC must find it by the invariant that is there to find it.
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from './setup/paths.mjs'
import { setup } from './setup.mjs'
import { checkModel, checkMutant, findTools, parseModule, stopAll } from './spec/tlc.mjs'

const SPEC = `${ROOT}spec/`
const SECONDS_MAX = 120
const MUTANTS_MIN = 12
const STATES_MIN = 100_000

const HELP = `usage: npm run spec -- [options]

Checks the TLA+ models in spec/ with SANY and TLC, then that each mutant in spec/mutants.json breaks the invariant
that it names. Needs Java 11 or later, and tla2tools.jar, whose path is in the environment variable TLA2TOOLS.

  --only NAME  only models and mutants with NAME in their names (a model's mutants go with it)
  --json       print the result as one line of JSON, the last on stdout
  --help       print this

examples:
  TLA2TOOLS=~/tla2tools.jar npm run spec
  TLA2TOOLS=~/tla2tools.jar npm run spec -- --only HandOver
  TLA2TOOLS=~/tla2tools.jar npm run spec -- --only 'receipt leaves' --json

exit code: 0 all models hold and all mutants are found; 1 not so, or too slow; 2 wrong usage, or a tool is missing`

function fail(message) {
  console.error(`spec: ${message}`)
  process.exit(2)
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    })
    return values
  } catch (error) {
    return fail(`${error.message}. Try: npm run spec -- --help`)
  }
}

function choose(only) {
  const files = readdirSync(SPEC)
  const configs = files.filter((file) => file.endsWith('.cfg')).map((file) => file.slice(0, -'.cfg'.length))
  const mutants = JSON.parse(readFileSync(`${SPEC}mutants.json`, 'utf8'))
  if (only === undefined) return { configs, mutants }
  const chosen = {
    configs: configs.filter((config) => config.includes(only)),
    mutants: mutants.filter(({ name, model }) => name.includes(only) || model.includes(only)),
  }
  if (chosen.configs.length + chosen.mutants.length === 0) {
    fail(`no model and no mutant has "${only}" in its name. The models are ${configs.join(', ')}.`)
  }
  return chosen
}

/** Runs the jobs, as many at once as there are cores. */
async function inParallel(jobs) {
  const queue = [...jobs]
  const work = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await job()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

async function run({ configs, mutants }, tools, folder) {
  const say = (isGood, text) => console.error(`${isGood ? 'ok    ' : 'FAILED'}  ${text}`)
  const figures = { models: 0, models_failed: 0, states: 0, mutants: 0, mutants_alive: 0, seconds: 0 }
  const startMs = performance.now()
  for (const file of readdirSync(SPEC)) copyFileSync(SPEC + file, join(folder, file))

  const modules = new Set([...configs.map((config) => config.split('.')[0]), ...mutants.map(({ model }) => model)])
  for (const module of modules) {
    const problem = await parseModule(tools, folder, module)
    say(problem === '', `SANY ${module}${problem === '' ? '' : `\n${problem}`}`)
    if (problem !== '') figures.models_failed++
  }
  if (figures.models_failed > 0) return figures

  const modelJobs = configs.map((config) => async () => {
    const { problem, states, seconds } = await checkModel(tools, folder, config)
    figures.models++
    figures.states += states
    if (problem !== '') figures.models_failed++
    say(problem === '', `TLC ${config}: ${states} states, ${seconds} s${problem === '' ? '' : `\n${problem}`}`)
  })
  const mutantJobs = mutants.map((mutant, number) => async () => {
    const { problem, seconds } = await checkMutant(tools, folder, mutant, number)
    figures.mutants++
    if (problem !== '') figures.mutants_alive++
    const verdict = problem === '' ? `breaks ${mutant.breaks}` : `must break ${mutant.breaks}: ${problem}`
    say(problem === '', `mutant of ${mutant.model}, ${mutant.name}: ${verdict}, ${seconds} s`)
  })
  await inParallel([...modelJobs, ...mutantJobs])
  figures.seconds = Math.round((performance.now() - startMs) / 100) / 10
  return figures
}

const { only, json = false, help = false } = readOptions()
if (help) {
  console.log(HELP)
  process.exit(0)
}
const tools = await findTools(process.env.TLA2TOOLS).catch((error) => fail(error.message))
const chosen = choose(only)
await setup()
const { judge } = await import('../packages/core/dist/index.js')

const folder = mkdtempSync(join(tmpdir(), 'terrane-spec-'))
const clean = () => rmSync(folder, { recursive: true, force: true })
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => {
    stopAll()
    process.exit(code)
  })
}
process.on('exit', clean)

const figures = await run(chosen, tools, folder)
const floors = [
  { figure: 'models_failed', max: 0 },
  { figure: 'mutants_alive', max: 0 },
  { figure: 'seconds', max: SECONDS_MAX },
]
if (only === undefined) floors.push({ figure: 'mutants', min: MUTANTS_MIN }, { figure: 'states', min: STATES_MIN })
const report = judge({ name: 'spec', figures, floors })
for (const line of report.lines) (json ? console.error : console.log)(line)
if (json) console.log(report.json)
process.exitCode = report.passed ? 0 : 1
