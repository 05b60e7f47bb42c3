import type { Row } from '@terrane/combat'
import type { ClientRow } from './client-columns.js'
import type { ClientReader } from './client-reader.js'
import { type ColumnSources, copy, derive, fixed, rowMaker } from './column-source.js'
import type { ImportCounts } from './import-report.js'
import type { PowerTypes } from './map-powers.js'
import type { TraitLink } from './map-traits.js'
import { tokenOf } from './text.js'

/** ChrSpecialization.OrderIndex of those who have chosen none yet. */
const NO_SPEC = 4
/** SkillLineAbility.AcquireMethod: known as soon as the skill is. */
const WITH_SKILL = 2

/** ChrSpecialization.PrimaryStatPriority: two numbers for each stat. */
const PRIMARY_STATS = ['intellect', 'intellect', 'agility', 'agility', 'strength', 'strength'] as const

/** Who there is, before anything of their spells is read. */
export interface Specs {
  readonly rows: readonly ClientRow<'ChrSpecialization'>[]
  readonly classes: ReadonlyMap<number, ClientRow<'ChrClasses'>>
  /** Each class's one tree of talents, and the specs that share it. */
  readonly specsOfTree: ReadonlyMap<number, readonly number[]>
  /** What each spec knows without talents. */
  readonly spells: readonly Row<'spec_spells'>[]
  /** Of the spec alone, not of its class. */
  readonly ownSpells: ReadonlyMap<number, readonly number[]>
}

export async function readSpecs(reader: ClientReader, counts: ImportCounts): Promise<Specs> {
  const classes = await reader.index('ChrClasses', 'ID')
  const rows: ClientRow<'ChrSpecialization'>[] = []
  await reader.each('ChrSpecialization', (spec) => {
    if (!classes.has(spec.ClassID)) counts.leaveOut('specs', 'of no class, as those of pets')
    else if (spec.OrderIndex === NO_SPEC) counts.leaveOut('specs', 'what a class is before it has one')
    else rows.push(spec)
  })
  const classOfSkill = await classesOfSkills(reader)
  const specsOfClass = new Map<number, number[]>()
  for (const { ID, ClassID } of rows) specsOfClass.set(ClassID, [...(specsOfClass.get(ClassID) ?? []), ID])
  const specsOfTree = new Map<number, number[]>()
  await reader.each('SkillLineXTraitTree', ({ SkillLineID, TraitTreeID }) => {
    const specs = specsOfClass.get(classOfSkill.get(SkillLineID) ?? 0)
    if (specs !== undefined) specsOfTree.set(TraitTreeID, specs)
  })
  const known = new Map<number, Set<number>>(rows.map(({ ID }) => [ID, new Set()]))
  const ownSpells = new Map<number, number[]>(rows.map(({ ID }) => [ID, []]))
  await reader.each('SpecializationSpells', ({ SpecID, SpellID }) => {
    if (known.get(SpecID)?.add(SpellID) === undefined)
      return counts.leaveOut('spec_spells', 'of a spec that is left out')
    ownSpells.get(SpecID)?.push(SpellID)
  })
  await reader.each('SkillLineAbility', ({ SkillLine, Spell, AcquireMethod }) => {
    const specs = specsOfClass.get(classOfSkill.get(SkillLine) ?? 0) ?? []
    if (specs.length === 0) return counts.leaveOut('spec_spells', 'of a skill that is no class')
    if (AcquireMethod !== WITH_SKILL) return counts.leaveOut('spec_spells', 'not known from the start')
    for (const spec of specs) known.get(spec)?.add(Spell)
  })
  for (const { ID, MasterySpellID_0, MasterySpellID_1 } of rows) {
    for (const mastery of [MasterySpellID_0, MasterySpellID_1]) if (mastery !== 0) known.get(ID)?.add(mastery)
  }
  const spells = [...known].flatMap(([specId, ids]) => [...ids].map((spellId) => ({ specId, spellId })))
  return { rows, classes, specsOfTree, spells, ownSpells }
}

/** By skill lines that belong to one class alone. */
async function classesOfSkills(reader: ClientReader): Promise<ReadonlyMap<number, number>> {
  const classOf = new Map<number, number>()
  await reader.each('SkillRaceClassInfo', ({ SkillID, ClassMask }) => {
    const isOneBit = ClassMask > 0 && (ClassMask & (ClassMask - 1)) === 0
    if (isOneBit) classOf.set(SkillID, 32 - Math.clz32(ClassMask))
  })
  return classOf
}

