import { connect } from '@terrane/client'
import type maglev from '@terrane/world-maglev'
import { CARS, DOOR, GRAB_REACH, SLOT_REACH, STICK_MAX } from '@terrane/world-maglev'

const server = process.argv[2] ?? 'http://127.0.0.1:4000'
const { token } = (await (await fetch(`${server}/api/guest`, { method: 'POST' })).json()) as { token: string }
// A car is a zone: one player, two connections.
const join = (zone: string) => connect<typeof maglev>(server, { token, zone, focus: { mode: 'all' } })
const cars = [await join('car-1'), await join('car-2')] as const
const [first, second] = cars

/** The nearest of them to a runner, and how far it is. */
function nearest<T extends { x: number; y: number }>(me: { x: number; y: number }, all: Iterable<T>) {
  const away = (one: T) => Math.hypot(one.x - me.x, one.y - me.y)
  const [found] = [...all].sort((a, b) => away(a) - away(b))
  return found === undefined ? undefined : { ...found, away: away(found) }
}

for (const car of cars) {
  car.on('state', () => {
    // In one car at a time, and in none while one goes through the door.
    const me = car.tables.runners.get(car.player)
    if (me === undefined || car.tables.cars.get(car.zone)?.phase !== 'running') return
    const core = nearest(
      me,
      [...car.tables.cores.all()].filter(({ carriedBy }) => carriedBy === null),
    )
    const slot = nearest(
      me,
      [...car.tables.slots.all()].filter(({ core }) => core === null),
    )
    const door = { x: car === first ? CARS['car-2'].from + 1_000_000 : CARS['car-1'].to - 1_000_000, y: DOOR.y }
    const goal = (me.carries === null ? core : slot) ?? door
    const turn = Math.max(1, Math.hypot(goal.x - me.x, goal.y - me.y))
    car.inputs.stick({
      x: Math.round(((goal.x - me.x) / turn) * STICK_MAX),
      y: Math.round(((goal.y - me.y) / turn) * STICK_MAX),
    })
    if (me.carries === null && core !== undefined && core.away < GRAB_REACH) car.inputs.grab({ core: core.id })
    if (me.carries !== null && slot !== undefined && slot.away < SLOT_REACH) car.inputs.slot({ slot: slot.id })
  })
}

second.tables['replicas.scores'].subscribe({
  update: ({ player, points, $zone }) => console.log(`${player} has ${points} points, says ${$zone}`),
})
if (second.tables.cars.get('car-2')?.phase === 'lobby') await second.inputs.start({ seconds: 60 }).applied
