// Adds to package-lock.json the binaries of other systems that npm has left out (checks/lock-file.mjs tells).
// Their versions are pinned by the package that needs them; what they run on is in their names.
import { readFileSync, writeFileSync } from 'node:fs'
import { missingOptionals } from './checks/lock-file.mjs'
import { ROOT } from './setup/paths.mjs'

const FILE = `${ROOT}package-lock.json`
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x']
/** Names that some packages use in place of npm's. */
const ALIASES = { aarch64: 'arm64', armv7: 'arm' }

const lock = JSON.parse(readFileSync(FILE, 'utf8'))
for (const { parent, name, version } of missingOptionals(lock.packages)) {
  const parts = name
    .split('/')
    .at(-1)
    .split('-')
    .map((part) => ALIASES[part] ?? part)
  const os = SYSTEMS.find((system) => parts.includes(system))
  const cpu = PROCESSORS.find((processor) => parts.includes(processor))
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    console.error(`${name}@${version}, of ${parent}: cannot tell what it runs on; add it by hand`)
    process.exitCode = 1
    continue
  }
  const libc = parts.some((part) => part.startsWith('musl'))
    ? ['musl']
    : parts.some((part) => part.startsWith('gnu'))
      ? ['glibc']
      : undefined
  const dev = lock.packages[parent].dev === true ? { dev: true } : {}
  lock.packages[`node_modules/${name}`] = {
    version,
    cpu: [cpu],
    ...dev,
    ...(libc && { libc }),
    optional: true,
    os: [os],
  }
}
const entries = Object.entries(lock.packages).sort(([left], [right]) => left.localeCompare(right, 'en'))
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: Object.fromEntries(entries) }, undefined, 2)}\n`)