/** What is known of a spec only when its spells are. */
export interface SpecFacts {
  readonly types: PowerTypes
  readonly primaryCurveId: number
  /** A spec's talents that no other spec has say which powers it uses, as its own spells do. */
  readonly traits: readonly TraitLink[]
  /** Of all spells of the revision. */
  readonly costs: readonly Row<'spell_power'>[]
  /** The first effect of each mastery. */
  readonly masteryEffects: ReadonlyMap<number, ClientRow<'SpellEffect'>>
}

export async function mapSpecs(reader: ClientReader, specs: Specs, facts: SpecFacts): Promise<Row<'specs'>[]> {
  const powersOf = await powersBySpec(reader, specs, facts)
  const columns: ColumnSources<'specs'> = {
    id: copy('ChrSpecialization.ID'),
    token: derive(['ChrClasses.Name_lang', 'ChrSpecialization.Name_lang'], (ofClass, name) =>
      tokenOf(`${ofClass} ${name}`),
    ),
    class_name: copy('ChrClasses.Name_lang'),
    name: copy('ChrSpecialization.Name_lang'),
    primary_stat: derive(
      ['ChrSpecialization.PrimaryStatPriority'],
      (priority) => PRIMARY_STATS[priority] ?? 'intellect',
    ),
    primary_curve_id: fixed(facts.primaryCurveId),
    mastery_coefficient: derive(['SpellEffect.EffectBonusCoefficient'], (coefficient) => coefficient || 1),
    power_type_1: derive(['ChrSpecialization.ID'], (id) => powersOf(id)[0] ?? 0),
    power_type_2: derive(['ChrSpecialization.ID'], (id) => powersOf(id)[1] ?? 0),
    // Swings are no spells in client tables.
    main_hand_spell_id: fixed(0),
    off_hand_spell_id: fixed(0),
  }
  const joins = [
    { table: 'ChrClasses', on: 'ChrSpecialization.ClassID', rows: specs.classes },
    { table: 'SpellEffect', on: 'ChrSpecialization.MasterySpellID_0', rows: facts.masteryEffects },
  ] as const
  return specs.rows.map(rowMaker('ChrSpecialization', joins, 'specs', columns))
}

/** The two powers of its class that most of a spec's own spells cost; that which its class shows, when there are none. */
async function powersBySpec(
  reader: ClientReader,
  { rows, classes, ownSpells }: Specs,
  { types, traits, costs }: SpecFacts,
): Promise<(specId: number) => readonly number[]> {
  const idOfKind = new Map(types.map(({ PowerTypeEnum, ID }) => [PowerTypeEnum, ID]))
  const ofClass = new Map<number, Set<number>>()
  await reader.each('ChrClassesXPowerTypes', ({ PowerType, ClassID }) => {
    const id = idOfKind.get(PowerType)
    if (id !== undefined) ofClass.set(ClassID, (ofClass.get(ClassID) ?? new Set()).add(id))
  })
  const costsOf = new Map<number, number[]>()
  for (const { spellId, powerType } of costs) costsOf.set(spellId, [...(costsOf.get(spellId) ?? []), powerType])
  const bySpec = new Map<number, number[]>()
  for (const { ID, ClassID } of rows) {
    const shown = idOfKind.get(classes.get(ClassID)?.DisplayPower ?? 0)
    const uses = new Map<number, number>(shown === undefined ? [] : [[shown, 0]])
    const talents = traits.filter(({ specs }) => specs.length === 1 && specs[0] === ID).map(({ spellId }) => spellId)
    const own = new Set([...(ownSpells.get(ID) ?? []), ...talents])
    for (const power of [...own].flatMap((spell) => costsOf.get(spell) ?? [])) {
      if (power === shown || ofClass.get(ClassID)?.has(power)) uses.set(power, (uses.get(power) ?? 0) + 1)
    }
    const ranked = [...uses].sort(([left, a], [right, b]) => b - a || left - right).map(([power]) => power)
    bySpec.set(ID, ranked.slice(0, 2))
  }
  return (specId) => bySpec.get(specId) ?? []
}
