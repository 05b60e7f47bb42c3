import type { Formation } from '@terrane/world-frontier/galaxy'

export type FormationKind = Formation['kind']

interface KindLook {
  readonly kind: FormationKind
  readonly label: string
  readonly color: string
  /** What it means for who flies there. */
  readonly meaning: string
}

/** In the order of the legend. A kind's place here is its bit in `Sky.formations`. */
export const FORMATION_KINDS: readonly KindLook[] = [
  { kind: 'bubble', label: 'Bubble', color: '#35d0ff', meaning: 'An enclave behind one gateway, with loops inside.' },
  {
    kind: 'dead_end_bubble',
    label: 'Dead-end bubble',
    color: '#3d8bff',
    meaning: 'An enclave behind one gateway in which all ways end.',
  },
  { kind: 'tunnel', label: 'Tunnel', color: '#ffd34e', meaning: 'A chain of sectors between two mouths.' },
  { kind: 'dead_end', label: 'Dead end', color: '#ff9838', meaning: 'One neighbour: out the way one came in.' },
  { kind: 'blister', label: 'Blister', color: '#ff5fc4', meaning: 'A loop that leaves a sector and comes back to it.' },
  {
    kind: 'escape_hatch',
    label: 'Escape hatch',
    color: '#4be38f',
    meaning: 'A dead end with a one-way warp in from far away.',
  },
  { kind: 'warp_sink', label: 'Warp sink', color: '#ff4d4d', meaning: 'Ways lead in, none leads out.' },
  { kind: 'backdoor', label: 'Backdoor', color: '#d79bff', meaning: 'A one-way warp into a bubble, past its gateway.' },
  { kind: 'lost_sector', label: 'Lost sector', color: '#b9c3cf', meaning: 'No warp leads here.' },
  {
    kind: 'lost_cluster',
    label: 'Lost cluster',
    color: '#b9c3cf',
    meaning: 'Joined among themselves, and to nothing else.',
  },
  { kind: 'archipelago', label: 'Archipelago', color: '#b9c3cf', meaning: 'Lost clusters that belong together.' },
]

export function kindIndex(kind: FormationKind): number {
  return FORMATION_KINDS.findIndex((look) => look.kind === kind)
}

/** Every sector of a formation, its anchor first. */
export function sectorsOf(formation: Formation): number[] {
  const mouth = formation.kind === 'tunnel' ? [formation.farMouth] : []
  return [formation.anchor, ...formation.interior, ...mouth]
}

/** Sectors that are joined to a formation by the edges that make it what it is, and no part of it. */
export function joinedSectors(formation: Formation): number[] {
  return joinsOf(formation)
    .flat()
    .filter((sector) => sector !== formation.anchor)
}

/** Pairs of sectors that a formation joins besides those among its own. */
export function joinsOf(formation: Formation): [from: number, to: number][] {
  const { anchor } = formation
  switch (formation.kind) {
    case 'dead_end':
      return [[formation.parent, anchor]]
    case 'escape_hatch':
      return [
        [formation.parent, anchor],
        [formation.source, anchor],
      ]
    case 'warp_sink':
      return formation.entries.map((entry) => [entry, anchor])
    case 'backdoor':
      return [[anchor, formation.into]]
    default:
      return []
  }
}
