import type { FormationFile, RegionFile } from './schema.js'
import { type StarMap, spread } from './star-map.js'
import type { Tell } from './tell.js'

type Range = readonly [number, number]

/** The table of the documentation, written out. The three rows in the middle are derived there. */
const ROWS: readonly {
  upTo: number
  bubble: Range
  tunnel: Range
  dead_end: Range
  blister: Range
  escape_hatch: Range
  warp_sink: Range
  backdoor: Range
}[] = [
  {
    upTo: 600,
    bubble: [2, 3],
    tunnel: [2, 2],
    dead_end: [3, 3],
    blister: [1, 2],
    escape_hatch: [1, 1],
    warp_sink: [1, 2],
    backdoor: [1, 1],
  },
  {
    upTo: 800,
    bubble: [3, 3],
    tunnel: [2, 3],
    dead_end: [3, 4],
    blister: [1, 2],
    escape_hatch: [1, 1],
    warp_sink: [1, 2],
    backdoor: [1, 1],
  },
  {
    upTo: 1200,
    bubble: [3, 4],
    tunnel: [2, 3],
    dead_end: [4, 5],
    blister: [2, 2],
    escape_hatch: [1, 2],
    warp_sink: [2, 2],
    backdoor: [1, 2],
  },
  {
    upTo: 5000,
    bubble: [4, 5],
    tunnel: [3, 4],
    dead_end: [5, 6],
    blister: [2, 3],
    escape_hatch: [1, 2],
    warp_sink: [2, 3],
    backdoor: [1, 2],
  },
]

const TINY_UP_TO = 300
const SPACING = 5
const SPACING_TINY = 3

export function checkBudgets({ sectors, formations }: RegionFile, at: string, tell: Tell): void {
  const judge = (what: string, count: number, [least, most]: Range) => {
    if (count < least || count > most) tell(`${at}.formations`, `${count} of ${what}, of ${least} to ${most}`)
  }
  const count = (...kinds: FormationFile['kind'][]) => formations.filter(({ kind }) => kinds.includes(kind)).length
  if (sectors.length <= TINY_UP_TO) judge('any kind', formations.length, [0, 1])
  const row = ROWS.find(({ upTo }) => sectors.length > TINY_UP_TO && sectors.length <= upTo)
  if (row === undefined) return
  judge('bubble and dead_end_bubble', count('bubble', 'dead_end_bubble'), row.bubble)
  for (const kind of ['tunnel', 'dead_end', 'blister', 'escape_hatch', 'warp_sink'] as const) {
    judge(kind, count(kind), row[kind])
  }
  for (const bubble of formations) {
    if (bubble.kind !== 'bubble' && bubble.kind !== 'dead_end_bubble') continue
    const doors = formations.filter((other) => other.kind === 'backdoor' && other.target === bubble.name).length
    judge(`backdoor into "${bubble.name}"`, doors, row.backdoor)
  }
}

/** Hops between any two sectors of any two formations that are on the map, but for a bubble and its backdoors. */
export function checkSpacing({ sectors, formations }: RegionFile, map: StarMap, at: string, tell: Tell): void {
  const least = sectors.length <= TINY_UP_TO ? SPACING_TINY : SPACING
  for (const [index, formation] of formations.entries()) {
    const hops = spread(map.around, extentOf(formation))
    for (const other of formations.slice(index + 1)) {
      if (belongsTo(formation) === belongsTo(other)) continue
      const between = Math.min(...extentOf(other).map((sector) => hops.get(sector) ?? Number.POSITIVE_INFINITY))
      if (between >= least) continue
      tell(
        `${at}.formations[${index}] (${formation.kind} "${formation.name}")`,
        `is ${between} hops from ${other.kind} "${other.name}", of at least ${least}`,
      )
    }
  }
}

/** A bubble and its backdoors belong together, and an archipelago and its clusters. */
function belongsTo(formation: FormationFile): string {
  if (formation.kind === 'backdoor') return formation.target
  if (formation.kind === 'archipelago' || formation.kind === 'lost_cluster') return 'lost clusters'
  return formation.name
}

function extentOf(formation: FormationFile): number[] {
  const { anchor, interior } = formation
  return formation.kind === 'tunnel' ? [anchor, ...interior, formation.farMouth] : [anchor, ...interior]
}
