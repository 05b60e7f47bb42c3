// `npm run check [-- part of a check's name]`: everything that is checked without running the code.
import { runChecks } from './checks/checks.mjs'
import { setup } from './setup.mjs'

await setup()
const { passed, failed } = await runChecks(process.argv[2])
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0 || passed === 0) process.exitCode = 1
