import { boxes, defineWorld } from '@terrane/engine'
import { carOf, clear, fitOut, listed, placeCore, startingPlace } from './car.js'
import { arrive, discharge, enlist } from './crew.js'
import { grab, hurl, slot } from './inputs/hands.js'
import { pose } from './inputs/pose.js'
import { start } from './inputs/start.js'
import { stick } from './inputs/stick.js'
import { zap } from './inputs/zap.js'
import { copies, floors, hands, scores } from './invariants.js'
import { kinds } from './kinds.js'
import { opSchemas } from './op-schemas.js'
import { closeRun, countCarried, countSlotted } from './persona.js'
import { CARS, COURIER, POSE_RADIUS, TERMINAL, TICKS_PER_SECOND } from './rules.js'
import { ride } from './ticks/ride.js'

const FAR = Number.POSITIVE_INFINITY
const PERSONA_ZONES = 4

/**
 * The mission: a crew has three minutes to bring data-cores that roll over a banking floor from the first car of a train
 * to the terminal in the second, past drones. Each car is a zone; what players score is in their persona zones.
 */
const maglev = defineWorld({
  name: 'maglev',
  kinds,
  zones: { spatial: Object.keys(CARS), persona: { count: PERSONA_ZONES, stays: true } },
  borders: boxes({
    [COURIER]: { min: { x: -FAR, y: -FAR, z: -FAR }, max: { x: CARS[COURIER].to, y: FAR, z: FAR } },
    [TERMINAL]: { min: { x: CARS[TERMINAL].from, y: -FAR, z: -FAR }, max: { x: FAR, y: FAR, z: FAR } },
  }),
  handovers: {
    runners: {
      position: ({ x, y }) => ({ x, y, z: 0 }),
      related: (tables, { player, carries }) => ({
        cores: carries === null ? [] : [carries],
        poses: tables.poses.has(player) ? [player] : [],
      }),
      arrived: arrive,
    },
  },
  interest: {
    hz: TICKS_PER_SECOND,
    radius: POSE_RADIUS,
    follow: (tables, player) => tables.runners.get(player),
    observers: true,
  },
  init: fitOut,
  join: enlist,
  inputs: { stick, pose, grab, hurl, slot, zap, start },
  ops: {
    enlisted: {
      args: opSchemas.enlisted,
      apply: (tx, { player }) => void (tx.crew.has(player) || tx.crew.insert({ player })),
    },
    discharged: { args: opSchemas.discharged, apply: (tx, { player }) => void tx.crew.delete(player) },
    breach: {
      args: opSchemas.breach,
      apply(tx, { mission, seed, endsAt, cores }) {
        clear(tx)
        tx.cars.update(tx.zone, { phase: 'running', mission, seed, tick: 0, endsAt })
        for (const core of cores) placeCore(tx, core)
      },
    },
    release: {
      args: opSchemas.release,
      apply: (tx, { mission, core }) => void (carOf(tx).mission === mission && placeCore(tx, core)),
    },
    over: {
      args: opSchemas.over,
      apply(tx) {
        clear(tx)
        for (const { player } of listed(tx.runners.all())) tx.runners.update(player, startingPlace(tx))
        tx.cars.update(tx.zone, { phase: 'lobby', endsAt: 0 })
      },
    },
    carried: { args: opSchemas.carried, apply: countCarried },
    score: { args: opSchemas.score, apply: countSlotted },
    finish: { args: opSchemas.finish, apply: closeRun },
    tally: {
      args: opSchemas.tally,
      apply(tx, { player, points }) {
        const { tallies, talliesStale, talliesWrong } = carOf(tx)
        const copy = tx.replicas.scores.get(player)
        const isBehind = copy !== undefined && copy.row.points < points
        tx.cars.update(tx.zone, {
          tallies: tallies + 1,
          talliesStale: talliesStale + (isBehind && copy.stale ? 1 : 0),
          talliesWrong: talliesWrong + (isBehind && !copy.stale ? 1 : 0),
        })
      },
    },
  },
  ticks: { ride, discharge },
  invariants: { hands, floors, scores, copies },
})

export default maglev
