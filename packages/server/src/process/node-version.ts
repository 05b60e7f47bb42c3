import { readFileSync } from 'node:fs'

/** What to tell a person whose Node is too old; undefined when it is not. Imports nothing that could fail on one. */
export function nodeProblem(version: string): string | undefined {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const needed = String(manifest.engines.node).replace(/^>=/, '')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number)
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined
  return [
    `terrane: this is Node ${version}, which is too old`,
    `  why:  Terrane and its dependencies need Node ${needed} or newer`,
    '  next: install a current Node (https://nodejs.org, or `nvm install 22`) and run the same command again',
  ].join('\n')
}
