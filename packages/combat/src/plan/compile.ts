import { type Character, resolveCharacter } from '../character/character.js'
import type { CombatConfig } from '../config/config.js'
import { lookup } from '../config/lookup.js'
import { ENGINE_VERSION } from '../job/engine-version.js'
import type { Names } from '../rotation/compile-condition.js'
import { compileRotation } from '../rotation/compile-rotation.js'
import type { GameData, PowerType } from '../tables/game-data.js'
import { fingerprint } from '../tables/hash.js'
import { compileAuras, indexAuras } from './auras.js'
import { bytes, floats, ints, lists, starts } from './columns.js'
import { compileEffects } from './effects.js'
import { collectSpells, type PlannedSpell } from './known-spells.js'
import { compileModifiers, foldPassives, isAffected, type StaticModifiers } from './modifiers.js'
import { checkPace } from './pace.js'
import { type AuraColumns, type CombatPlan, MILLIONTHS, type PowerColumns, type SpellColumns } from './plan.js'
import { compilePools } from './pools.js'
import { compileProcs } from './procs.js'

/**
 * Resolves a configuration against the game data. Throws `bad_combat_config`, naming the field, for names that are
 * unknown and choices that are not allowed; `bad_game_data` when the data itself contradicts itself, `runaway_game_data`
 * when the character would be infinitely slow or fast.
 */
export function compileCombat(data: GameData, config: CombatConfig): CombatPlan {
  const character = resolveCharacter(data, config)
  const { enemies, seconds } = config.encounter
  const spells = collectSpells(data, character)
  checkPace(data, character, spells)
  const powers = powersOf(data, character)
  const powerOf = new Map(powers.map(({ id }, index) => [id, index]))
  const auraOf = indexAuras(spells)
  const effects = compileEffects(spells, auraOf, powerOf, character)
  const auras = compileAuras(spells, auraOf, enemies, effects.periodic)
  const passives = foldPassives(spells, character)
  const pools = compilePools(spells)
  const indexOf = (id: number) => spells.findIndex(({ spell }) => spell.id === id)
  return {
    fingerprint: fingerprint(`${ENGINE_VERSION}\n${data.revision}\n${JSON.stringify(sortKeys(config))}`),
    spec: character.spec.token,
    durationMs: Math.round(seconds * 1_000),
    enemies,
    power: character.power * passives.power,
    haste: (1 + character.haste) * passives.haste,
    spells: { ...compileSpells(data, spells, powerOf, auraOf, effects.direct, passives), ...pools },
    effects: effects.columns,
    auras,
    powers: compilePowers(powers),
    pools: pools.columns,
    procs: compileProcs(spells, auraOf, auras.instance),
    modifiers: compileModifiers(spells, auraOf, auras.instance),
    rotation: compileRotation(
      config.rotation,
      { spell: (reference, field) => castableSpell(spells, reference, field) },
      namesFor(spells, powers, auraOf, auras, character, enemies, data),
    ),
    swings: {
      spell: Int32Array.of(
        character.mainHand === undefined ? -1 : indexOf(character.spec.mainHandSpellId),
        character.offHand === undefined ? -1 : indexOf(character.spec.offHandSpellId),
      ),
      speedMs: Int32Array.of(character.mainHand?.speedMs ?? 0, character.offHand?.speedMs ?? 0),
    },
  }
}

function powersOf(data: GameData, { spec }: Character): PowerType[] {
  return [spec.powerType1, spec.powerType2].flatMap((id) => data.powerTypes.get(id) ?? [])
}

function compilePowers(powers: readonly PowerType[]): PowerColumns {
  return {
    count: powers.length,
    id: ints(powers, ({ id }) => id),
    token: powers.map(({ token }) => token),
    max: floats(powers, ({ max }) => max * MILLIONTHS),
    start: floats(powers, ({ start }) => start * MILLIONTHS),
    regen: floats(powers, ({ regen }) => Math.round((regen * MILLIONTHS) / 1_000)),
    regenHasted: bytes(powers, ({ regenHasted }) => regenHasted),
  }
}

