// `npm test`: set-up, then everything that must hold before a change is good. The last line counts the
// checks and the tests together.
import { runChecks } from './checks/checks.mjs'
import { runTests } from './checks/test-run.mjs'
import { setup } from './setup.mjs'

// Whatever ends this early, somebody reads the last line.
let line = '0 passed, 1 failed, 0 skipped'
process.on('exit', () => console.log(line))

await setup()
const checks = await runChecks()
const tests = await runTests(process.argv.slice(2))
if (tests.skipped.length > 0) console.log(`Skipped:\n${tests.skipped.map(describe).join('\n')}`)
const failed = checks.failed + tests.failed
line = `${checks.passed + tests.passed} passed, ${failed} failed, ${tests.skipped.length} skipped`
if (failed > 0) process.exitCode = 1

function describe({ test, reason }) {
  return `  ${test}: ${reason ?? 'no reason given'}`
}
