/**
 * A simulation, compiled: everything is an index into columns of typed arrays, so that a fight follows no references
 * and compares no strings. Made once per job by `compileCombat`, never written to again.
 */
export interface CombatPlan {
  /** Of the configuration and the revision of the game data: results of one job have the same one. */
  readonly fingerprint: string
  readonly spec: string
  readonly durationMs: number
  readonly enemies: number
  /** Attack or spell power before auras. */
  readonly power: number
  /** Times which time runs for casts and hasted ticks, before auras: 1.2 is 20 % haste. */
  readonly haste: number
  readonly spells: SpellColumns
  readonly effects: EffectColumns
  readonly auras: AuraColumns
  readonly powers: PowerColumns
  readonly pools: PoolColumns
  readonly procs: ProcColumns
  readonly modifiers: Modifiers
  readonly rotation: RotationProgram
  /** Spell that each hand swings with, -1 for none, and the time from swing to swing at no haste. */
  readonly swings: { readonly spell: Int32Array; readonly speedMs: Int32Array }
}

/** `start[i]` to `start[i + 1]` are the places of i's entries. */
export interface Lists {
  readonly start: Int32Array
  readonly items: Int32Array
}

export interface SpellColumns {
  readonly count: number
  readonly id: Int32Array
  readonly token: readonly string[]
  readonly gcdMs: Int32Array
  readonly gcdHasted: Uint8Array
  readonly castMs: Int32Array
  readonly channelMs: Int32Array
  readonly channelTicks: Int32Array
  readonly travelMs: Int32Array
  readonly targetHealthBelow: Int32Array
  /** Aura that must be on the player, -1 for none. */
  readonly requiredAura: Int32Array
  /** The aura that its `aura` effect applies, -1 for none. */
  readonly aura: Int32Array
  /** Direct effects: rows of the effect table. */
  readonly effectStart: Int32Array
  readonly effectEnd: Int32Array
  /** Whether one of these is damage. */
  readonly hurts: Uint8Array
  /** Places in costPower and costAmount (millionths). */
  readonly costStart: Int32Array
  readonly costPower: Int32Array
  readonly costAmount: Float64Array
  /** Pools that a cast takes a charge of, and how long each takes to come back. */
  readonly poolStart: Int32Array
  readonly pool: Int32Array
  readonly poolMs: Int32Array
  /** Factor of all that holds throughout: talents, passives, mastery, versatility. */
  readonly damageFactor: Float64Array
  readonly critChance: Float64Array
  readonly costFactor: Float64Array
  /** Whether the cost is ever another than costAmount. */
  readonly costChanges: Uint8Array
  readonly castFactor: Float64Array
  /** Player's auras of which a cast takes a stack. */
  readonly consumes: Lists
}

export const EFFECT = { DAMAGE: 0, AURA: 1, ENERGIZE: 2, TRIGGER: 3, COOLDOWN: 4, REMOVE_AURA: 5 } as const
export const TARGET = { TARGET: 0, SELF: 1, ALL: 2 } as const

export interface EffectColumns {
  readonly kind: Uint8Array
  readonly base: Float64Array
  readonly coefficient: Float64Array
  readonly variance: Float64Array
  /** Power type of ENERGIZE; spell of TRIGGER and COOLDOWN; aura of AURA and REMOVE_AURA. */
  readonly argument: Int32Array
  readonly target: Uint8Array
  readonly targetsMax: Int32Array
}

export const REFRESH = { NONE: 0, RESET: 1, PANDEMIC: 2, EXTEND: 3 } as const

export interface AuraColumns {
  readonly count: number
  readonly spell: Int32Array
  /** Whether it is on enemies; otherwise on the player. */
  readonly onEnemy: Uint8Array
  /** First of its instances: one for the player, or one per enemy. */
  readonly instance: Int32Array
  readonly instances: number
  /** By instance. */
  readonly instanceAura: Int32Array
  readonly instanceTarget: Int32Array
  /** 0: until the end. */
  readonly durationMs: Int32Array
  readonly durationMsMax: Int32Array
  readonly stacksMax: Int32Array
  readonly refresh: Uint8Array
  readonly tickMs: Int32Array
  readonly ticksHasted: Uint8Array
  readonly tickOnApplication: Uint8Array
  readonly ticksMayCrit: Uint8Array
  /** Periodic effects: rows of the effect table. */
  readonly effectStart: Int32Array
  readonly effectEnd: Int32Array
  /** Haste or power change with it. */
  readonly changesStats: Uint8Array
}

/** Amounts in millionths: regeneration is exact in whole numbers. */
export interface PowerColumns {
  readonly count: number
  readonly id: Int32Array
  readonly token: readonly string[]
  readonly max: Float64Array
  readonly start: Float64Array
  /** Per millisecond. */
  readonly regen: Float64Array
  readonly regenHasted: Uint8Array
}
export const MILLIONTHS = 1_000_000

export interface PoolColumns {
  readonly count: number
  readonly charges: Int32Array
  readonly hasted: Uint8Array
  /** Which spells take of it. */
  readonly spells: Lists
}

export const PROC = { HIT: 0, CRIT: 1, TICK: 2, CAST: 3, SWING: 4 } as const
export const PROC_KINDS = 5

export interface ProcColumns {
  readonly count: number
  /** Aura on the player that must be up, -1: always. */
  readonly aura: Int32Array
  readonly chance: Float64Array
  /** Real procs per millisecond, before haste; 0: the chance is fixed. */
  readonly rate: Float64Array
  readonly cooldownMs: Int32Array
  readonly triggered: Lists
  /** By kind × spells + spell: procs that such an event may set off. */
  readonly by: Lists
}

/** What auras change, as lists of (aura instance of the player, or aura on enemies; value per stack). */
export interface ModifierList {
  readonly start: Int32Array
  readonly aura: Int32Array
  readonly value: Float64Array
}

export interface Modifiers {
  /** By spell; auras of the player. */
  readonly damage: ModifierList
  readonly crit: ModifierList
  readonly cost: ModifierList
  readonly castTime: ModifierList
  /** By spell; auras on the enemy. */
  readonly damageTaken: ModifierList
  /** One list each. */
  readonly haste: ModifierList
  readonly power: ModifierList
}

export const ACTION = { CAST: 0, GUARD: 1 } as const

export interface RotationProgram {
  readonly kind: Uint8Array
  readonly spell: Int32Array
  /** Where the condition's code begins, -1: always. */
  readonly condition: Int32Array
  readonly cycle: Uint8Array
  /** GUARD: the action behind the list that is called. */
  readonly skipTo: Int32Array
  readonly code: Int32Array
  readonly constants: Float64Array
}
