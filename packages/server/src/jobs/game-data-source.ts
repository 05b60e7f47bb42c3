import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type GameData, parseGameData } from '@terrane/combat'
import { hashOf } from '@terrane/node'

/** Game data as text, by the hash that work contexts name it by. */
export interface GameDataBundle {
  readonly hash: string
  readonly revision: string
  readonly text: string
  readonly data: GameData
}

export interface GameDataSource {
  /** What new jobs are computed with. */
  current(): Promise<GameDataBundle>
  /** Of running jobs; undefined when it is not kept any more. */
  find(hash: string): Promise<GameDataBundle | undefined>
}

/** The tables that ship with Terrane. */
export function shippedGameData(): GameDataSource {
  let bundle: Promise<GameDataBundle> | undefined
  const current = () => {
    bundle ??= readBundle(fileURLToPath(new URL('../game-data', import.meta.resolve('@terrane/combat'))))
    return bundle
  }
  return {
    current,
    async find(hash) {
      const known = await current()
      return known.hash === hash ? known : undefined
    },
  }
}

async function readBundle(directory: string): Promise<GameDataBundle> {
  const tables = readdirSync(directory)
    .filter((file) => file.endsWith('.csv'))
    .sort()
    .map((file) => [file.replace(/\.csv$/, ''), readFileSync(`${directory}/${file}`, 'utf8')])
  const texts = Object.fromEntries(tables) as Record<string, string>
  const data = parseGameData(texts)
  const text = JSON.stringify(texts)
  return { hash: await hashOf(text), revision: data.revision, text, data }
}
