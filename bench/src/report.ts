import { judge, type Report } from '@terrane/core'

export type { Figures, Floor, Report } from '@terrane/core'

/**
 * Tells a person on stderr and, when asked, a program on the last line of stdout. The process will
 * exit with 1 when a floor is missed.
 */
export function report(measured: Report, json: boolean): boolean {
  const judged = judge(measured)
  note('')
  for (const line of judged.lines) note(line)
  if (json) process.stdout.write(`${judged.json}\n`)
  if (!judged.passed) process.exitCode = 1
  return judged.passed
}

/** A line for the person who watches. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Columns as wide as they need to be; the first is text, the others are numbers. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return [line(headers), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/** Three significant digits and no exponent: what a table has room for. */
export function round(value: number, digits = 3): number {
  if (!Number.isFinite(value) || value === 0) return value
  if (Math.abs(value) >= 10 ** digits) return Math.round(value)
  return Number(value.toPrecision(digits))
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
