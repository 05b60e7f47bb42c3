// Runs the layer rules over the tree, and over a small tree of wrong imports: rules that find nothing there
// would find nothing anywhere.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import { ROOT } from '../setup/paths.mjs'
import { OPTIONS, RULES } from './layers.mjs'

/** Each of these must be reported, under this rule. */
const PLANTED = [
  ['level-of-core', 'packages/core/src/upward.ts', `import { x } from '@terrane/engine'\nexport const y = x\n`],
  ['level-of-gateway', 'packages/gateway/src/sideways.ts', `export { x } from '@terrane/store-postgres'\n`],
  [
    'imports-of-packages/client',
    'packages/client/src/types.ts',
    `import type { x } from '@terrane/engine'\nexport type Y = typeof x\n`,
  ],
  ['imports-of-worlds', 'worlds/frontier/src/back-door.ts', `export { x } from '@terrane/store-postgres'\n`],
  ['imports-of-apps', 'apps/console/src/page.tsx', `import { x } from '@terrane/engine'\nexport const y = x\n`],
  ['testing-is-for-tests', 'packages/engine/src/help.ts', `export { x } from '@terrane/testing'\n`],
  ['no-cycles', 'packages/core/src/left.ts', `import { r } from './right.js'\nexport const l = () => r\n`],
  ['resolvable', 'packages/core/src/lost.ts', `export { x } from './nowhere.js'\n`],
]
const PLANTED_HELPERS = {
  'packages/core/src/right.ts': `import { l } from './left.js'\nexport const r = () => l\n`,
  'packages/engine/src/fine.test.ts': `export { x } from '@terrane/testing'\n`,
}
const PLANTED_PACKAGES = ['core', 'engine', 'gateway', 'store-postgres', 'client', 'testing']

/** What is wrong, one line each; empty when all is well. */
export async function checkLayers() {
  const problems = await violationsIn(ROOT.slice(0, -1), ['packages', 'worlds', 'apps', 'bench'])
  return [...problems.map(describe), ...(await selfTest())]
}

async function violationsIn(baseDir, directories) {
  const { output } = await cruise(directories, {
    ...OPTIONS,
    baseDir,
    validate: true,
    ruleSet: { forbidden: RULES },
  })
  if (output.summary.totalCruised === 0) throw new Error(`no modules found in ${directories.join(', ')}`)
  return output.summary.violations
}

function describe({ rule, from, to, cycle }) {
  const comment = RULES.find(({ name }) => name === rule.name)?.comment
  const path = cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ')
  return `${from} → ${path}: ${comment} (${rule.name})`
}

async function selfTest() {
  const dir = mkdtempSync(join(tmpdir(), 'terrane-layers-'))
  try {
    plant(dir)
    const found = await violationsIn(dir, ['packages', 'worlds', 'apps'])
    const missed = PLANTED.filter(
      ([rule, from]) => !found.some((each) => each.rule.name === rule && each.from === from),
    )
    const extra = found.filter(({ from }) => !PLANTED.some(([, path]) => path === from) && !from.endsWith('right.ts'))
    return [
      ...missed.map(([rule, path]) => `self-test: ${path} was planted and not reported as ${rule}`),
      ...extra.map((each) => `self-test: reported without reason: ${describe(each)}`),
    ]
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function plant(dir) {
  const write = (path, text) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  mkdirSync(join(dir, 'node_modules/@terrane'), { recursive: true })
  // As in the workspaces: names and the condition under which they lead to sources.
  write('package.json', JSON.stringify({ type: 'module', dependencies: allPackages() }))
  for (const name of PLANTED_PACKAGES) {
    const exports = { '.': { 'terrane-source': './src/index.ts' } }
    write(`packages/${name}/package.json`, JSON.stringify({ name: `@terrane/${name}`, type: 'module', exports }))
    write(`packages/${name}/src/index.ts`, 'export const x = 1\n')
    symlinkSync(join(dir, 'packages', name), join(dir, 'node_modules/@terrane', name))
  }
  for (const [, path, text] of PLANTED) write(path, text)
  for (const [path, text] of Object.entries(PLANTED_HELPERS)) write(path, text)
}

function allPackages() {
  return Object.fromEntries(PLANTED_PACKAGES.map((name) => [`@terrane/${name}`, '*']))
}
