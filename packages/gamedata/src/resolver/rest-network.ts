import type { TableName } from '@terrane/combat'
import { messageOf, TerraneError } from '@terrane/core'
import type { ColumnRow, GameNetwork, GameRevision } from './ports.js'
import { tableNamed } from './rows.js'

const PAGE_ROWS = 5_000

/** Game data from a server's read API, or from any PostgREST with the same tables. */
export class RestNetwork implements GameNetwork {
  readonly #url: string
  readonly #fetch: typeof fetch

  /** @param url of the server: `https://play.example.com` */
  constructor(url: string, doFetch: typeof fetch = (...request) => fetch(...request)) {
    this.#url = url.replace(/\/+$/, '')
    this.#fetch = doFetch
  }

  async current(): Promise<GameRevision> {
    const [only] = await this.#get('meta', { select: 'revision,checksum', limit: '1' })
    if (only !== undefined) return { revision: String(only.revision), checksum: String(only.checksum) }
    throw new TerraneError('no_game_data', `${this.#url} has no game data`, {
      hint: 'Load some there: terrane gamedata import',
      retry: 'later',
    })
  }

  async table(revision: string, table: TableName): Promise<readonly ColumnRow[]> {
    const { columns, key } = tableNamed(table)
    const rows: ColumnRow[] = []
    for (;;) {
      const page = await this.#get(table, {
        select: columns.map(({ name }) => name).join(','),
        revision: `eq.${revision}`,
        order: key.join(','),
        limit: String(PAGE_ROWS),
        offset: String(rows.length),
      })
      rows.push(...page)
      if (page.length < PAGE_ROWS) break
    }
    if (rows.length === 0) await this.#checkKept(revision)
    return rows
  }

  async row(revision: string, table: TableName, id: number): Promise<ColumnRow | undefined> {
    const select = tableNamed(table).columns.map(({ name }) => name)
    const [only] = await this.#get(table, {
      select: select.join(','),
      revision: `eq.${revision}`,
      id: `eq.${id}`,
      limit: '1',
    })
    if (only === undefined) await this.#checkKept(revision)
    return only
  }

  /** No rows can also mean that the revision is gone. */
  async #checkKept(revision: string): Promise<void> {
    const found = await this.#get('meta', { select: 'revision', revision: `eq.${revision}` })
    if (found.length > 0) return
    throw new TerraneError('revision_gone', `the revision ${revision} is not kept any more`, {
      hint: 'Begin again with the current one.',
    })
  }

  async #get(table: string, parameters: Readonly<Record<string, string>>): Promise<readonly ColumnRow[]> {
    const url = `${this.#url}/rest/v1/${table}?${new URLSearchParams(parameters)}`
    let answer: Response
    try {
      answer = await this.#fetch(url, { headers: { accept: 'application/json', 'accept-profile': 'game' } })
      if (answer.ok) return (await answer.json()) as ColumnRow[]
    } catch (error) {
      throw new TerraneError(
        'game_data_unreachable',
        `${this.#url} cannot be asked for ${table}: ${messageOf(error)}`,
        {
          hint: 'See whether the server runs, and whether the address is right.',
          retry: 'later',
          cause: error,
        },
      )
    }
    const { code = '', message = '', hint } = (await answer.json().catch(() => ({}))) as Record<string, string>
    throw new TerraneError('game_data_refused', `${table}: status ${answer.status}, ${code} ${message}`.trim(), {
      hint: hint ?? 'See whether the address is that of a Terrane server, of the same version.',
      ...(answer.status >= 500 || answer.status === 429 ? { retry: 'later' } : {}),
    })
  }
}
