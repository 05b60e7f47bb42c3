import { badConfig } from './config.js'

interface Named {
  readonly id: number
  readonly token: string
}

/** The row with that id or token. Throws `bad_combat_config`, naming the field, when there is none. */
export function lookup<R extends Named>(rows: Iterable<R>, reference: number | string, field: string, what: string): R {
  const known: R[] = []
  for (const row of rows) {
    if (row.id === reference || row.token === reference) return row
    known.push(row)
  }
  const tokens = known.map(({ token }) => token).sort()
  const shown = tokens.slice(0, 40).join(', ') + (tokens.length > 40 ? ', …' : '')
  throw badConfig(
    `${field}: there is no ${what} "${reference}"`,
    known.length === 0 ? undefined : `There are ${shown}.`,
  )
}

/** The same where there are many, by their ids and tokens. */
export function lookupIndexed<R extends Named>(
  { byId, byToken }: { readonly byId: ReadonlyMap<number, R>; readonly byToken: ReadonlyMap<string, R> },
  reference: number | string,
  field: string,
  what: string,
): R {
  const found = typeof reference === 'number' ? byId.get(reference) : byToken.get(reference)
  return found ?? lookup(byId.values(), reference, field, what)
}
