/**
 * The game data's tables, one CSV file each, with their columns. `int` and `number` are finite; `flag` is 0 or 1;
 * a list is a choice of words. Rows keep the column names, in camel case.
 */
export const TABLES = {
  power_types: {
    id: 'int',
    token: 'text',
    name: 'text',
    max: 'int',
    start: 'int',
    regen: 'number',
    regen_hasted: 'flag',
  },
  specs: {
    id: 'int',
    token: 'text',
    class_name: 'text',
    name: 'text',
    primary_stat: ['strength', 'agility', 'intellect'],
    /** Curve over the character's level: the primary stat without gear. */
    primary_curve_id: 'int',
    /** Multiplies mastery in `mastery_damage` effects. */
    mastery_coefficient: 'number',
    power_type_1: 'int',
    power_type_2: 'int',
    /** Spells that repeat by themselves at the speed of the weapon in that hand; 0 for none. */
    main_hand_spell_id: 'int',
    off_hand_spell_id: 'int',
  },
  /** What every character of a spec knows. */
  spec_spells: { spec_id: 'int', spell_id: 'int' },
  /** Talents: each grants a spell, and each rank multiplies its effects' `base` by the rank. */
  specs_traits: {
    id: 'int',
    spec_id: 'int',
    token: 'text',
    name: 'text',
    row: 'int',
    position: 'int',
    max_ranks: 'int',
    /** A talent that must be taken before; 0 for none. */
    requires_trait_id: 'int',
    spell_id: 'int',
  },
  spells: {
    id: 'int',
    token: 'text',
    name: 'text',
    /** Bits: 1 physical, 2 radiant, 4 fire, 8 nature, 16 frost, 32 shadow, 64 arcane. */
    school_mask: 'int',
    /** Bits of the spec's own choice, matched against `affect_mask`, `proc_mask` and `consumed_by`. */
    family_mask: 'int',
    /** Not castable: its effects hold for the whole fight. */
    passive: 'flag',
    /** 0: off the global cooldown. */
    gcd_ms: 'int',
    gcd_hasted: 'flag',
    cast_ms: 'int',
    /** Above 0: a channel of this length, hasted, with a tick every `tick_ms`. */
    channel_ms: 'int',
    travel_ms: 'int',
    cooldown_ms: 'int',
    cooldown_hasted: 'flag',
    category_id: 'int',
    category_cooldown_ms: 'int',
    charge_category_id: 'int',
    max_charges: 'int',
    charge_recovery_ms: 'int',
    /** Of the aura that an `aura` effect applies. */
    duration_ms: 'int',
    max_duration_ms: 'int',
    max_stacks: 'int',
    refresh: ['none', 'reset', 'pandemic', 'extend'],
    tick_ms: 'int',
    ticks_hasted: 'flag',
    tick_on_application: 'flag',
    ticks_may_crit: 'flag',
    /** Castable only on targets below this health, in percent; 0: always. */
    target_health_below: 'int',
    /** Castable only while this aura is on the player; 0: always. */
    required_aura_id: 'int',
    /** A cast of such a family takes one stack of the aura. */
    consumed_by: 'int',
    /** Bits: 1 direct hit, 2 direct critical hit, 4 tick, 8 cast, 16 weapon swing. */
    proc_flags: 'int',
    /** Families that set it off; 0: all. */
    proc_mask: 'int',
    /** Per attempt, 0 to 1; or `proc_rppm` times per minute on average. */
    proc_chance: 'number',
    proc_rppm: 'number',
    proc_icd_ms: 'int',
    /** Its effects' `base` is a share of the item's stat budget. */
    item_scaled: 'flag',
  },
  spell_power: { spell_id: 'int', power_type: 'int', cost: 'int' },
  spell_effects: {
    spell_id: 'int',
    position: 'int',
    kind: [
      'damage',
      'aura',
      'energize',
      'trigger',
      'cooldown',
      'remove_aura',
      'periodic_damage',
      'periodic_energize',
      'periodic_trigger',
      'proc_trigger',
      'mod_haste',
      'mod_crit',
      'mod_power',
      'mod_damage',
      'mod_damage_taken',
      'mod_spell_crit',
      'mod_cost',
      'mod_cast_time',
      'mastery_damage',
    ],
    base: 'number',
    /** Times attack or spell power. */
    coefficient: 'number',
    /** Times the damage of a swing: (the weapon's damage per second + power / 20) × its speed in seconds. */
    weapon_coefficient: 'number',
    /** 0.1: between 90 % and 110 %. */
    variance: 'number',
    power_type: 'int',
    affect_mask: 'int',
    /** The spell that is triggered, removed, or whose cooldown changes. */
    trigger_spell_id: 'int',
    target: ['target', 'self', 'all'],
    /** For `all`; 0: no limit. */
    max_targets: 'int',
  },
  items: {
    id: 'int',
    token: 'text',
    name: 'text',
    slot: [
      'head',
      'neck',
      'shoulder',
      'back',
      'chest',
      'wrist',
      'hands',
      'waist',
      'legs',
      'feet',
      'finger',
      'trinket',
      'main_hand',
      'off_hand',
      'two_hand',
    ],
    quality: ['good', 'superior', 'epic'],
    item_level: 'int',
    /** The primary stat that it is made for: who wears it must have it. */
    primary_stat: ['strength', 'agility', 'intellect', 'any'],
    weapon_speed_ms: 'int',
    /** Curve over the item level: damage per second. */
    weapon_curve_id: 'int',
    set_id: 'int',
  },
  /** Shares of the slot's budget, in ten-thousandths. */
  item_stats: { item_id: 'int', stat: ['primary', 'crit', 'haste', 'mastery', 'versatility'], allocation: 'int' },
  item_effects: { item_id: 'int', spell_id: 'int' },
  item_bonuses: {
    id: 'int',
    kind: ['level', 'level_curve'],
    /** Levels to add; or the curve that makes an item level of the level at which it dropped. */
    value: 'int',
  },
  item_sets: { set_id: 'int', pieces: 'int', spell_id: 'int' },
  rand_prop_points: {
    item_level: 'int',
    ...{ epic_0: 'int', epic_1: 'int', epic_2: 'int', epic_3: 'int', epic_4: 'int' },
    ...{ superior_0: 'int', superior_1: 'int', superior_2: 'int', superior_3: 'int', superior_4: 'int' },
    ...{ good_0: 'int', good_1: 'int', good_2: 'int', good_3: 'int', good_4: 'int' },
  },
  combat_ratings: {
    level: 'int',
    /** Rating for one percent. */
    crit: 'number',
    haste: 'number',
    mastery: 'number',
    versatility: 'number',
    /** Curve from percent by rating to percent in effect: diminishing returns. */
    diminishing_curve_id: 'int',
  },
  combat_ratings_mult_by_ilvl: {
    item_level: 'int',
    armor: 'number',
    weapon: 'number',
    trinket: 'number',
    jewelry: 'number',
  },
  curves: { id: 'int', name: 'text', interpolation: ['linear', 'step'] },
  curve_points: { curve_id: 'int', position: 'int', x: 'number', y: 'number' },
} as const satisfies Record<string, Record<string, ColumnType>>

/** What a column holds. */
export type ColumnType = 'int' | 'number' | 'flag' | 'text' | readonly string[]
export type TableName = keyof typeof TABLES

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S
type Value<C> = C extends readonly (infer Word)[]
  ? Word
  : C extends 'text'
    ? string
    : C extends 'flag'
      ? boolean
      : number

/** A row of a table, as the simulation uses it. */
export type Row<T extends TableName> = {
  readonly [K in keyof (typeof TABLES)[T] as Camel<K & string>]: Value<(typeof TABLES)[T][K]>
}

export const TABLE_NAMES = Object.keys(TABLES) as TableName[]
