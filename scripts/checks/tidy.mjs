// House rules that no other tool knows. Each is a line scan: crude, fast, and enough.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../setup/paths.mjs'
import { filesBelow } from '../setup/sources.mjs'

const LINES_MAX = 800

const PURE = /^packages\/(core|causality|combat|gamedata|protocol|engine|jobs|ledger)\//

const RULES = [
  {
    // core/time.ts is where the real clock and timers become ports.
    applies: (path) => PURE.test(path) && path !== 'packages/core/src/time.ts',
    pattern:
      /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|randomUUID)\(|new Date\(\)/,
    text: 'time, timers and randomness come in through ports',
  },
  {
    applies: (path) => PURE.test(path),
    pattern: /from 'node:/,
    text: "pure packages do not use Node's modules: they run in browsers and in the simulator",
  },
  {
    applies: (path) => /^(packages|worlds|apps)\//.test(path) && path !== 'packages/server/src/config/environment.ts',
    pattern: /\bprocess\.env\b/,
    text: 'packages/server/src/config/environment.ts is the only reader of process.env',
  },
  {
    applies: () => true,
    pattern: /^\s*(\/\/|\/\*|\*).*\b(TODO|FIXME|XXX)\b/,
    text: 'do it, or write down in docs/ why not',
  },
]

/** What is wrong, one line each; empty when all is well. */
export async function checkTidiness() {
  const problems = []
  for (const group of ['packages', 'worlds', 'apps', 'bench', 'scripts']) {
    for (const file of filesBelow(ROOT + group)) {
      const path = `${group}/${file}`
      if (!/\.(ts|tsx|mjs)$/.test(path) || /\/(node_modules|dist)\//.test(path)) continue
      problems.push(...problemsIn(path, readFileSync(ROOT + path, 'utf8').split('\n')))
    }
  }
  return problems
}

function problemsIn(path, lines) {
  const problems = []
  if (lines.length > LINES_MAX) problems.push(`${path}: ${lines.length} lines, split it (limit ${LINES_MAX})`)
  const isTest = /(\.(test|bench)\.tsx?$|\/(test-[^/]+|[^/]+-test)\/)/.test(path)
  const isShipped = !isTest && !path.startsWith('scripts/')
  const declared = isShipped ? declaredBy(workspaceOf(path)) : undefined
  const rules = !isShipped ? [] : RULES.filter(({ applies }) => applies(path))
  lines.forEach((line, index) => {
    for (const { pattern, text } of rules) {
      if (pattern.test(line)) problems.push(`${path}:${index + 1}: ${text}`)
    }
    const workspace = /from '(@terrane\/[^/']+)/.exec(line)?.[1]
    if (workspace !== undefined && declared !== undefined && !declared.has(workspace)) {
      problems.push(`${path}:${index + 1}: ${workspace} is missing among the dependencies in package.json`)
    }
    const target = /(?:from|import\() ?'(\.[^']*)'/.exec(line)?.[1]
    if (isShipped && target !== undefined && workspaceOf(join(dirname(path), target)) !== workspaceOf(path)) {
      problems.push(`${path}:${index + 1}: another workspace is imported by its name, not by a path into its files`)
    }
  })
  return problems
}

const declarations = new Map()

/** Names of the packages that a workspace may import in what it ships: its dependencies, and itself. */
function declaredBy(workspace) {
  let names = declarations.get(workspace)
  if (names === undefined) {
    const { name, dependencies = {} } = JSON.parse(readFileSync(`${ROOT}${workspace}/package.json`, 'utf8'))
    names = new Set([name, ...Object.keys(dependencies)])
    declarations.set(workspace, names)
  }
  return names
}

function workspaceOf(path) {
  return /^((packages|worlds|apps)\/[^/]+|[^/]+)/.exec(path)?.[0]
}
