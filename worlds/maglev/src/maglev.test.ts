import { expect, test } from 'vitest'
import { COURIER, CREW_MAX, QUOTA, REJECTIONS, TERMINAL, THROW_MAX } from './index.js'
import { Brain } from './players/brain.js'
import { openTrain, type Train } from './test-support/train.js'

async function crewOf(count: number): Promise<{ train: Train; brains: Map<string, Brain> }> {
  const train = await openTrain()
  const brains = new Map<string, Brain>()
  for (let i = 0; i < count; i++) {
    train.board(`player ${i}`)
    brains.set(`player ${i}`, new Brain(`player ${i}`, i))
  }
  await train.time.advance(200)
  return { train, brains }
}

const noFailures = ({ events }: Train) =>
  expect(events.filter(({ type }) => /dead|failed|rejected|refused/.test(type))).toEqual([])

test('sixteen bots win a mission, and every core that was slotted is in a score', async () => {
  const { train, brains } = await crewOf(16)
  expect(train.send('player 3', TERMINAL, 'start', { seed: 7 })).toBe(1)
  expect(train.send('player 4', TERMINAL, 'start')).toBe('running')
  for (let second = 0; second < 183; second++) {
    await train.play(brains, 1_000)
    expect(train.problems()).toEqual([])
  }
  const [mission] = train.missions()
  expect(mission).toMatchObject({ id: 1, seed: 7, quota: QUOTA, result: 'won' })
  expect(Number(mission?.endedAt) - Number(mission?.startedAt)).toBe(180_000)
  const slotted = train.scores().reduce((sum, { cores }) => sum + cores, 0)
  expect(slotted).toBe(mission?.slotted)
  expect(slotted).toBeGreaterThan(QUOTA)
  expect(train.runs()).toHaveLength(16)
  expect(train.runs().reduce((sum, { cores }) => sum + cores, 0)).toBe(slotted)
  for (const [zone, { cars }] of Object.entries(train.view)) {
    // All were told of all scores, and no copy that was behind looked as if it was not.
    expect(cars.get(zone)).toMatchObject({ phase: 'lobby', tallies: slotted, talliesWrong: 0 })
  }
  expect([...train.view[COURIER].runners.all()]).toHaveLength(16)
  noFailures(train)
})

test('a mission in which nobody does anything is lost, and the next can begin', async () => {
  const { train } = await crewOf(2)
  expect(train.send('player 0', TERMINAL, 'start', { seconds: 2 })).toBe(1)
  await train.time.advance(2_100)
  expect(train.missions()).toMatchObject([{ result: 'lost' }])
  expect(train.send('player 0', TERMINAL, 'start', { seconds: 2 })).toBe('running')
  await train.time.advance(2_100)
  expect(train.send('player 1', TERMINAL, 'start', { seconds: 2 })).toBe(2)
  await train.time.advance(2_100)
  expect(train.runs()).toMatchObject(Array(4).fill({ cores: 0, result: 'lost' }))
  noFailures(train)
})

test('missions that end at any moment, also with people in the door, leave everybody in the first car', async () => {
  const { train, brains } = await crewOf(16)
  for (let mission = 1; mission <= 12; mission++) {
    const seconds = 9 + (mission % 5)
    expect(train.send('player 0', TERMINAL, 'start', { seconds })).toBe(mission)
    await train.play(brains, seconds * 1_000 + 2_300)
    expect(train.problems()).toEqual([])
    expect([...train.view[COURIER].runners.all()]).toHaveLength(16)
    expect([...train.view[TERMINAL].runners.all()]).toEqual([])
  }
  const slotted = train.missions().reduce((sum, mission) => sum + mission.slotted, 0)
  expect(slotted).toBeGreaterThan(0)
  expect(train.scores().reduce((sum, { cores }) => sum + cores, 0)).toBe(slotted)
  noFailures(train)
})

test('what cannot be done is refused, and says why', async () => {
  const { train } = await crewOf(2)
  const ann = 'player 0'
  expect(train.send(ann, TERMINAL, 'stick', { x: 0, y: 0 })).toBe('elsewhere')
  expect(train.send(ann, COURIER, 'grab', { core: 1 })).toBe('not_running')
  expect(train.send(ann, COURIER, 'start')).toBe('not_the_terminal')
  train.board('late')
  expect(train.send('late', TERMINAL, 'start')).toBe('not_enlisted')
  train.send(ann, TERMINAL, 'start')
  await train.time.advance(100)
  expect(train.send(ann, COURIER, 'grab', { core: 99 })).toBe('not_found')
  expect(train.send(ann, COURIER, 'hurl', { x: 0, y: 0 })).toBe('empty_handed')
  expect(train.send(ann, COURIER, 'slot', { slot: 1 })).toBe('not_the_terminal')
  expect(train.send(ann, COURIER, 'stick', { x: 2_000, y: 0 })).toBe('invalid_args')
  expect(Object.keys(REJECTIONS)).toContain('elsewhere')
})

test('a core is taken, thrown, taken again, carried through the door and slotted', async () => {
  const { train, brains } = await crewOf(1)
  const ann = 'player 0'
  const { [COURIER]: courier, [TERMINAL]: terminal } = train.view
  train.send(ann, TERMINAL, 'start', { seed: 1 })
  const playUntil = async (isDone: () => boolean) => {
    for (let i = 0; i < 3_000 && !isDone(); i++) await train.play(brains, 50)
    expect(isDone()).toBe(true)
  }
  const hands = () => courier.runners.get(ann)?.carries ?? null
  await playUntil(() => hands() !== null)
  const core = Number(hands())
  expect(courier.cores.get(core)).toMatchObject({ carriedBy: ann, vx: 0, vy: 0 })
  expect(train.send(ann, COURIER, 'grab', { core })).toBe('hands_full')
  expect(train.send(ann, COURIER, 'hurl', { x: -1_000, y: 0 })).toBeUndefined()
  expect(courier.cores.get(core)).toMatchObject({ carriedBy: null, touchedBy: ann, vx: -THROW_MAX })
  let brought = 0
  await playUntil(() => {
    brought = terminal.runners.get(ann)?.carries ?? brought
    return brought !== 0
  })
  expect(terminal.cores.get(brought)).toMatchObject({ carriedBy: ann })
  expect(courier.cores.get(brought)).toBeUndefined()
  await playUntil(() => train.scores().some(({ cores }) => cores > 0))
  expect(train.scores()).toMatchObject([{ player: ann, points: 100, outOfOrder: 0 }])
  noFailures(train)
})

test('the crew is bounded', async () => {
  const { train } = await crewOf(CREW_MAX + 1)
  expect([...train.view[COURIER].runners.all()]).toHaveLength(CREW_MAX)
  expect(train.send(`player ${CREW_MAX}`, COURIER, 'stick', { x: 0, y: 0 })).toBe('elsewhere')
})
