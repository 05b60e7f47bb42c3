import { useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { useRow, useRows } from '../app/use-rows.js'
import { title } from '../format.js'
import { numberIn, type Row, textIn } from '../world/row.js'
import {
  affordable,
  type Bill,
  billText,
  RECIPE_USES,
  STRUCTURE_COSTS,
  type Stock,
  timesCovered,
} from './frontier-rules.js'
import { Hold } from './Hold.js'
import { type Pilot, pilotOf } from './pilot.js'
import { ShipCard } from './ShipCard.js'

/** Everything a captain can do: harvest, craft, build; flying is done on the map. */
export function FrontierControls() {
  const model = useModel()
  const pilot = pilotOf(model)
  const ship = useRow(useStore(model.own))
  const heading = useStore(pilot.heading)
  const flyOnClick = useStore(pilot.flyOnClick)
  const stock = useHold()
  const [group, setGroup] = useState<'craft' | 'build'>('craft')
  if (ship === undefined) return <p className="hint">Your ship is being made ready…</p>
  return (
    <div className="frontier-controls" data-testid="frontier-controls">
      <ShipCard ship={ship} />
      <Hold stock={stock} />
      <div className="action-row">
        <button type="button" className="button primary" data-testid="harvest" onClick={() => pilot.harvestNearest()}>
          {heading === undefined ? 'Harvest nearest' : 'Flying to harvest…'}
        </button>
        <label className="switch">
          <input
            type="checkbox"
            checked={flyOnClick}
            onChange={(event) => pilot.flyOnClick.set(event.target.checked)}
          />
          <span>Fly where I click</span>
        </label>
      </div>
      <fieldset className="choices">
        <legend className="choice-tabs">
          {(['craft', 'build'] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="choice-tab"
              aria-pressed={group === each}
              data-testid={`group-${each}`}
              onClick={() => setGroup(each)}
            >
              {title(each)}
            </button>
          ))}
        </legend>
        {group === 'craft' ? <Crafts stock={stock} pilot={pilot} /> : <Builds stock={stock} pilot={pilot} />}
      </fieldset>
    </div>
  )
}

function Crafts({ stock, pilot }: { readonly stock: Stock; readonly pilot: Pilot }) {
  return (
    <div className="choice-grid">
      {Object.entries(RECIPE_USES).map(([recipe, uses]) => (
        <Choice
          key={recipe}
          name={recipe}
          bill={uses}
          stock={stock}
          testId={`craft-${recipe}`}
          onChoose={() => pilot.craft(recipe, Math.min(100, Math.max(1, timesCovered(uses, stock))))}
        />
      ))}
    </div>
  )
}

function Builds({ stock, pilot }: { readonly stock: Stock; readonly pilot: Pilot }) {
  return (
    <div className="choice-grid">
      {Object.entries(STRUCTURE_COSTS).map(([kind, cost]) => (
        <Choice
          key={kind}
          name={kind}
          bill={cost}
          stock={stock}
          testId={`build-${kind}`}
          onChoose={() => pilot.build(kind)}
        />
      ))}
    </div>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly bill: Bill
  readonly stock: Stock
  readonly testId: string
  onChoose(): void
}

/** Dimmed when the hold lacks something, and still a button: the server says what is missing. */
function Choice({ name, bill, stock, testId, onChoose }: ChoiceProps) {
  return (
    <button
      type="button"
      className="choice"
      data-short={!affordable(bill, stock)}
      data-testid={testId}
      onClick={onChoose}
    >
      <b>{title(name)}</b>
      <small>{billText(bill)}</small>
    </button>
  )
}

/** What lies in the hold of the player's ship. */
function useHold(): Stock {
  const rows = useRows('inventories', inHold)
  return new Map(rows.map(([, row]) => [textIn(row, 'item'), numberIn(row, 'amount')]))
}

function inHold(row: Row): boolean {
  return row.storage === ''
}
