import type { Row } from '@terrane/combat'
import type { ClientRow } from './client-columns.js'
import type { ClientReader } from './client-reader.js'
import { type ColumnSources, copy, derive, fixed, rowMaker } from './column-source.js'
import type { ImportCounts } from './import-report.js'
import { tokenOf } from './text.js'

/** TraitCond.CondType: who sees the node. */
const VISIBLE = 1
/** TraitEdge.Type: the left node must be taken before the right one. */
const REQUIRES = 2
/** TraitNode.PosX and PosY of a row and a column of the tree. */
const CELL = 300
/** Traits are numbered by their spec and entry: entries have six digits, and several specs have the same. */
const ENTRIES_PER_SPEC = 1_000_000

/** Spec, id and requirement are filled in for each spec that has the trait. */
const COLUMNS: ColumnSources<'specs_traits'> = {
  id: copy('TraitNodeEntry.ID'),
  spec_id: fixed(0),
  token: derive(['TraitDefinition.OverrideName_lang', 'SpellName.Name_lang'], (own, spell) => tokenOf(own || spell)),
  name: derive(['TraitDefinition.OverrideName_lang', 'SpellName.Name_lang'], (own, spell) => own || spell),
  row: derive(['TraitNode.PosY'], (y) => Math.round(y / CELL)),
  position: derive(['TraitNode.PosX'], (x) => Math.round(x / CELL)),
  max_ranks: copy('TraitNodeEntry.MaxRanks'),
  requires_trait_id: fixed(0),
  spell_id: copy('TraitDefinition.SpellID'),
}

/** The talents of the classes' trees, before their spells are known. */
export interface Traits {
  readonly links: readonly TraitLink[]
  readonly nodes: ReadonlyMap<number, ClientRow<'TraitNode'>>
  readonly entries: ReadonlyMap<number, ClientRow<'TraitNodeEntry'>>
  readonly definitions: ReadonlyMap<number, ClientRow<'TraitDefinition'>>
  /** The node that must be taken before another. */
  readonly requiredNode: ReadonlyMap<number, number>
}

export interface TraitLink {
  readonly link: ClientRow<'TraitNodeXTraitNodeEntry'>
  readonly spellId: number
  readonly maxRanks: number
  /** Those that see it. */
  readonly specs: readonly number[]
}

/** @param specsOfTree the specs that share a tree */
export async function readTraits(
  reader: ClientReader,
  counts: ImportCounts,
  specsOfTree: ReadonlyMap<number, readonly number[]>,
): Promise<Traits> {
  const nodes = new Map<number, ClientRow<'TraitNode'>>()
  await reader.each('TraitNode', (node) => {
    if (specsOfTree.has(node.TraitTreeID)) nodes.set(node.ID, node)
  })
  const seesNode = await visibility(reader, nodes)
  const requiredNode = await requirements(reader, counts, nodes)
  const entries = await reader.index('TraitNodeEntry', 'ID')
  const definitions = await reader.index('TraitDefinition', 'ID')
  const links: TraitLink[] = []
  const leaveOut = (why: string) => counts.leaveOut('specs_traits', why)
  await reader.each('TraitNodeXTraitNodeEntry', (link) => {
    const node = nodes.get(link.TraitNodeID)
    const entry = entries.get(link.TraitNodeEntryID)
    const definition = definitions.get(entry?.TraitDefinitionID ?? 0)
    if (node === undefined) return leaveOut('of a tree that is no class')
    if (entry === undefined || definition === undefined) return leaveOut('its entry or definition is in no table')
    if (definition.SpellID === 0) return leaveOut('grants no spell')
    if (entry.MaxRanks < 1) return leaveOut('has no ranks')
    const specs = (specsOfTree.get(node.TraitTreeID) ?? []).filter((spec) => seesNode(spec, node.ID))
    if (specs.length === 0) return leaveOut('no spec sees it')
    links.push({ link, spellId: definition.SpellID, maxRanks: entry.MaxRanks, specs })
  })
  return { links, nodes, entries, definitions, requiredNode }
}

