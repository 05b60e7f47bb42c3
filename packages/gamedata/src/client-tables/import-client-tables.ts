import { buildGameData, type GameData, type GameTables } from '@terrane/combat'
import { checkTables } from '../schema/check-tables.js'
import { type GameTable, propertyOf } from '../schema/game-schema.js'
import type { ClientFiles } from './client-files.js'
import { ClientReader } from './client-reader.js'
import { ImportCounts, type ImportReport } from './import-report.js'
import { mapEffects, withTriggered } from './map-effects.js'
import { mapItems } from './map-items.js'
import { mapPowerTypes, mapSpellPower } from './map-powers.js'
import { mapScaling } from './map-scaling.js'
import { mapSpecs, readSpecs } from './map-specs.js'
import { mapSpells, readSpellTables } from './map-spells.js'
import { mapTraits, readTraits } from './map-traits.js'

export interface ClientImport {
  readonly tables: GameTables
  readonly data: GameData
  readonly report: ImportReport
}

/**
 * Terrane's tables from those of a game's client: all that a character can come to have, know or wear, and what that
 * sets off. Files are read as streams, SpellEffect twice; in memory is what is kept of them.
 * @param onRead called when a file is begun and every 100,000 rows after that
 * @throws TerraneError `bad_game_data`, `bad_csv`: file, line and column of what is wrong; `runaway_game_data`
 */
export async function importClientTables(
  files: ClientFiles,
  onRead?: (file: string, rows: number) => void,
): Promise<ClientImport> {
  const counts = new ImportCounts()
  const reader = new ClientReader(files, counts, onRead)
  const types = await reader.all('PowerType')
  const { primaryCurveId, ...scaling } = await mapScaling(reader, counts)
  const specs = await readSpecs(reader, counts)
  const traits = await readTraits(reader, counts, specs.specsOfTree)
  const items = await mapItems(reader, counts, new Set(scaling.curves.map(({ id }) => id)))
  const had = [...specs.spells, ...traits.links, ...items.item_effects, ...items.item_sets]
  const wanted = await withTriggered(
    reader,
    had.map(({ spellId }) => spellId),
  )
  const spells = await readSpellTables(reader, counts, wanted)
  const effects = await mapEffects(reader, counts, spells, types, traits.links)
  const isKnown = ({ spellId }: { readonly spellId: number }) => spells.names.has(spellId)
  const costs = await mapSpellPower(reader, counts, types, (id) => spells.names.has(id))
  const knownOf = <R extends { readonly spellId: number }>(table: string, rows: readonly R[]): R[] => {
    const known = rows.filter(isKnown)
    counts.leaveOut(table, 'its spell is not in SpellName', rows.length - known.length)
    return known
  }
  const tables: GameTables = {
    power_types: mapPowerTypes(types),
    specs: await mapSpecs(reader, specs, {
      types,
      primaryCurveId,
      traits: traits.links,
      costs,
      masteryEffects: effects.first,
    }),
    spec_spells: knownOf('spec_spells', specs.spells),
    specs_traits: mapTraits(traits, counts, spells.names),
    spells: mapSpells(spells, effects),
    spell_power: costs,
    spell_effects: effects.rows,
    items: items.items,
    item_stats: items.item_stats,
    item_effects: knownOf('item_effects', items.item_effects),
    item_sets: knownOf('item_sets', items.item_sets),
    ...scaling,
  }
  const keyOf = ({ name, key }: GameTable, index: number) => {
    const row = tables[name][index] as unknown as Readonly<Record<string, unknown>>
    return key.map((column) => `${column} ${row[propertyOf(column)]}`).join(', ')
  }
  checkTables(tables, { of: (table, index) => `${table.name}: ${keyOf(table, index)}`, within: () => 'another row' })
  return { tables, data: buildGameData(tables), report: counts.report(tables) }
}
