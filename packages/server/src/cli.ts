/**
 * The process's first module. It imports nothing that an old Node cannot load, so that the version is
 * judged before anything else can fail on it.
 */
import { nodeProblem } from './process/node-version.js'

const problem = nodeProblem(process.versions.node)
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
} else {
  const { main } = await import('./command/main.js')
  await main(process.argv)
}
