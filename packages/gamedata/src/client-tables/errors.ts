import { TerraneError } from '@terrane/core'

export function badData(message: string, hint: string): TerraneError {
  return new TerraneError('bad_game_data', message, { hint })
}
