import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sequenceViolations } from './sequence-rules.js'
import { recordStatements, type StatementRecorder } from './statement-recorder.js'
import { violationsOf } from './statement-rules.js'

/**
 * A `describe` whose tests are recorded; its last test holds all that they sent to CockroachDB's dialect.
 * Tests run in the order of the file, so that this one sees the others' statements.
 */
export function describeRecorded(name: string, suite: () => void): void {
  describe(name, () => {
    let recorder: StatementRecorder | undefined

    beforeAll(() => {
      recorder = recordStatements()
    })

    afterAll(() => recorder?.stop())

    suite()

    test('all that was sent is in the dialect of CockroachDB', async () => {
      const statements = recorder?.statements ?? []
      expect(statements.length).toBeGreaterThan(0)
      const texts = new Set(statements.map(({ text }) => text))
      const violations = await Promise.all([...texts].map(violationsOf))
      expect([...violations.flat(), ...(await sequenceViolations(statements))]).toEqual([])
    })
  })
}
