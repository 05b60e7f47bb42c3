import { type ReadPlan, RestError } from '@terrane/gamedata'
import type { ReadRows } from '@terrane/store-postgres'
import type { MediaType } from './preferences.js'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly contentRange: string
  readonly body: string
}

/** What is sent of the rows that were read. @throws RestError PGRST103, PGRST116 */
export function answerOf(plan: ReadPlan, { rows, count }: ReadRows, media: MediaType): Answer {
  if (count !== undefined && plan.offset > count) {
    throw new RestError(416, 'PGRST103', 'Requested range not satisfiable', {
      details: `An offset of ${plan.offset} was requested, but there are only ${count} rows.`,
    })
  }
  const last = plan.offset + rows.length - 1
  const contentRange = `${rows.length === 0 ? '*' : `${plan.offset}-${last}`}/${count ?? '*'}`
  const status = count !== undefined && rows.length < count ? 206 : 200
  if (media === 'object') {
    const [only, ...others] = rows
    if (only === undefined || others.length > 0) {
      throw new RestError(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', {
        details: `The result contains ${rows.length} rows`,
      })
    }
    return { status, contentType: 'application/vnd.pgrst.object+json; charset=utf-8', contentRange, body: only }
  }
  if (media === 'csv') return { status, contentType: 'text/csv; charset=utf-8', contentRange, body: csvOf(plan, rows) }
  return { status, contentType: 'application/json; charset=utf-8', contentRange, body: `[${rows.join(',')}]` }
}

function csvOf({ select }: ReadPlan, rows: readonly string[]): string {
  const names = select.map(({ name }) => name)
  const lines = rows.map((row) => {
    const values = JSON.parse(row) as Readonly<Record<string, unknown>>
    return names.map((name) => cellOf(values[name])).join(',')
  })
  return [names.map(cellOf).join(','), ...lines].join('\n')
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
