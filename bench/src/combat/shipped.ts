import { readdirSync, readFileSync } from 'node:fs'
import { type CombatPlan, compileCombat, type GameData, parseCombatConfig, parseGameData } from '@terrane/combat'

/** The package's directory: its data stands beside its code. */
const PACKAGE = new URL('../', import.meta.resolve('@terrane/combat'))

export function shippedGameData(): GameData {
  const dir = new URL('game-data/', PACKAGE)
  const files = readdirSync(dir).map((file) => [file.replace(/\.csv$/, ''), readFileSync(new URL(file, dir), 'utf8')])
  return parseGameData(Object.fromEntries(files))
}

/** Names of the shipped profiles. */
export function shippedSpecs(): string[] {
  return readdirSync(new URL('profiles/', PACKAGE))
    .map((file) => file.replace(/\.json$/, ''))
    .sort()
}

/** A shipped profile: 300 seconds against one enemy. */
export function shippedPlan(data: GameData, spec: string): CombatPlan {
  const profile: unknown = JSON.parse(readFileSync(new URL(`profiles/${spec}.json`, PACKAGE), 'utf8'))
  return compileCombat(data, parseCombatConfig(profile))
}
