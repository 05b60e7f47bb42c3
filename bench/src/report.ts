/** A figure that must reach, or must not pass, a bound. */
export type Floor = { figure: string; min: number } | { figure: string; max: number }

export type Figures = Record<string, number | string | null>

export interface Report {
  name: string
  figures: Figures
  floors: readonly Floor[]
}

interface FloorResult {
  min?: number
  max?: number
  passed: boolean
}

/**
 * Tells a person on stderr and, when asked, a program on the last line of stdout. The process will
 * exit with 1 when a floor is missed. A figure that is absent misses its floor: a benchmark that
 * measured nothing has not passed.
 */
export function report({ name, figures, floors }: Report, json: boolean): boolean {
  const results: Record<string, FloorResult> = {}
  for (const floor of floors) {
    const { figure, ...bound } = floor
    results[figure] = { ...bound, passed: meets(floor, figures[figure]) }
  }
  const passed = Object.values(results).every((result) => result.passed)
  note('')
  const width = Math.max(0, ...Object.keys(figures).map((key) => key.length))
  for (const [key, value] of Object.entries(figures)) {
    note(`  ${key.padEnd(width)}  ${value === null ? '–' : String(value)}${floorText(results[key])}`)
  }
  for (const figure of Object.keys(results)) {
    if (!(figure in figures)) note(`  ${figure.padEnd(width)}  not measured${floorText(results[figure])}`)
  }
  note(floors.length === 0 ? `${name}: done` : `${name}: ${passed ? 'passed' : 'MISSED A FLOOR'}`)
  if (json) process.stdout.write(`${JSON.stringify({ name, passed, figures, floors: results })}\n`)
  if (!passed) process.exitCode = 1
  return passed
}

function meets(floor: Floor, value: Figures[string] | undefined): boolean {
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  return 'min' in floor ? value >= floor.min : value <= floor.max
}

function floorText(result: FloorResult | undefined): string {
  if (result === undefined) return ''
  const bound = result.min === undefined ? `≤ ${result.max}` : `≥ ${result.min}`
  return `  (floor ${bound}: ${result.passed ? 'ok' : 'MISSED'})`
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
