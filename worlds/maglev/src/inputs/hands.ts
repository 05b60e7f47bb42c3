import { z } from 'zod'
import { actingRunner, isWithin, letGo } from '../car.js'
import type { Input } from '../kinds.js'
import { divide } from '../physics/index.js'
import { refuse } from '../rejections.js'
import { GRAB_REACH, SLOT_REACH, STICK_MAX, TERMINAL, THROW_MAX } from '../rules.js'
import { slotCore } from '../terminal.js'

const grabArgs = z.object({ core: z.int() })

/** Takes a core within reach into both hands. */
export const grab: Input<typeof grabArgs> = {
  args: grabArgs,
  apply(tx, { core: id }) {
    const { runner } = actingRunner(tx)
    if (runner.carries !== null) refuse(tx, 'hands_full')
    const core = tx.cores.must(id)
    if (core.carriedBy !== null) refuse(tx, 'carried')
    if (!isWithin(runner, core, GRAB_REACH)) refuse(tx, 'too_far')
    const { player, x, y } = runner
    tx.cores.update(id, { x, y, vx: 0, vy: 0, carriedBy: player, touchedBy: player })
    tx.runners.update(player, { carries: id })
  },
}

const direction = z.int().min(-STICK_MAX).max(STICK_MAX)
const hurlArgs = z.object({ x: direction, y: direction })

/** Throws what the runner carries, or sets it down: how far and where as a stick would say. */
export const hurl: Input<typeof hurlArgs> = {
  args: hurlArgs,
  apply(tx, { x, y }) {
    const { runner } = actingRunner(tx)
    if (runner.carries === null) refuse(tx, 'empty_handed')
    letGo(tx, runner, divide(x * THROW_MAX, STICK_MAX), divide(y * THROW_MAX, STICK_MAX))
  },
}

const slotArgs = z.object({ slot: z.int() })

/** Puts the core in the runner's hands into a hole of the terminal. */
export const slot: Input<typeof slotArgs> = {
  args: slotArgs,
  apply(tx, { slot: id }) {
    const { runner } = actingRunner(tx)
    if (tx.zone !== TERMINAL) refuse(tx, 'not_the_terminal')
    if (runner.carries === null) refuse(tx, 'empty_handed')
    const hole = tx.slots.must(id)
    if (hole.core !== null) refuse(tx, 'slot_taken')
    if (!isWithin(runner, hole, SLOT_REACH)) refuse(tx, 'too_far')
    const core = runner.carries
    tx.runners.update(runner.player, { carries: null })
    slotCore(tx, id, core as number, runner.player)
  },
}
