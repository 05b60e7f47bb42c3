import { useMemo, useState, useSyncExternalStore } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { subscribeEvery } from '../app/use-media.js'
import { compact, title } from '../format.js'
import { type Key, type Row, sameRef } from '../world/row.js'

const ROWS_MAX = 60
const everyHalfSecond = subscribeEvery(500)

/** All rows in sight as lists: the way to anything on the map with a keyboard or a screen reader. */
export function BrowsePanel() {
  const model = useModel()
  const kinds = useMemo(
    () => model.view.descriptor.kinds.filter(({ visible }) => visible.to !== 'nobody').map(({ name }) => name),
    [model],
  )
  const [kind, setKind] = useState(() => model.view.map.points.at(-1)?.kind ?? kinds[0] ?? '')
  const [query, setQuery] = useState('')
  const selected = useStore(model.selected)
  useSyncExternalStore(everyHalfSecond, () => Math.floor(performance.now() / 500))
  const { rows, total } = find(model.rows(kind), query, (row) => model.view.label(kind, row))
  return (
    <div className="browse">
      <div className="browse-query">
        <label className="field">
          <span>Kind</span>
          <select value={kind} data-testid="browse-kind" onChange={(event) => setKind(event.target.value)}>
            {kinds.map((name) => (
              <option key={name} value={name}>
                {title(name)} ({compact(model.link?.count(name) ?? 0)})
              </option>
            ))}
          </select>
        </label>
        <label className="field grow">
          <span>Find</span>
          <input
            type="search"
            value={query}
            placeholder="name or key"
            data-testid="browse-find"
            onChange={(event) => setQuery(event.target.value)}
          />
        </label>
      </div>
      <ul className="browse-rows">
        {rows.map(({ key, label }) => (
          <li key={key}>
            <button
              type="button"
              className="browse-row"
              aria-current={sameRef(selected, { kind, key })}
              onClick={() => model.show({ kind, key })}
            >
              <span>{label ?? String(key)}</span>
              {label !== undefined && <code>{String(key)}</code>}
            </button>
          </li>
        ))}
      </ul>
      {total === 0 && <p className="hint">No such rows in sight.</p>}
      {total > rows.length && (
        <p className="hint">
          {rows.length} of {total}
        </p>
      )}
    </div>
  )
}

interface FoundRow {
  readonly key: Key
  readonly label: string | undefined
}

/** By name, then key: rows come and go, and those that stay must not change places under a finger. */
function find(
  all: Iterable<readonly [Key, Row]>,
  query: string,
  label: (row: Row) => string | undefined,
): { rows: FoundRow[]; total: number } {
  const wanted = query.trim().toLowerCase()
  const found: FoundRow[] = []
  for (const [key, row] of all) {
    const each = { key, label: label(row) }
    if (wanted === '' || `${each.label ?? ''} ${key}`.toLowerCase().includes(wanted)) found.push(each)
  }
  found.sort((a, b) => compare(a.label ?? '', b.label ?? '') || compare(a.key, b.key))
  return { rows: found.slice(0, ROWS_MAX), total: found.length }
}

function compare(a: Key, b: Key): number {
  return a < b ? -1 : a > b ? 1 : 0
}
