import { useModel } from '../app/console-model.js'
import { useRow } from '../app/use-rows.js'
import { numberIn, type Row, textIn } from '../world/row.js'
import { HULL_MAX } from './frontier-rules.js'

/** The player's ship: its name, where it is, and how it is. */
export function ShipCard({ ship }: { readonly ship: Row }) {
  const model = useModel()
  const sector = useRow({ kind: 'sectors', key: numberIn(ship, 'sector') })
  const hull = numberIn(ship, 'hull')
  const where = sector === undefined ? 'deep space' : textIn(sector, 'name')
  return (
    <div className="ship-card">
      <div>
        <h2 data-testid="ship-name">{textIn(ship, 'name')}</h2>
        <p>
          {textIn(ship, 'captain')} · {ship.moving === true ? `under way near ${where}, ${eta(ship)}` : `at ${where}`}
        </p>
      </div>
      <button type="button" className="button" onClick={() => model.show({ kind: 'ships', key: textIn(ship, 'id') })}>
        Show
      </button>
      <div className="meter" role="img" aria-label={`Hull ${hull} of ${HULL_MAX}`}>
        <span>Hull</span>
        <span className="meter-bar">
          <span style={{ width: `${(hull / HULL_MAX) * 100}%` }} data-low={hull < HULL_MAX / 2} />
        </span>
        <span className="meter-figure">{hull}</span>
      </div>
    </div>
  )
}

function eta(ship: Row): string {
  const way = Math.hypot(
    numberIn(ship, 'targetX') - numberIn(ship, 'x'),
    numberIn(ship, 'targetY') - numberIn(ship, 'y'),
  )
  return `${Math.ceil(way / Math.max(1, numberIn(ship, 'speed')))} s to go`
}
