import { expect, test } from 'vitest'
import { CRITERIA, type CriterionName, judgeMission, type Observations } from './criteria.js'

const none = { compared: 100, differing: 0 }

/** A mission in which all is as it must be. */
const GOOD: Required<Observations> = {
  states: none,
  rest: none,
  end: { tickSpread: 1, cores: none },
  pace: { ticksPerSecond: 20, tickP99Ms: 2 },
  slots: { events: 50, inScores: 50, inRuns: 50, outOfOrder: 0 },
  clocks: { samples: 10, regressions: 0 },
  interestZones: 4,
  scoreVisibleMs: Array.from({ length: 800 }, (_, i) => i / 40),
  copies: { told: [50, 50], events: 50, staleTold: 7, wrong: 0, rest: none },
  attacks: [{ name: 'forged', succeeded: false }],
  storm: { dropped: 2, resyncMs: [100, 300], restarts: 0 },
  badNetwork: none,
  memoryGrowthMiB: 3,
}

/** For each criterion something that breaks it. */
const DOCTORED: Record<CriterionName, Partial<Observations>> = {
  desyncs: { states: { compared: 100, differing: 1 } },
  restDifferences: { rest: { compared: 32, differing: 1 } },
  coreTicksApart: { end: { tickSpread: 2, cores: none } },
  coreDifferences: { end: { tickSpread: 0, cores: { compared: 16, differing: 1 } } },
  ticksPerSecond: { pace: { ticksPerSecond: 19.7, tickP99Ms: 2 } },
  tickP99Ms: { pace: { ticksPerSecond: 20, tickP99Ms: 10.1 } },
  slotEvents: { slots: { events: 0, inScores: 0, inRuns: 0, outOfOrder: 0 } },
  slotOpsLost: { slots: { events: 50, inScores: 50, inRuns: 49, outOfOrder: 0 } },
  outOfOrder: { slots: { events: 50, inScores: 50, inRuns: 50, outOfOrder: 1 } },
  clockRegressions: { clocks: { samples: 10, regressions: 1 } },
  interestZones: { interestZones: 1 },
  scoreVisibleP99Ms: { scoreVisibleMs: [...Array(98).fill(1), 51, 51] },
  talliesMissing: { copies: { ...GOOD.copies, told: [50, 49] } },
  talliesStale: { copies: { ...GOOD.copies, staleTold: Number.NaN } },
  talliesWrong: { copies: { ...GOOD.copies, wrong: 1 } },
  scoreCopyDifferences: { copies: { ...GOOD.copies, rest: { compared: 512, differing: 1 } } },
  foreignWrites: { attacks: [...GOOD.attacks, { name: 'sql', succeeded: true }] },
  resyncMs: { storm: { ...GOOD.storm, resyncMs: [100, 5_001] } },
  restarts: { storm: { ...GOOD.storm, restarts: 1 } },
  badNetworkDesyncs: { badNetwork: { compared: 100, differing: 2 } },
  memoryGrowthMiB: { memoryGrowthMiB: 500 },
}

const failing = (observed: Observations) =>
  judgeMission(observed)
    .filter(({ passed }) => !passed)
    .map(({ name }) => name)

test('a mission in which all is as it must be passes', () => {
  expect(failing(GOOD)).toEqual([])
})

test.each(CRITERIA)('%s fails, and nothing else, when it is broken', (name) => {
  expect(failing({ ...GOOD, ...DOCTORED[name] })).toEqual([name])
})

test('what was not observed, or had nothing to observe, is not passed', () => {
  expect(failing({})).toEqual([...CRITERIA])
  expect(failing({ ...GOOD, states: { compared: 0, differing: 0 } })).toEqual(['desyncs'])
  expect(failing({ ...GOOD, scoreVisibleMs: [] })).toEqual(['scoreVisibleP99Ms'])
  expect(failing({ ...GOOD, attacks: [] })).toEqual(['foreignWrites'])
  // One of the bots never came back.
  expect(failing({ ...GOOD, storm: { ...GOOD.storm, resyncMs: [100] } })).toEqual(['resyncMs'])
  expect(failing({ ...GOOD, clocks: { samples: 0, regressions: 0 } })).toEqual(['clockRegressions'])
})

test('only the criteria that were asked for are judged', () => {
  expect(judgeMission(GOOD, ['desyncs'])).toEqual([
    { name: 'desyncs', figure: 0, floor: { max: 0 }, passed: true, sentence: expect.any(String) },
  ])
})
