import type { Row } from '@terrane/combat'
import type { ClientRow } from './client-columns.js'
import type { ClientReader } from './client-reader.js'
import { type ColumnSources, copy, derive, fixed, rowMaker } from './column-source.js'
import type { ImportCounts } from './import-report.js'

/** Curves that no client table has get ids below 0. */
const PRIMARY_CURVE_ID = -1
/** Used where GlobalCurve names none: percent as the ratings give it. */
const STRAIGHT_CURVE_ID = -2

/** Curve.Type: straight lines between the points. */
const LINEAR = 0
/** GlobalCurve.Type: diminishing returns of haste, which are those of the other ratings too. */
const HASTE_RETURNS = 2
/** ItemBonus.Type */
const LEVELS = 1
const LEVEL_BY_CURVE = 13

const DAMAGE_TABLES = [
  { table: 'ItemDamageOneHand', name: 'one-hand' },
  { table: 'ItemDamageTwoHand', name: 'two-hand' },
  { table: 'ItemDamageOneHandCaster', name: 'one-hand caster' },
  { table: 'ItemDamageTwoHandCaster', name: 'two-hand caster' },
] as const
const QUALITIES = ['Quality_0', 'Quality_1', 'Quality_2', 'Quality_3', 'Quality_4', 'Quality_5', 'Quality_6'] as const

/** The curve from item level to damage per second. @param quality 0 poor to 6 artifact */
export function weaponCurveId(isTwoHand: boolean, isCaster: boolean, quality: number): number {
  return -(100 + 10 * ((isTwoHand ? 1 : 0) + (isCaster ? 2 : 0)) + quality)
}

const RAND_PROP_POINTS: ColumnSources<'rand_prop_points'> = {
  item_level: copy('RandPropPoints.ID'),
  epic_0: copy('RandPropPoints.Epic_0'),
  epic_1: copy('RandPropPoints.Epic_1'),
  epic_2: copy('RandPropPoints.Epic_2'),
  epic_3: copy('RandPropPoints.Epic_3'),
  epic_4: copy('RandPropPoints.Epic_4'),
  superior_0: copy('RandPropPoints.Superior_0'),
  superior_1: copy('RandPropPoints.Superior_1'),
  superior_2: copy('RandPropPoints.Superior_2'),
  superior_3: copy('RandPropPoints.Superior_3'),
  superior_4: copy('RandPropPoints.Superior_4'),
  good_0: copy('RandPropPoints.Good_0'),
  good_1: copy('RandPropPoints.Good_1'),
  good_2: copy('RandPropPoints.Good_2'),
  good_3: copy('RandPropPoints.Good_3'),
  good_4: copy('RandPropPoints.Good_4'),
}

const RATING_MULTIPLIERS: ColumnSources<'combat_ratings_mult_by_ilvl'> = {
  item_level: copy('CombatRatingsMultByILvl.Item Level'),
  armor: copy('CombatRatingsMultByILvl.Armor Multiplier'),
  weapon: copy('CombatRatingsMultByILvl.Weapon Multiplier'),
  trinket: copy('CombatRatingsMultByILvl.Trinket Multiplier'),
  jewelry: copy('CombatRatingsMultByILvl.Jewelry Multiplier'),
}

function combatRatings(diminishingCurveId: number): ColumnSources<'combat_ratings'> {
  return {
    level: copy('CombatRatings.Level'),
    crit: copy('CombatRatings.Crit - Melee'),
    haste: copy('CombatRatings.Haste - Melee'),
    mastery: copy('CombatRatings.Mastery'),
    versatility: copy('CombatRatings.Versatility - Damage Done'),
    diminishing_curve_id: fixed(diminishingCurveId),
  }
}

const CURVES: ColumnSources<'curves'> = {
  id: copy('Curve.ID'),
  name: derive(['Curve.ID'], (id) => `curve ${id}`),
  interpolation: fixed('linear'),
}

export interface Scaling {
  readonly curves: readonly Row<'curves'>[]
  readonly curve_points: readonly Row<'curve_points'>[]
  readonly item_bonuses: readonly Row<'item_bonuses'>[]
  readonly rand_prop_points: readonly Row<'rand_prop_points'>[]
  readonly combat_ratings: readonly Row<'combat_ratings'>[]
  readonly combat_ratings_mult_by_ilvl: readonly Row<'combat_ratings_mult_by_ilvl'>[]
  /** The primary stat by level, which client tables do not tell: 0 at every level. */
  readonly primaryCurveId: number
}

export async function mapScaling(reader: ClientReader, counts: ImportCounts): Promise<Scaling> {
  const bonuses = await bonusesOf(reader, counts)
  const returns = (await reader.all('GlobalCurve')).find(({ Type }) => Type === HASTE_RETURNS)?.CurveID
  const wanted = new Set(bonuses.filter(({ kind }) => kind === 'level_curve').map(({ value }) => value))
  if (returns !== undefined) wanted.add(returns)
  const client = await clientCurves(reader, counts, wanted)
  const made = await madeCurves(reader)
  const known = new Set(client.curves.map(({ id }) => id))
  const ratings = rowMaker(
    'CombatRatings',
    [],
    'combat_ratings',
    combatRatings(returns !== undefined && known.has(returns) ? returns : STRAIGHT_CURVE_ID),
  )
  const usable = bonuses.filter(({ kind, value }) => kind !== 'level_curve' || known.has(value))
  counts.leaveOut('item_bonuses', 'its curve is left out', bonuses.length - usable.length)
  return {
    curves: [...made.curves, ...client.curves],
    curve_points: [...made.points, ...client.points],
    item_bonuses: usable,
    rand_prop_points: (await reader.all('RandPropPoints')).map(
      rowMaker('RandPropPoints', [], 'rand_prop_points', RAND_PROP_POINTS),
    ),
    combat_ratings: await combatRatingsOf(reader, counts, ratings),
    combat_ratings_mult_by_ilvl: (await reader.all('CombatRatingsMultByILvl')).map(
      rowMaker('CombatRatingsMultByILvl', [], 'combat_ratings_mult_by_ilvl', RATING_MULTIPLIERS),
    ),
    primaryCurveId: PRIMARY_CURVE_ID,
  }
}

