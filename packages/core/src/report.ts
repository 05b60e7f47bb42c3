/** A figure that must reach, or must not pass, a bound. */
export type Floor =
  | { readonly figure: string; readonly min: number }
  | { readonly figure: string; readonly max: number }

export type Figures = Record<string, number | string | null>

export interface Report {
  readonly name: string
  readonly figures: Figures
  readonly floors: readonly Floor[]
}

interface FloorResult {
  min?: number
  max?: number
  passed: boolean
}

export interface JudgedReport {
  readonly passed: boolean
  /** For a person: a line per figure, then the verdict. */
  readonly lines: readonly string[]
  /** For a program: one line of JSON with name, passed, figures and floors. */
  readonly json: string
}

/**
 * Holds figures against their floors. A figure that is absent misses its floor: a command that
 * measured nothing has not passed.
 */
export function judge({ name, figures, floors }: Report): JudgedReport {
  const results: Record<string, FloorResult> = {}
  for (const floor of floors) {
    const { figure, ...bound } = floor
    results[figure] = { ...bound, passed: meets(floor, figures[figure]) }
  }
  const passed = Object.values(results).every((result) => result.passed)
  const width = Math.max(0, ...Object.keys(figures).map((key) => key.length))
  const lines = Object.entries(figures).map(
    ([key, value]) => `  ${key.padEnd(width)}  ${value === null ? '–' : String(value)}${floorText(results[key])}`,
  )
  for (const figure of Object.keys(results)) {
    if (!(figure in figures)) lines.push(`  ${figure.padEnd(width)}  not measured${floorText(results[figure])}`)
  }
  lines.push(floors.length === 0 ? `${name}: done` : `${name}: ${passed ? 'passed' : 'MISSED A FLOOR'}`)
  return { passed, lines, json: JSON.stringify({ name, passed, figures, floors: results }) }
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
