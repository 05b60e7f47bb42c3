import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CRITERIA } from './mission/index.js'
import { FLOOR } from './physics/index.js'
import * as rules from './rules.js'

const guide = readFileSync(new URL('../../../docs/guides/maglev.md', import.meta.url), 'utf8')

test('the guide has the numbers of the rules', () => {
  const metres = (um: number) => um / 1_000_000
  const seconds = (ticks: number) => ticks / rules.TICKS_PER_SECOND
  const perSecond = (umPerTick: number) => metres(umPerTick) * rules.TICKS_PER_SECOND
  const lines: readonly [what: string, how: string][] = [
    ['the floor', `${metres(FLOOR.x)} m × ${metres(FLOOR.y)} m`],
    ['the door in it', `${metres(2 * rules.DOOR.half)} m wide`],
    ['ticks', `${rules.TICKS_PER_SECOND} per second`],
    ['a mission', `${rules.MISSION_SECONDS} s, or from ${rules.MISSION_SECONDS_MIN} s on`],
    ['won with', `${rules.QUOTA} cores in ${rules.MISSION_SECONDS} s`],
    ['cores at once', `${rules.CORES}: another`],
    ['a slot reads for', `${seconds(rules.UPLOAD_TICKS)} s; there are ${rules.SLOTS.length}`],
    ['a core in a slot', `${rules.POINTS_PER_CORE} points`],
    ['walking', `${perSecond(rules.WALK_SPEED)} m/s`],
    ['reach to grab', `${metres(rules.GRAB_REACH)} m, and ${metres(rules.SLOT_REACH)} m`],
    ['a throw', `up to ${perSecond(rules.THROW_MAX)} m/s`],
    [
      'drones',
      `${rules.DRONES_PER_CAR} in each car, ${perSecond(rules.DRONE_SPEED)} m/s, they see ${metres(rules.DRONE_SIGHT)} m`,
    ],
    [
      'whom a drone',
      `stands for ${seconds(rules.STUN_TICKS)} s and lets go; the drone rests for ${seconds(rules.DRONE_REST_TICKS)} s`,
    ],
    [
      'zapping',
      `from ${metres(rules.ZAP_REACH)} m, the drone is off for ${seconds(rules.ZAPPED_TICKS)} s; every ${seconds(rules.ZAP_COOLDOWN_TICKS)} s`,
    ],
    ['the crew', `at most ${rules.CREW_MAX} players`],
    ['the result', `${seconds(rules.DEBRIEF_TICKS)} s`],
  ]
  for (const [what, how] of lines) {
    expect(guide.split('\n').find((line) => line.startsWith(`| ${what}`))).toContain(how)
  }
  expect(guide).toContain(`not moved for ${rules.IDLE_MS / 60_000} minutes`)
})

test('the guide explains every criterion', () => {
  for (const name of CRITERIA) expect(guide).toContain(`\`${name}\``)
})
