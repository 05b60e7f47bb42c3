// Import this first: it ends the process, with a sentence, on a Node that is too old. So it uses nothing
// that an old Node would not parse or know.
import { readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const needed = engines.node.replace(/^>=/, '')
const [neededMajor, neededMinor] = needed.split('.').map(Number)
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(
    [
      `terrane: this is Node ${process.versions.node}, and Terrane needs ${needed} or newer.`,
      'Its dependencies use what older versions do not have.',
      'Next: install a current Node (https://nodejs.org, or `nvm install 22`) and run the same command again.',
    ].join('\n'),
  )
  process.exit(1)
}
