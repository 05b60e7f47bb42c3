import { readdirSync, readFileSync } from 'node:fs'
import type { CombatConfigInput } from '@terrane/combat'

const COMBAT = new URL('../../../combat/', import.meta.url)

/** The shipped game data as the server hands it out. */
export function shippedGameData(): string {
  const dir = new URL('game-data/', COMBAT)
  const tables = readdirSync(dir).map((file) => [file.replace(/\.csv$/, ''), readFileSync(new URL(file, dir), 'utf8')])
  return JSON.stringify(Object.fromEntries(tables))
}

export function profile(spec = 'cinderwright', seconds = 10): CombatConfigInput {
  const shipped = JSON.parse(readFileSync(new URL(`profiles/${spec}.json`, COMBAT), 'utf8')) as CombatConfigInput
  return { ...shipped, encounter: { seconds } }
}
