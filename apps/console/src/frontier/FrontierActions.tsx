import { useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { useRow } from '../app/use-rows.js'
import { compact, title } from '../format.js'
import { numberIn, type Row, textIn } from '../world/row.js'
import { MASS } from './frontier-rules.js'
import { distance, type Pilot, pilotOf } from './pilot.js'

/** What the player can do with what is selected. */
export function FrontierActions({ kind, row }: { readonly kind: string; readonly row: Row }) {
  const model = useModel()
  const pilot = pilotOf(model)
  const own = useStore(model.own)
  const ship = useRow(own)
  if (ship === undefined || typeof row.x !== 'number') return null
  const away = distance(ship, row)
  const isOwnShip = kind === 'ships' && row.id === own?.key
  if (isOwnShip) return null
  return (
    <div className="row-actions" data-testid="row-actions">
      <button type="button" className="button" onClick={() => pilot.fly(numberIn(row, 'x'), numberIn(row, 'y'))}>
        Fly there <small>{compact(Math.round(away))} away</small>
      </button>
      {kind === 'resourceNodes' && (
        <button type="button" className="button" onClick={() => pilot.harvest(numberIn(row, 'id'))}>
          Harvest
        </button>
      )}
      {kind === 'structures' && <StructureActions structure={row} pilot={pilot} player={textIn(ship, 'owner')} />}
    </div>
  )
}

interface StructureActionsProps {
  readonly structure: Row
  readonly pilot: Pilot
  readonly player: string
}

function StructureActions({ structure, pilot, player }: StructureActionsProps) {
  const id = textIn(structure, 'id')
  const mine = structure.owner === player
  return (
    <>
      <button type="button" className="button" data-testid="repair" onClick={() => pilot.interact(id, 'repair')}>
        Repair
      </button>
      {structure.kind === 'refinery' && (
        <button type="button" className="button" onClick={() => pilot.interact(id, 'overhaul')}>
          Overhaul ship
        </button>
      )}
      {mine && (
        <button type="button" className="button" onClick={() => pilot.interact(id, 'dismantle')}>
          Dismantle
        </button>
      )}
      {mine && structure.kind === 'storage' && <Transfer storage={id} pilot={pilot} />}
    </>
  )
}

function Transfer({ storage, pilot }: { readonly storage: string; readonly pilot: Pilot }) {
  const [item, setItem] = useState('ore')
  const [amount, setAmount] = useState(10)
  return (
    <div className="transfer">
      <label className="field">
        <span>Item</span>
        <select value={item} onChange={(event) => setItem(event.target.value)}>
          {Object.keys(MASS).map((each) => (
            <option key={each} value={each}>
              {title(each)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Amount</span>
        <input
          type="number"
          min={1}
          max={10_000}
          value={amount}
          onChange={(event) => setAmount(Math.max(1, event.target.valueAsNumber || 1))}
        />
      </label>
      <button type="button" className="button" onClick={() => pilot.interact(storage, 'deposit', item, amount)}>
        Deposit
      </button>
      <button type="button" className="button" onClick={() => pilot.interact(storage, 'withdraw', item, amount)}>
        Withdraw
      </button>
    </div>
  )
}
