import { afterEach, expect, test, vi } from 'vitest'
import { median, report, round } from './report.js'

afterEach(() => {
  process.exitCode = undefined
  vi.restoreAllMocks()
})

test('a floor that is missed, or whose figure was not measured, fails the process', () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const figures = { ratio: 1.4, p99Ms: 60, none: null }
  expect(report({ name: 'x', figures, floors: [{ figure: 'ratio', min: 1.3 }] }, false)).toBe(true)
  expect(process.exitCode).toBeUndefined()
  expect(stdout).not.toHaveBeenCalled()
  for (const floor of [
    { figure: 'p99Ms', max: 50 },
    { figure: 'none', max: 1 },
    { figure: 'absent', min: 0 },
  ]) {
    process.exitCode = undefined
    expect(report({ name: 'x', figures, floors: [floor] }, true)).toBe(false)
    expect(process.exitCode).toBe(1)
  }
  const first = JSON.parse(String(stdout.mock.calls[0]?.[0]))
  expect(first).toEqual({ name: 'x', passed: false, figures, floors: { p99Ms: { max: 50, passed: false } } })
})

test('round keeps three digits, median takes the middle', () => {
  expect([12.345, 0.012345, 1234.5].map((value) => round(value))).toEqual([12.3, 0.0123, 1235])
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1])).toBe(2.5)
})
