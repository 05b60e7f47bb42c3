import { expect, test } from 'vitest'
import { diagnose } from './diagnosis.js'

test('a known failure says what to do, an unknown one keeps its code', () => {
  expect(diagnose('SQL', '25006').next).toBe('connect to the primary')
  expect(diagnose('TCP', '25006').why).toContain('25006')
})
