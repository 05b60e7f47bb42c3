import { TerraneError } from '@terrane/core'
import { z } from 'zod'

/** The longest fight. With it, every time in a fight fits 21 bits. */
const DURATION_S_MAX = 1_800
const ENEMIES_MAX = 20
const ACTIONS_MAX = 200
const CONDITION_LENGTH_MAX = 1_000

const Reference = z.union([z.int().positive(), z.string().min(1).max(100)])

const Action = z.union([
  z.strictObject({
    cast: Reference,
    if: z.string().max(CONDITION_LENGTH_MAX).optional(),
    /** On the first enemy for which the condition holds, instead of the first enemy only. */
    cycle: z.boolean().optional(),
  }),
  z.strictObject({ call: z.string().min(1), if: z.string().max(CONDITION_LENGTH_MAX).optional() }),
])

export const GEAR_SLOTS = [
  ...['head', 'neck', 'shoulder', 'back', 'chest', 'wrist', 'hands', 'waist', 'legs', 'feet'],
  ...['finger_1', 'finger_2', 'trinket_1', 'trinket_2', 'main_hand', 'off_hand'],
] as const

export const STATS = ['primary', 'crit', 'haste', 'mastery', 'versatility'] as const
export type StatName = (typeof STATS)[number]

const StatPoints = z.int().min(-1_000_000).max(1_000_000)

const CONFIG = z.strictObject({
  version: z.literal('v1'),
  /** Here and below: an id, or a token. */
  spec: Reference,
  level: z.int().min(1).max(80).default(80),
  talents: z.array(z.strictObject({ trait: Reference, rank: z.int().min(1).default(1) })).default([]),
  gear: z
    .array(
      z.strictObject({
        slot: z.enum(GEAR_SLOTS as unknown as readonly [string, ...string[]]),
        item: Reference,
        bonuses: z.array(z.int().positive()).max(20).default([]),
        /** For bonuses that make the item level of it. */
        dropLevel: z.int().min(1).max(80).optional(),
      }),
    )
    .max(GEAR_SLOTS.length)
    .default([]),
  /** Points beside those of the gear; what a stat is worth is found by adding some. */
  stats: z
    .strictObject({
      primary: StatPoints,
      crit: StatPoints,
      haste: StatPoints,
      mastery: StatPoints,
      versatility: StatPoints,
    } satisfies Record<StatName, unknown>)
    .partial()
    .optional(),
  rotation: z.strictObject({
    /** The first action that is possible and whose condition holds is taken. */
    actions: z.array(Action).min(1).max(ACTIONS_MAX),
    /** Lists that `call` goes through. */
    lists: z.record(z.string(), z.array(Action).min(1).max(ACTIONS_MAX)).default({}),
  }),
  encounter: z.strictObject({
    seconds: z.number().min(1).max(DURATION_S_MAX),
    enemies: z.int().min(1).max(ENEMIES_MAX).default(1),
  }),
})

/** A simulation, as it is asked for: who fights with what, by which rules, and against what. */
export type CombatConfig = z.infer<typeof CONFIG>
export type CombatConfigInput = z.input<typeof CONFIG>
export type RotationAction = CombatConfig['rotation']['actions'][number]

/** Throws `bad_combat_config`, naming each field that is wrong. Names are looked up later, by `compileCombat`. */
export function parseCombatConfig(input: unknown): CombatConfig {
  const parsed = CONFIG.safeParse(input)
  if (parsed.success) return parsed.data
  throw badConfig(parsed.error.issues.map(describe).join('; '))
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return `${fieldOf(path) || 'the config'}: ${message}`
}

/** `rotation.actions[3].if` */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  )
}

export function badConfig(message: string, hint = 'Correct the field that is named and send it again.'): TerraneError {
  return new TerraneError('bad_combat_config', message, { hint })
}
