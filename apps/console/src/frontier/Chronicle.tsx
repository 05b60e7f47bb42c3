import { useModel } from '../app/console-model.js'
import { useRow, useRows } from '../app/use-rows.js'
import { useSeconds } from '../app/use-seconds.js'
import { cell } from '../format.js'
import { numberIn, type Row, textIn } from '../world/row.js'

const SHOWN = 4

/** The last notable events of the region. */
export function Chronicle() {
  const rows = useRows('chronicle')
  useSeconds()
  if (rows.length === 0) return null
  const latest = rows.sort(([, a], [, b]) => numberIn(b, 'at') - numberIn(a, 'at')).slice(0, SHOWN)
  return (
    <aside className="chronicle" aria-label="Chronicle" data-testid="chronicle">
      <ol>
        {latest.map(([key, row]) => (
          <Entry key={key} row={row} />
        ))}
      </ol>
    </aside>
  )
}

function Entry({ row }: { readonly row: Row }) {
  const model = useModel()
  const sectorRef = { kind: 'sectors', key: numberIn(row, 'sector') }
  const sector = useRow(sectorRef)
  const where = sector === undefined ? 'deep space' : textIn(sector, 'name')
  return (
    <li data-event={textIn(row, 'event')}>
      <button type="button" onClick={() => model.show(sectorRef)}>
        <span>{sentence(row, where)}</span>
        <small>{cell('at', new Date(numberIn(row, 'at')), model.stats.serverNowMs)}</small>
      </button>
    </li>
  )
}

function sentence(row: Row, where: string): string {
  const captain = textIn(row, 'captain')
  switch (row.event) {
    case 'founded':
      return `${captain} founded a settlement at ${where}`
    case 'beacon':
      return `${captain} lit a beacon at ${where}`
    case 'storm':
      return `A storm passed ${where}`
    default:
      return `${textIn(row, 'event')} ${captain} at ${where}`
  }
}
