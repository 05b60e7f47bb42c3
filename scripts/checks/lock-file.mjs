// package-lock.json must be what `npm ci` accepts on a machine that we have never seen.
import { readFileSync } from 'node:fs'
import { ROOT } from '../setup/paths.mjs'

const FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']

/** What is wrong, one line each; empty when all is well. */
export async function checkLockFile() {
  const text = readFileSync(`${ROOT}package-lock.json`, 'utf8')
  const { packages } = JSON.parse(text)
  const problems = []
  for (const [path, locked] of Object.entries(packages)) {
    if (path.includes('node_modules/')) {
      // An address of one registry would be asked by everybody, whatever theirs is.
      if (/^https?:/.test(locked.resolved ?? '')) problems.push(`package-lock.json: ${path} names ${locked.resolved}`)
      continue
    }
    const manifest = JSON.parse(readFileSync(`${ROOT}${path === '' ? '' : `${path}/`}package.json`, 'utf8'))
    for (const field of FIELDS) {
      if (sorted(manifest[field]) !== sorted(locked[field])) {
        problems.push(`package-lock.json: ${field} of ${path || 'the root'} differ from package.json: run npm install`)
      }
    }
  }
  for (const { parent, name } of missingOptionals(packages)) {
    problems.push(
      `package-lock.json: ${name}, which ${parent} may need, is missing: run node scripts/mend-lock-file.mjs`,
    )
  }
  return problems
}

/**
 * Binaries for other systems that the lock file does not know. npm leaves them out when it cannot see them
 * while it writes the file; then `npm ci` refuses the file, and other systems go without.
 */
export function missingOptionals(packages) {
  return Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isResolvable(packages, parent, name))
      .map(([name, version]) => ({ parent, name, version })),
  )
}

/** As Node looks for it: from the package's own node_modules upwards. */
function isResolvable(packages, from, name) {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`] !== undefined) return true
    if (place === '') return false
  }
}

function sorted(record = {}) {
  return JSON.stringify(Object.entries(record).sort())
}
