import anvilguard from '@terrane/combat/profiles/anvilguard.json' with { type: 'json' }
import cinderwright from '@terrane/combat/profiles/cinderwright.json' with { type: 'json' }
import galeblade from '@terrane/combat/profiles/galeblade.json' with { type: 'json' }
import thornspeaker from '@terrane/combat/profiles/thornspeaker.json' with { type: 'json' }
import type { SimConfig, Strategy } from './jobs-api.js'

/** Characters to begin with. */
export const PROFILES: readonly SimConfig[] = [cinderwright, galeblade, thornspeaker, anvilguard]

export const STRATEGIES: readonly { readonly id: Strategy; readonly label: string; readonly about: string }[] = [
  {
    id: 'single',
    label: 'Damage',
    about: 'The mean damage of the character, its distribution and where it comes from.',
  },
  { id: 'stat_weights', label: 'Stat weights', about: 'What one more point of each stat is worth.' },
  {
    id: 'tournament',
    label: 'Tournament',
    about: 'Compares all ways to wear the items below with what is worn now.',
  },
]

/** Each phase has more fights of fewer variants, as fractions of the fights of the last. */
export function phasesOf(iterations: number): { iterations: number; keep: number }[] {
  return [
    { iterations: Math.max(1, Math.round(iterations / 10)), keep: 0.5 },
    { iterations, keep: 1 },
  ]
}

/** `finger_1: item, other` on lines of their own. Throws with the line that is none. */
export function parseCandidates(text: string): Record<string, { item: string | number }[]> {
  const candidates: Record<string, { item: string | number }[]> = {}
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, slot, items] = /^\s*(\w+)\s*:\s*(.+)$/.exec(line) ?? []
    if (slot === undefined || items === undefined) throw new Error(`“${line.trim()}” is not “slot: item, item”`)
    candidates[slot] = items
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => ({ item: /^\d+$/.test(item) ? Number(item) : item }))
  }
  return candidates
}
