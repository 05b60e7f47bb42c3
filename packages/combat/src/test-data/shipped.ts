import { readdirSync, readFileSync } from 'node:fs'
import { type CombatConfigInput, parseCombatConfig } from '../config/config.js'
import { compileCombat } from '../plan/compile.js'
import type { CombatPlan } from '../plan/plan.js'
import { parseGameData } from '../tables/game-data.js'

const ROOT = new URL('../../', import.meta.url)

/** The texts of the shipped tables, by name. */
export function shippedTables(): Record<string, string> {
  const dir = new URL('game-data/', ROOT)
  return Object.fromEntries(
    readdirSync(dir).map((file) => [file.replace(/\.csv$/, ''), readFileSync(new URL(file, dir), 'utf8')]),
  )
}

export const SHIPPED = parseGameData(shippedTables())
export const SPECS = ['cinderwright', 'galeblade', 'thornspeaker', 'anvilguard'] as const

export function profile(spec: string): CombatConfigInput {
  return JSON.parse(readFileSync(new URL(`profiles/${spec}.json`, ROOT), 'utf8'))
}

/** A shipped profile against so many enemies. */
export function shippedPlan(spec: string, seconds = 300, enemies = 1): CombatPlan {
  return compileCombat(SHIPPED, parseCombatConfig({ ...profile(spec), encounter: { seconds, enemies } }))
}
