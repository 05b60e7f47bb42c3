import type { Row, TableName } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { GAME_TABLES, type GameTable, type SqlType } from '../schema/game-schema.js'
import type { ColumnRow } from './ports.js'

const TYPES: Readonly<Record<SqlType, string>> = {
  int8: 'number',
  float8: 'number',
  bool: 'boolean',
  text: 'string',
  timestamptz: 'string',
}

export function tableNamed(name: TableName): GameTable {
  const table = GAME_TABLES.find((each) => each.name === name)
  if (table !== undefined) return table
  throw new TerraneError('bad_game_data', `there is no table "${name}"`, {
    hint: `The tables are ${GAME_TABLES.map((each) => each.name).join(', ')}.`,
  })
}

/** A row as the simulation uses it. @throws TerraneError `bad_game_data` for a value of another type */
export function typedRow<T extends TableName>(name: T, row: ColumnRow): Row<T> {
  const typed: Record<string, unknown> = {}
  for (const column of tableNamed(name).columns) {
    const value = row[column.name]
    if (typeof value !== TYPES[column.type]) {
      throw new TerraneError('bad_game_data', `${name}.${column.name} is ${JSON.stringify(value)}, no ${column.type}`, {
        hint: 'The server has game data of another version. Use the same version of Terrane as it does.',
      })
    }
    typed[column.property] = value
  }
  return typed as Row<T>
}