async function combatRatingsOf(
  reader: ClientReader,
  counts: ImportCounts,
  makeRow: (row: ClientRow<'CombatRatings'>) => Row<'combat_ratings'>,
): Promise<Row<'combat_ratings'>[]> {
  const rows = (await reader.all('CombatRatings')).map(makeRow)
  const usable = rows.filter(({ crit, haste, mastery, versatility }) => Math.min(crit, haste, mastery, versatility) > 0)
  counts.leaveOut('combat_ratings', 'a rating of 0, by which nothing can be divided', rows.length - usable.length)
  return usable
}

/** What is on items are lists of bonuses, of which the simulation knows those that change the level. */
async function bonusesOf(reader: ClientReader, counts: ImportCounts): Promise<Row<'item_bonuses'>[]> {
  const bonuses = new Map<number, Row<'item_bonuses'>>()
  const ambiguous = new Set<number>()
  await reader.each('ItemBonus', ({ ParentItemBonusListID: id, Type, Value_0, Value_3 }) => {
    if (Type !== LEVELS && Type !== LEVEL_BY_CURVE) return counts.leaveOut('item_bonuses', 'changes no item level')
    if (bonuses.has(id)) ambiguous.add(id)
    bonuses.set(
      id,
      Type === LEVELS ? { id, kind: 'level', value: Value_0 } : { id, kind: 'level_curve', value: Value_3 },
    )
  })
  counts.leaveOut('item_bonuses', 'its list changes the item level more than once', ambiguous.size)
  for (const id of ambiguous) bonuses.delete(id)
  return [...bonuses.values()]
}

interface Curves {
  readonly curves: readonly Row<'curves'>[]
  readonly points: readonly Row<'curve_points'>[]
}

async function clientCurves(reader: ClientReader, counts: ImportCounts, wanted: ReadonlySet<number>): Promise<Curves> {
  const curves = await reader.index('Curve', 'ID', wanted)
  counts.leaveOut('curves', 'named by an item bonus, but not in Curve', wanted.size - curves.size)
  const points = new Map<number, ClientRow<'CurvePoint'>[]>()
  await reader.each('CurvePoint', (point) => {
    if (!curves.has(point.CurveID)) return counts.leaveOut('curve_points', 'of a curve that nothing uses')
    const own = points.get(point.CurveID)
    if (own === undefined) points.set(point.CurveID, [point])
    else own.push(point)
  })
  const makeCurve = rowMaker('Curve', [], 'curves', CURVES)
  const made = { curves: [] as Row<'curves'>[], points: [] as Row<'curve_points'>[] }
  for (const curve of curves.values()) {
    const own = (points.get(curve.ID) ?? []).sort((a, b) => a.OrderIndex - b.OrderIndex)
    const why = whyUnusable(curve, own)
    if (why !== undefined) {
      counts.leaveOut('curves', why)
      counts.leaveOut('curve_points', 'of a curve that is left out', own.length)
      continue
    }
    made.curves.push(makeCurve(curve))
    for (const [position, { Pos_0: x, Pos_1: y }] of own.entries()) {
      made.points.push({ curveId: curve.ID, position, x, y })
    }
  }
  return made
}

function whyUnusable({ Type }: ClientRow<'Curve'>, points: readonly ClientRow<'CurvePoint'>[]): string | undefined {
  if (points.length === 0) return 'has no points'
  if (Type !== LINEAR) return 'is not linear'
  const isAscending = points.every(({ Pos_0 }, i) => i === 0 || Pos_0 > (points[i - 1]?.Pos_0 ?? 0))
  return isAscending ? undefined : 'its points do not ascend'
}

/** Those that the client has in other forms, or not at all. */
async function madeCurves(reader: ClientReader): Promise<Curves> {
  const curves: Row<'curves'>[] = [
    { id: PRIMARY_CURVE_ID, name: 'primary stat by level: not in client tables', interpolation: 'linear' },
    { id: STRAIGHT_CURVE_ID, name: 'no diminishing returns', interpolation: 'linear' },
  ]
  const points: Row<'curve_points'>[] = [
    { curveId: PRIMARY_CURVE_ID, position: 0, x: 1, y: 0 },
    { curveId: STRAIGHT_CURVE_ID, position: 0, x: 0, y: 0 },
    { curveId: STRAIGHT_CURVE_ID, position: 1, x: 10_000, y: 10_000 },
  ]
  for (const [kind, { table, name }] of DAMAGE_TABLES.entries()) {
    const rows = (await reader.all(table)).sort((a, b) => a.ItemLevel - b.ItemLevel)
    if (rows.length === 0) continue
    for (const [quality, column] of QUALITIES.entries()) {
      const id = weaponCurveId(kind % 2 === 1, kind >= 2, quality)
      curves.push({ id, name: `${name} damage per second by item level, quality ${quality}`, interpolation: 'linear' })
      for (const [position, row] of rows.entries()) {
        points.push({ curveId: id, position, x: row.ItemLevel, y: row[column] })
      }
    }
  }
  return { curves, points }
}
