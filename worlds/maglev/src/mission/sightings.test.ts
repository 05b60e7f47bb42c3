import { expect, test } from 'vitest'
import type { CarView } from '../players/view.js'
import { Sightings } from './sightings.js'

/** A car with one core at `x`, and whatever else is the same for all. */
function viewAt(tick: number, x: number, { phase = 'running', runner = 1 } = {}): CarView {
  const table = <R extends object>(rows: R[], key: keyof R) => ({
    get: (wanted: string | number) => rows.find((row) => row[key] === wanted),
    all: () => rows,
  })
  const view = {
    cars: table([{ car: 'car-1', phase, mission: 1, tick }], 'car'),
    runners: table([{ player: 'ann', x: runner }], 'player'),
    cores: table([{ id: 1, x }], 'id'),
    slots: table([] as { id: number }[], 'id'),
    drones: table([{ id: 1, x: 5 }], 'id'),
  }
  return view as unknown as CarView
}

test('viewers that are shown the same at the same tick agree, also when each saw other ticks', () => {
  const sightings = new Sightings()
  for (const tick of [1, 2, 3]) sightings.saw('observer', 'car-1', viewAt(tick, tick * 10))
  for (const tick of [1, 3]) sightings.saw('ann', 'car-1', viewAt(tick, tick * 10))
  sightings.saw('bob', 'car-1', viewAt(2, 20))
  expect(sightings.compare('observer', 1)).toEqual({ compared: 3, differing: 0 })
  expect(sightings.standing('observer')).toEqual({ tickSpread: 1, cores: { compared: 2, differing: 0 } })
  expect(sightings.compare('observer', 2)).toEqual({ compared: 0, differing: 0 })
})

test('one row that differs in one column is seen', () => {
  const sightings = new Sightings()
  sightings.saw('observer', 'car-1', viewAt(7, 70))
  sightings.saw('ann', 'car-1', viewAt(7, 71))
  sightings.saw('bob', 'car-1', viewAt(7, 70, { runner: 2 }))
  sightings.saw('eve', 'car-1', viewAt(7, 70))
  expect(sightings.compare('observer', 1)).toEqual({ compared: 3, differing: 2 })
  expect(sightings.standing('observer').cores).toEqual({ compared: 3, differing: 1 })
})

test('inputs that are published between two ticks make no difference to whoever is shown one of the states', () => {
  const sightings = new Sightings()
  sightings.saw('observer', 'car-1', viewAt(7, 70))
  sightings.saw('observer', 'car-1', viewAt(7, 70, { runner: 2 }))
  sightings.saw('ann', 'car-1', viewAt(7, 70, { runner: 2 }))
  expect(sightings.compare('observer', 1)).toEqual({ compared: 1, differing: 0 })
})

test('where the observer was shown nothing, the others are held against each other', () => {
  const sightings = new Sightings()
  sightings.saw('ann', 'car-1', viewAt(9, 90))
  sightings.saw('bob', 'car-1', viewAt(9, 90))
  expect(sightings.compare('observer', 1)).toEqual({ compared: 2, differing: 0 })
  sightings.saw('eve', 'car-1', viewAt(9, 91))
  expect(sightings.compare('observer', 1)).toEqual({ compared: 3, differing: 1 })
})

test('between missions nothing counts, and clients that are ticks apart are found', () => {
  const sightings = new Sightings()
  sightings.saw('observer', 'car-1', viewAt(7, 1, { phase: 'lobby' }))
  expect(sightings.standOf('observer', 'car-1')).toBeUndefined()
  sightings.saw('observer', 'car-1', viewAt(9, 1))
  sightings.saw('ann', 'car-1', viewAt(4, 1))
  expect(sightings.standOf('ann', 'car-1')).toMatchObject({ mission: 1, tick: 4 })
  expect(sightings.standing('observer').tickSpread).toBe(5)
})
