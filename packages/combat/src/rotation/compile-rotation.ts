import { badConfig, type CombatConfig, type RotationAction } from '../config/config.js'
import { ACTION, type RotationProgram } from '../plan/plan.js'
import { type Code, compileCondition, type Names } from './compile-condition.js'

/** Lists that call lists that call lists: more than anybody reads. */
const CALL_DEPTH_MAX = 8
/** Called lists are copied to where they are called. */
const ACTIONS_MAX = 2_000

/** What the compiler needs to know of the spells. */
export interface Castable {
  /** Index of the spell; throws when it is unknown or cannot be cast. */
  spell(reference: number | string, field: string): number
}

interface Entry {
  kind: number
  spell: number
  condition: number
  cycle: boolean
  skipTo: number
}

/** Priority lists as one flat table. Throws `bad_combat_config`, naming the field, for what makes no sense. */
export function compileRotation(rotation: CombatConfig['rotation'], castable: Castable, names: Names): RotationProgram {
  const entries: Entry[] = []
  const into: Code = { code: [], constants: [] }
  const append = (actions: readonly RotationAction[], field: string, calls: readonly string[]): void => {
    actions.forEach((action, index) => {
      const place = `${field}[${index}]`
      const condition = action.if === undefined ? -1 : compileCondition(action.if, `${place}.if`, names, into)
      const entry: Entry = { kind: ACTION.CAST, spell: -1, condition, cycle: false, skipTo: -1 }
      if (entries.push(entry) > ACTIONS_MAX) {
        throw badConfig(`${place}: the rotation has more than ${ACTIONS_MAX} actions, called lists included`)
      }
      if ('cast' in action) {
        entry.spell = castable.spell(action.cast, `${place}.cast`)
        entry.cycle = action.cycle === true
        return
      }
      const { call } = action
      const list = Object.hasOwn(rotation.lists, call) ? rotation.lists[call] : undefined
      if (list === undefined) {
        const known = Object.keys(rotation.lists).join(', ') || 'none'
        throw badConfig(`${place}.call: there is no list "${call}"`, `Lists in rotation.lists: ${known}.`)
      }
      if (calls.includes(call)) throw badConfig(`${place}.call: the list "${call}" calls itself`)
      if (calls.length >= CALL_DEPTH_MAX) throw badConfig(`${place}.call: lists are nested too deep`)
      entry.kind = ACTION.GUARD
      append(list, `rotation.lists.${call}`, [...calls, call])
      entry.skipTo = entries.length
    })
  }
  append(rotation.actions, 'rotation.actions', [])
  return {
    kind: Uint8Array.from(entries, ({ kind }) => kind),
    spell: Int32Array.from(entries, ({ spell }) => spell),
    condition: Int32Array.from(entries, ({ condition }) => condition),
    cycle: Uint8Array.from(entries, ({ cycle }) => Number(cycle)),
    skipTo: Int32Array.from(entries, ({ skipTo }) => skipTo),
    code: Int32Array.from(into.code),
    constants: Float64Array.from(into.constants),
  }
}
