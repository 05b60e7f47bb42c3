import { readFileSync } from 'node:fs'

/** The version of a peer as this benchmark pins it. */
export function versionOf(dependency: string): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return manifest.dependencies[dependency] ?? '?'
}