function compileSpells(
  data: GameData,
  spells: readonly PlannedSpell[],
  powerOf: ReadonlyMap<number, number>,
  auraOf: Int32Array,
  direct: { readonly start: Int32Array; readonly end: Int32Array },
  passives: StaticModifiers,
): Omit<SpellColumns, 'poolStart' | 'pool' | 'poolMs'> {
  const column = (pick: (row: PlannedSpell['spell']) => number) => ints(spells, ({ spell }) => pick(spell))
  const costs = spells.map(({ spell }) =>
    (data.costs.get(spell.id) ?? []).filter(({ powerType }) => powerOf.has(powerType)),
  )
  const indexOf = (id: number) => spells.findIndex(({ spell }) => spell.id === id)
  return {
    count: spells.length,
    id: column(({ id }) => id),
    token: spells.map(({ spell }) => spell.token),
    gcdMs: column(({ gcdMs }) => gcdMs),
    gcdHasted: bytes(spells, ({ spell }) => spell.gcdHasted),
    castMs: column(({ castMs }) => castMs),
    channelMs: column(({ channelMs }) => channelMs),
    channelTicks: column(({ channelMs, tickMs }) => (tickMs > 0 ? Math.max(1, Math.round(channelMs / tickMs)) : 1)),
    travelMs: column(({ travelMs }) => travelMs),
    targetHealthBelow: column(({ targetHealthBelow }) => targetHealthBelow),
    requiredAura: column(({ requiredAuraId }) => (requiredAuraId === 0 ? -1 : (auraOf[indexOf(requiredAuraId)] ?? -1))),
    aura: auraOf,
    effectStart: direct.start,
    effectEnd: direct.end,
    hurts: bytes(spells, ({ effects }) => effects.some(({ kind }) => kind === 'damage')),
    costStart: starts(costs),
    costPower: ints(costs.flat(), ({ powerType }) => powerOf.get(powerType) ?? -1),
    costAmount: floats(costs.flat(), ({ cost }) => cost * MILLIONTHS),
    damageFactor: Float64Array.from(passives.damage),
    critChance: Float64Array.from(passives.crit),
    costFactor: Float64Array.from(passives.cost),
    costChanges: bytes(spells, (planned, i) => passives.cost[i] !== 1 || isAffected(spells, planned, 'mod_cost')),
    castFactor: Float64Array.from(passives.castTime),
    consumes: lists(
      spells.map(({ spell: cause }) =>
        spells.flatMap(({ spell }, index) => {
          const aura = auraOf[index] as number
          return aura >= 0 && (spell.consumedBy & cause.familyMask) !== 0 ? [aura] : []
        }),
      ),
    ),
  }
}

function castableSpell(spells: readonly PlannedSpell[], reference: number | string, field: string): number {
  const known = spells.filter(({ spell, isKnown }) => isKnown && !spell.passive).map(({ spell }) => spell)
  const { id } = lookup(known, reference, field, 'spell that this character can cast')
  return spells.findIndex(({ spell }) => spell.id === id)
}

function namesFor(
  spells: readonly PlannedSpell[],
  powers: readonly PowerType[],
  auraOf: Int32Array,
  auras: AuraColumns,
  character: Character,
  enemies: number,
  data: GameData,
): Names {
  const traits = new Set(
    [...data.traits.values()].filter((trait) => trait.specId === character.spec.id).map((t) => t.token),
  )
  return {
    constant([group, name, ...rest]) {
      if (group === 'enemies' && name === undefined) return enemies
      if (group !== 'talent' || name === undefined || rest.length > 0 || !traits.has(name)) return undefined
      return character.talents.has(name) ? 1 : 0
    },
    power: (token) => powers.findIndex((power) => power.token === token),
    aura(token, side) {
      const aura = auraOf[spells.findIndex(({ spell }) => spell.token === token)] ?? -1
      return aura >= 0 && (auras.onEnemy[aura] === 1) === (side === 'debuff') ? aura : -1
    },
    spell: (token) => spells.findIndex(({ spell }) => spell.token === token),
  }
}

/** The same configuration has the same fingerprint however its fields are ordered. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}
