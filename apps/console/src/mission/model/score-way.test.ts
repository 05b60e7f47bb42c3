import { COURIER, TERMINAL } from '@terrane/world-maglev'
import { expect, test } from 'vitest'
import { boardOf } from './score-board.js'
import { isThrough, type ScoreCopy, ScoreWay } from './score-way.js'

const copy = (player: string, points: number, more: Partial<ScoreCopy> = {}): ScoreCopy => ({
  player,
  points,
  cores: points / 100,
  mission: 1,
  missionCores: points / 100,
  $zone: 'persona-2',
  $stale: false,
  ...more,
})

test('a core is followed from its slot to the copies in both cars', () => {
  const way = new ScoreWay()
  way.look(TERMINAL, [copy('ann', 300)], 0)
  way.look(COURIER, [copy('ann', 300)], 0)
  way.slotted('ann', 4, 1_000)
  way.look(TERMINAL, [copy('ann', 300, { $stale: true })], 1_020)
  expect(way.traces[0]).toMatchObject({ slot: 4, zone: undefined, copiedMs: {}, wasStale: true })
  way.look(TERMINAL, [copy('ann', 400)], 1_040)
  expect(way.traces[0]).toMatchObject({ zone: 'persona-2', copiedMs: { [TERMINAL]: 40 } })
  way.look(COURIER, [copy('ann', 400)], 1_060)
  expect(way.traces.map(isThrough)).toEqual([true])
})

test('of several cores of one player the first comes first, and others are not mistaken for them', () => {
  const way = new ScoreWay()
  way.look(TERMINAL, [], 0)
  way.slotted('ann', 1, 100)
  way.slotted('ann', 2, 200)
  way.slotted('bob', 3, 300)
  way.look(TERMINAL, [copy('ann', 100)], 400)
  expect(way.traces.map(({ slot, copiedMs }) => [slot, copiedMs[TERMINAL]])).toEqual([
    [3, undefined],
    [2, undefined],
    [1, 300],
  ])
  way.look(TERMINAL, [copy('ann', 200), copy('bob', 100)], 500)
  expect(way.traces.map(({ copiedMs }) => copiedMs[TERMINAL])).toEqual([200, 300, 300])
})

test('a copy may come by one connection before the slot by the other', () => {
  const way = new ScoreWay()
  way.look(COURIER, [], 0)
  way.look(COURIER, [copy('ann', 100)], 50)
  way.slotted('ann', 1, 60)
  expect(way.traces[0]?.copiedMs).toEqual({ [COURIER]: 0 })
})

test('the board has the crew by cores of this mission, the newer of two copies, and who left points behind', () => {
  const lines = boardOf({
    copies: {
      'car-1': [copy('ann', 200), copy('bob', 900, { mission: 0 }), copy('gone', 100), copy('visitor', 0)],
      'car-2': [copy('ann', 300, { $stale: true }), copy('bob', 900, { mission: 0 })],
    },
    mission: 1,
    crew: new Set(['bob', 'ann', 'new']),
  })
  expect(lines.map(({ player, missionCores, points, isHere }) => [player, missionCores, points, isHere])).toEqual([
    ['ann', 3, 300, true],
    ['bob', 0, 900, true],
    ['new', 0, 0, true],
    ['gone', 1, 100, false],
  ])
  expect(lines[0]?.copies[TERMINAL]?.$stale).toBe(true)
})
