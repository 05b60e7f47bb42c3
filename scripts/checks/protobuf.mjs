// The protobuf definitions are well-formed, and the code that is made of them is the committed one.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../setup/paths.mjs'
import { filesBelow } from '../setup/sources.mjs'

const PACKAGE = `${ROOT}packages/combat`
const GENERATED = 'src/generated'

/** What is wrong, one line each; empty when all is well. */
export function checkProtobuf() {
  const lint = buf(['lint'])
  if (lint !== '') return [lint]
  const dir = mkdtempSync(join(tmpdir(), 'terrane-protobuf-'))
  try {
    const failure = buf(['generate', '--output', dir])
    if (failure !== '') return [failure]
    return differences(`${dir}/${GENERATED}`, `${PACKAGE}/${GENERATED}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function buf(args) {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [`${ROOT}node_modules/@bufbuild/buf/bin/buf`, ...args],
    { cwd: PACKAGE, encoding: 'utf8' },
  )
  return status === 0 ? '' : `buf ${args[0]}: ${error?.message ?? `${stdout}${stderr}`.trim()}`
}

function differences(fresh, committed) {
  const files = new Set([...filesBelow(fresh), ...filesBelow(committed)])
  return [...files]
    .filter((file) => read(`${fresh}/${file}`) !== read(`${committed}/${file}`))
    .map((file) => `packages/combat/${GENERATED}/${file} is out of date: run npm run generate -w packages/combat`)
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
