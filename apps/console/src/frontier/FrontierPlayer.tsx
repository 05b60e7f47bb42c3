import { useEffect } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { useRow, useRows } from '../app/use-rows.js'
import { textIn } from '../world/row.js'
import { pilotOf } from './pilot.js'

/** Ties the player's ship to the map, and clicks on empty space to its course. */
export function FrontierPlayer() {
  const model = useModel()
  const pilot = pilotOf(model)
  const own = useStore(model.own)
  const flyOnClick = useStore(pilot.flyOnClick)
  const ship = useRow(own)
  const plays = useStore(model.session.identity).state === 'playing'
  const [player] = useRows('players')
  const shipKey = plays && player !== undefined ? textIn(player[1], 'ship') : ''

  useEffect(() => {
    model.own.set(shipKey === '' ? undefined : { kind: 'ships', key: shipKey })
  }, [model, shipKey])

  useEffect(() => {
    model.onEmptySpace = plays && flyOnClick ? (x, y) => pilot.fly(x, y) : undefined
    return () => {
      model.onEmptySpace = undefined
    }
  }, [model, pilot, plays, flyOnClick])

  useEffect(() => {
    if (ship !== undefined) pilot.arrive()
  }, [pilot, ship])

  return null
}
