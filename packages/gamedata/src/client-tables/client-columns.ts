/** By item level, a column for each quality from poor to artifact. */
const DAMAGE = {
  ItemLevel: 'int',
  ...{ Quality_0: 'number', Quality_1: 'number', Quality_2: 'number', Quality_3: 'number' },
  ...{ Quality_4: 'number', Quality_5: 'number', Quality_6: 'number' },
} as const satisfies Record<string, ClientType>

/**
 * What is read of client tables, as their public exports name it: a CSV file with a header row per table, columns of
 * arrays numbered from `_0`, texts with the ending `_lang`. Tables and columns beyond these are not looked at.
 *
 * `int` holds 32 bits with or without sign, `number` is a finite float of 32 bits, `first` an `int` in the first column,
 * whatever that is called.
 */
export const CLIENT_TABLES = {
  ChrClasses: { ID: 'int', Name_lang: 'text', DisplayPower: 'int' },
  ChrClassesXPowerTypes: { PowerType: 'int', ClassID: 'int' },
  ChrSpecialization: {
    ID: 'int',
    Name_lang: 'text',
    ClassID: 'int',
    OrderIndex: 'int',
    PrimaryStatPriority: 'int',
    MasterySpellID_0: 'int',
    MasterySpellID_1: 'int',
  },
  Curve: { ID: 'int', Type: 'int' },
  CurvePoint: { CurveID: 'int', OrderIndex: 'int', Pos_0: 'number', Pos_1: 'number' },
  GlobalCurve: { CurveID: 'int', Type: 'int' },
  Item: { ID: 'int', ClassID: 'int', SubclassID: 'int' },
  ItemBonus: { ParentItemBonusListID: 'int', Type: 'int', Value_0: 'int', Value_3: 'int' },
  ItemDamageOneHand: DAMAGE,
  ItemDamageOneHandCaster: DAMAGE,
  ItemDamageTwoHand: DAMAGE,
  ItemDamageTwoHandCaster: DAMAGE,
  ItemEffect: { ID: 'int', TriggerType: 'int', SpellID: 'int', ChrSpecializationID: 'int' },
  ItemSet: { ID: 'int' },
  ItemSetSpell: { ChrSpecID: 'int', SpellID: 'int', TraitSubTreeID: 'int', Threshold: 'int', ItemSetID: 'int' },
  ItemSparse: {
    ID: 'int',
    Display_lang: 'text',
    InventoryType: 'int',
    OverallQualityID: 'int',
    ItemLevel: 'int',
    ItemDelay: 'int',
    ItemSet: 'int',
    Flags_1: 'int',
    ...{ StatModifier_bonusStat_0: 'int', StatModifier_bonusStat_1: 'int', StatModifier_bonusStat_2: 'int' },
    ...{ StatModifier_bonusStat_3: 'int', StatModifier_bonusStat_4: 'int', StatModifier_bonusStat_5: 'int' },
    ...{ StatModifier_bonusStat_6: 'int', StatModifier_bonusStat_7: 'int', StatModifier_bonusStat_8: 'int' },
    StatModifier_bonusStat_9: 'int',
    ...{ StatPercentEditor_0: 'int', StatPercentEditor_1: 'int', StatPercentEditor_2: 'int' },
    ...{ StatPercentEditor_3: 'int', StatPercentEditor_4: 'int', StatPercentEditor_5: 'int' },
    ...{ StatPercentEditor_6: 'int', StatPercentEditor_7: 'int', StatPercentEditor_8: 'int' },
    StatPercentEditor_9: 'int',
  },
  ItemXItemEffect: { ItemEffectID: 'int', ItemID: 'int' },
  PowerType: {
    ID: 'int',
    NameGlobalStringTag: 'text',
    PowerTypeEnum: 'int',
    MaxBasePower: 'int',
    DefaultPower: 'int',
    DisplayModifier: 'int',
    RegenCombat: 'number',
    Flags: 'int',
  },
  RandPropPoints: {
    ID: 'int',
    ...{ Epic_0: 'int', Epic_1: 'int', Epic_2: 'int', Epic_3: 'int', Epic_4: 'int' },
    ...{ Superior_0: 'int', Superior_1: 'int', Superior_2: 'int', Superior_3: 'int', Superior_4: 'int' },
    ...{ Good_0: 'int', Good_1: 'int', Good_2: 'int', Good_3: 'int', Good_4: 'int' },
  },
  SkillLineAbility: { SkillLine: 'int', Spell: 'int', AcquireMethod: 'int' },
  SkillLineXTraitTree: { SkillLineID: 'int', TraitTreeID: 'int' },
  SkillRaceClassInfo: { SkillID: 'int', ClassMask: 'int' },
  SpecSetMember: { ChrSpecializationID: 'int', SpecSet: 'int' },
  SpecializationSpells: { SpecID: 'int', SpellID: 'int' },
  SpellAuraOptions: {
    DifficultyID: 'int',
    CumulativeAura: 'int',
    ProcCategoryRecovery: 'int',
    ProcChance: 'int',
    SpellProcsPerMinuteID: 'int',
    ProcTypeMask_0: 'int',
    SpellID: 'int',
  },
  SpellAuraRestrictions: { DifficultyID: 'int', CasterAuraSpell: 'int', SpellID: 'int' },
  SpellCastTimes: { ID: 'int', Base: 'int' },
  SpellCategories: {
    DifficultyID: 'int',
    Category: 'int',
    StartRecoveryCategory: 'int',
    ChargeCategory: 'int',
    SpellID: 'int',
  },
  SpellCategory: { ID: 'int', MaxCharges: 'int', ChargeRecoveryTime: 'int' },
  SpellCooldowns: {
    DifficultyID: 'int',
    CategoryRecoveryTime: 'int',
    RecoveryTime: 'int',
    StartRecoveryTime: 'int',
    SpellID: 'int',
  },
  SpellDuration: { ID: 'int', Duration: 'int', MaxDuration: 'int' },
  SpellEffect: {
    ID: 'int',
    DifficultyID: 'int',
    EffectIndex: 'int',
    Effect: 'int',
    EffectAura: 'int',
    EffectAuraPeriod: 'int',
    EffectBasePointsF: 'number',
    EffectBonusCoefficient: 'number',
    BonusCoefficientFromAP: 'number',
    Coefficient: 'number',
    Variance: 'number',
    ScalingClass: 'int',
    EffectTriggerSpell: 'int',
    EffectMiscValue_0: 'int',
    ImplicitTarget_0: 'int',
    ImplicitTarget_1: 'int',
    SpellID: 'int',
  },
  SpellMisc: {
    DifficultyID: 'int',
    CastingTimeIndex: 'int',
    DurationIndex: 'int',
    SchoolMask: 'int',
    Speed: 'number',
    Attributes_0: 'int',
    Attributes_1: 'int',
    Attributes_5: 'int',
    Attributes_8: 'int',
    Attributes_11: 'int',
    Attributes_13: 'int',
    SpellID: 'int',
  },
  SpellName: { ID: 'int', Name_lang: 'text' },
  SpellPower: {
    ManaCost: 'int',
    PowerCostPct: 'number',
    PowerType: 'int',
    RequiredAuraSpellID: 'int',
    SpellID: 'int',
  },
  SpellProcsPerMinute: { ID: 'int', BaseProcRate: 'number' },
  SpellTargetRestrictions: { DifficultyID: 'int', MaxTargets: 'int', SpellID: 'int' },
  TraitCond: { ID: 'int', CondType: 'int', SpecSetID: 'int' },
  TraitDefinition: { ID: 'int', OverrideName_lang: 'text', SpellID: 'int' },
  TraitEdge: { LeftTraitNodeID: 'int', RightTraitNodeID: 'int', Type: 'int' },
  TraitNode: { ID: 'int', TraitTreeID: 'int', PosX: 'int', PosY: 'int' },
  TraitNodeEntry: { ID: 'int', TraitDefinitionID: 'int', MaxRanks: 'int' },
  TraitNodeGroupXTraitCond: { TraitCondID: 'int', TraitNodeGroupID: 'int' },
  TraitNodeGroupXTraitNode: { TraitNodeGroupID: 'int', TraitNodeID: 'int' },
  TraitNodeXTraitCond: { TraitCondID: 'int', TraitNodeID: 'int' },
  TraitNodeXTraitNodeEntry: { TraitNodeID: 'int', TraitNodeEntryID: 'int' },
  // Two game tables, of which there are no CSV exports: texts whose columns are separated by tabs.
  CombatRatings: {
    Level: 'first',
    'Crit - Melee': 'number',
    'Haste - Melee': 'number',
    Mastery: 'number',
    'Versatility - Damage Done': 'number',
  },
  CombatRatingsMultByILvl: {
    'Item Level': 'first',
    'Armor Multiplier': 'number',
    'Weapon Multiplier': 'number',
    'Trinket Multiplier': 'number',
    'Jewelry Multiplier': 'number',
  },
} as const satisfies Record<string, Record<string, ClientType>>

export type ClientType = 'int' | 'number' | 'text' | 'first'
export type ClientTable = keyof typeof CLIENT_TABLES

type Columns<T extends ClientTable> = (typeof CLIENT_TABLES)[T]

/** A row of a client table, under the names of its columns. */
export type ClientRow<T extends ClientTable> = {
  readonly [C in keyof Columns<T>]: Columns<T>[C] extends 'text' ? string : number
}

/** `SpellMisc.SchoolMask` */
export type ClientColumn = { [T in ClientTable]: `${T}.${keyof Columns<T> & string}` }[ClientTable]

export const CLIENT_TABLE_NAMES = Object.keys(CLIENT_TABLES) as ClientTable[]

/** Without these, game data can be read but not computed with. */
export const OPTIONAL_TABLES: readonly ClientTable[] = ['CombatRatings', 'CombatRatingsMultByILvl']