/** By conditions of the node itself, and of the groups that it is in: one that is fulfilled is enough. */
async function visibility(
  reader: ClientReader,
  nodes: ReadonlyMap<number, unknown>,
): Promise<(specId: number, nodeId: number) => boolean> {
  const specsOfSet = new Map<number, Set<number>>()
  await reader.each('SpecSetMember', ({ SpecSet, ChrSpecializationID }) => {
    specsOfSet.set(SpecSet, (specsOfSet.get(SpecSet) ?? new Set()).add(ChrSpecializationID))
  })
  const setOfCondition = new Map<number, number>()
  await reader.each('TraitCond', ({ ID, CondType, SpecSetID }) => {
    if (CondType === VISIBLE && SpecSetID !== 0) setOfCondition.set(ID, SpecSetID)
  })
  const setsOfGroup = new Map<number, Set<number>>()
  const setsOfNode = new Map<number, Set<number>>()
  const add = (map: Map<number, Set<number>>, key: number, set: number | undefined) => {
    if (set !== undefined) map.set(key, (map.get(key) ?? new Set()).add(set))
  }
  await reader.each('TraitNodeGroupXTraitCond', ({ TraitCondID, TraitNodeGroupID }) =>
    add(setsOfGroup, TraitNodeGroupID, setOfCondition.get(TraitCondID)),
  )
  await reader.each('TraitNodeXTraitCond', ({ TraitCondID, TraitNodeID }) => {
    if (nodes.has(TraitNodeID)) add(setsOfNode, TraitNodeID, setOfCondition.get(TraitCondID))
  })
  await reader.each('TraitNodeGroupXTraitNode', ({ TraitNodeGroupID, TraitNodeID }) => {
    if (!nodes.has(TraitNodeID)) return
    for (const set of setsOfGroup.get(TraitNodeGroupID) ?? []) add(setsOfNode, TraitNodeID, set)
  })
  return (specId, nodeId) => {
    const sets = setsOfNode.get(nodeId)
    return sets === undefined || [...sets].some((set) => specsOfSet.get(set)?.has(specId))
  }
}

/** The one node that must be taken before another. Of several, one is enough, which a trait's column cannot say. */
async function requirements(
  reader: ClientReader,
  counts: ImportCounts,
  nodes: ReadonlyMap<number, unknown>,
): Promise<ReadonlyMap<number, number>> {
  const before = new Map<number, Set<number>>()
  await reader.each('TraitEdge', ({ LeftTraitNodeID, RightTraitNodeID, Type }) => {
    if (Type !== REQUIRES || !nodes.has(LeftTraitNodeID) || !nodes.has(RightTraitNodeID)) return
    before.set(RightTraitNodeID, (before.get(RightTraitNodeID) ?? new Set()).add(LeftTraitNodeID))
  })
  const only = new Map<number, number>()
  for (const [node, needed] of before) {
    const [first = 0, ...others] = needed
    if (others.length === 0) only.set(node, first)
    else counts.leaveOut('specs_traits', 'not the trait, but that it needs one of several nodes')
  }
  return only
}

/** @param names of the spells of the revision */
export function mapTraits(
  { links, nodes, entries, definitions, requiredNode }: Traits,
  counts: ImportCounts,
  names: ReadonlyMap<number, ClientRow<'SpellName'>>,
): Row<'specs_traits'>[] {
  const makeTrait = rowMaker(
    'TraitNodeXTraitNodeEntry',
    [
      { table: 'TraitNode', on: 'TraitNodeXTraitNodeEntry.TraitNodeID', rows: nodes },
      { table: 'TraitNodeEntry', on: 'TraitNodeXTraitNodeEntry.TraitNodeEntryID', rows: entries },
      { table: 'TraitDefinition', on: 'TraitNodeEntry.TraitDefinitionID', rows: definitions },
      { table: 'SpellName', on: 'TraitDefinition.SpellID', rows: names },
    ],
    'specs_traits',
    COLUMNS,
  )
  const traits = new Map<number, { readonly row: Row<'specs_traits'>; readonly nodeId: number }>()
  const inNode = new Map<string, number[]>()
  for (const { link, specs, spellId } of links) {
    const row = makeTrait(link)
    if (!names.has(spellId)) {
      counts.leaveOut('specs_traits', 'its spell is not in SpellName')
      continue
    }
    for (const specId of specs) {
      const id = specId * ENTRIES_PER_SPEC + row.id
      if (traits.has(id)) counts.leaveOut('specs_traits', 'stands in a second node')
      else {
        traits.set(id, { row: { ...row, id, specId }, nodeId: link.TraitNodeID })
        const place = `${specId} ${link.TraitNodeID}`
        inNode.set(place, [...(inNode.get(place) ?? []), id])
      }
    }
  }
  return [...traits.values()].map(({ row, nodeId }) => {
    // Of a node with a choice either will do, which a trait's column cannot say.
    const [required = 0, ...others] = inNode.get(`${row.specId} ${requiredNode.get(nodeId)}`) ?? []
    return others.length === 0 ? { ...row, requiresTraitId: required } : row
  })
}
