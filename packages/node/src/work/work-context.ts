import type { CombatConfigInput } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import { hexOfDigest } from '../signature/digest.js'
import type { SentinelConfig } from './sentinel-config.js'

/**
 * All that a job's chunks have in common, and all that their results depend on beside variant and iterations: who has
 * the same context computes the same bytes. It is named by its hash.
 */
export interface WorkContext {
  readonly seed: string
  readonly simConfig: CombatConfigInput
  readonly sentinelConfig: SentinelConfig
  /** Hash of the game data, by which it is fetched. */
  readonly gameData: string
}

/** The text that travels, and that the hash is of. */
export function encodeContext(context: WorkContext): string {
  return JSON.stringify(context)
}

/** SHA-256 in hexadecimal digits. */
export function hashOf(text: string): Promise<string> {
  return hexOfDigest(new TextEncoder().encode(text))
}

/** Throws `wrong_context` when the text is not what the hash is of. */
export async function decodeContext(text: string, hash: string): Promise<WorkContext> {
  await checkHash(text, hash, 'work context')
  return JSON.parse(text) as WorkContext
}

/** @throws TerraneError `wrong_context` */
export async function checkHash(text: string, hash: string, what: string): Promise<void> {
  if ((await hashOf(text)) === hash) return
  throw new TerraneError('wrong_context', `the ${what} that was received is not the one that was asked for`, {
    retry: 'later',
    hint: 'Does something between node and server change answers?',
  })
}
