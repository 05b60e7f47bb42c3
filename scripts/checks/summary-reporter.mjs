import { writeFileSync } from 'node:fs'

/** A vitest reporter: what was passed, failed and skipped, and why skipped, as JSON in a file. */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      // A file that could not be loaded, or whose hooks failed, counts even without a test.
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) summary.failed++
      for (const test of tests) {
        const result = test.result()
        if (result.state === 'passed') summary.passed++
        else if (result.state === 'failed') summary.failed++
        else summary.skipped.push({ test: `${module.relativeModuleId} > ${test.fullName}`, reason: result.note })
      }
    }
    writeFileSync(process.env.TERRANE_TEST_SUMMARY, JSON.stringify(summary))
  }
}
