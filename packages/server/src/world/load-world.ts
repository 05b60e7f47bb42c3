import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { messageOf, TerraneError } from '@terrane/core'
import type { AnyWorld } from '@terrane/engine'
import { CommandFailure } from '../process/failure.js'

export interface LoadedWorld {
  readonly world: AnyWorld
  /** A script that plays the world as ordinary clients; undefined when the world has none. */
  readonly botsScript: string | undefined
}

const PACKAGE_PREFIX = '@terrane/world-'
const BOTS_SCRIPT = join('bots', 'main.js')

/**
 * Loads a world by the name of a workspace (`frontier`), or from a .ts or .js file whose default export
 * is a world. Throws `CommandFailure`.
 */
export async function loadWorld(nameOrPath: string): Promise<LoadedWorld> {
  const isPath = /[/\\]|\.[cm]?[jt]s$/.test(nameOrPath)
  const file = isPath ? fileOf(nameOrPath) : entryOfPackage(nameOrPath)
  const module = await importModule(nameOrPath, file)
  const world = worldOf(module)
  if (world === undefined) {
    throw new CommandFailure('invalid_world', {
      what: `the world "${nameOrPath}" cannot be run`,
      why: `${file} has no default export that defineWorld has returned`,
      next: 'end that file with: export default defineWorld({ … })',
    })
  }
  const botsScript = join(dirname(file), BOTS_SCRIPT)
  return { world, botsScript: existsSync(botsScript) ? botsScript : undefined }
}

function fileOf(path: string): string {
  const file = resolve(path)
  if (existsSync(file) && statSync(file).isFile()) return file
  throw new CommandFailure('unknown_world', {
    what: `the world "${path}" cannot be loaded`,
    why: existsSync(file) ? `${file} is a directory` : `there is no file ${file}`,
    next: 'give the path of a .ts or .js file, or the name of a world of this repository, to --world',
  })
}

function entryOfPackage(name: string): string {
  try {
    if (!/^[a-z0-9-]+$/.test(name)) throw new Error('not a package name')
    return fileURLToPath(import.meta.resolve(`${PACKAGE_PREFIX}${name}`))
  } catch (cause) {
    const known = knownWorlds()
    throw new CommandFailure('unknown_world', {
      what: `the world "${name}" cannot be loaded`,
      why: `there is no world of that name${known.length === 0 ? '' : `; there are: ${known.join(', ')}`}`,
      next: 'correct the name, or give the path of a file: --world ./my-world.ts',
      cause,
    })
  }
}

/** The worlds among the repository's workspaces: those that export one. */
function knownWorlds(): string[] {
  try {
    const root = fileURLToPath(new URL('../../../../worlds', import.meta.url))
    return readdirSync(root).filter((name) => exportsWorld(join(root, name, 'package.json')))
  } catch {
    return []
  }
}

function exportsWorld(manifest: string): boolean {
  try {
    return '.' in JSON.parse(readFileSync(manifest, 'utf8')).exports
  } catch {
    return false
  }
}

async function importModule(name: string, file: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(file).href
  try {
    if (!/\.[cm]?tsx?$/.test(file)) return await import(url)
    const { tsImport } = await import('tsx/esm/api')
    return await tsImport(url, import.meta.url)
  } catch (cause) {
    throw new CommandFailure(cause instanceof TerraneError ? cause.code : 'invalid_world', {
      what: `the world "${name}" cannot be loaded`,
      why: messageOf(cause),
      next: (cause as TerraneError).hint ?? nextFor(file, messageOf(cause)),
      cause,
    })
  }
}

function nextFor(file: string, message: string): string {
  if (/Cannot find (module|package) '@terrane/.test(message)) {
    return `move ${file} into this repository, or into a project that has Terrane installed`
  }
  return `correct ${file}; LOG_LEVEL=debug shows where it failed`
}

function worldOf(module: Record<string, unknown>): AnyWorld | undefined {
  // In a project without "type": "module" the export arrives wrapped once more.
  const inner = (module.default as { default?: unknown } | undefined)?.default
  const found = (inner ?? module.default) as Partial<AnyWorld> | undefined
  const isWorld = typeof found === 'object' && Array.isArray(found?.schemas) && Array.isArray(found.inputNames)
  return isWorld ? (found as AnyWorld) : undefined
}
