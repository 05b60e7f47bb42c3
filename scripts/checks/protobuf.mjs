// The protobuf definitions are well-formed, and the code that is made of them is the committed one.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../setup/paths.mjs'
import { filesBelow } from '../setup/sources.mjs'

const PACKAGES = ['packages/combat', 'packages/node']
const GENERATED = 'src/generated'

/** What is wrong, one line each; empty when all is well. */
export function checkProtobuf() {
  return PACKAGES.flatMap(checkPackage)
}

function checkPackage(name) {
  const lint = buf(name, ['lint'])
  if (lint !== '') return [lint]
  const dir = mkdtempSync(join(tmpdir(), 'terrane-protobuf-'))
  try {
    const failure = buf(name, ['generate', '--output', dir])
    if (failure !== '') return [failure]
    return differences(`${dir}/${GENERATED}`, name)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function buf(name, args) {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [`${ROOT}node_modules/@bufbuild/buf/bin/buf`, ...args],
    { cwd: ROOT + name, encoding: 'utf8' },
  )
  return status === 0 ? '' : `${name}: buf ${args[0]}: ${error?.message ?? `${stdout}${stderr}`.trim()}`
}

function differences(fresh, name) {
  const committed = `${ROOT}${name}/${GENERATED}`
  const files = new Set([...filesBelow(fresh), ...filesBelow(committed)])
  return [...files]
    .filter((file) => read(`${fresh}/${file}`) !== read(`${committed}/${file}`))
    .map((file) => `${name}/${GENERATED}/${file} is out of date: run npm run generate -w ${name}`)
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
