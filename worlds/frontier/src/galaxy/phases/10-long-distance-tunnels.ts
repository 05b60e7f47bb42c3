import type { Prng } from '@terrane/core'
import { footprint } from '../formations/site.js'
import type { NaturalTunnel, RegionDraft } from '../region-draft.js'
import { distance2 } from '../spatial-grid.js'
import { stampAll, type Wish } from '../stamping.js'
import { hopsFrom, UNREACHED } from '../traversal.js'
import { isSound } from '../validity.js'
import type { Phase } from './phase.js'

const SECTORS_PER_TUNNEL = 40
/** A tunnel spares a journey of this many hops, at least. */
const HOPS_MIN = 8
const ONE_WAY_SHARE = 0.2
const TURNS_MAX = 3
/** A turn for every so much space. */
const DISTANCE_PER_TURN = 300

/**
 * Natural tunnels: one jump over a long distance. They shorten ways, so everything that the formations
 * promise is checked again, and a tunnel that breaks a promise is left out. They are many and hardly ever
 * break one, so they are one batch: the cost of the checks does not grow with their number.
 */
export const longDistanceTunnelsPhase: Phase = {
  number: 10,
  name: 'long-distance tunnels',
  run: (draft) => {
    const { graph, formations, tunnels } = draft
    const { capital, band, sectors } = draft.parameters
    const prng = draft.random('long-distance tunnels')
    const ends = sectorsToJoin(draft)
    const wish: Wish<NaturalTunnel> = { what: 'tunnel', plan: () => planNaturalTunnel(draft, prng, ends) }
    const wishes = Array.from({ length: Math.round(sectors / SECTORS_PER_TUNNEL) }, () => wish)
    const isValid = () => isSound({ graph, formations, capital, band })
    stampAll({ graph, made: tunnels, batchSize: wishes.length, isValid }, wishes)
    return draft.tunnelWarps()
  },
}

/** All but the lost ones and those in formations. */
function sectorsToJoin(draft: RegionDraft): number[] {
  const taken = new Set(draft.formations.flatMap(footprint))
  return [...draft.numbers()].filter((sector) => !taken.has(sector))
}

function planNaturalTunnel(draft: RegionDraft, prng: Prng, ends: readonly number[]): NaturalTunnel | undefined {
  const { graph, places } = draft
  const from = prng.pick(ends)
  const to = prng.pick(ends)
  const isNear = hopsFrom(graph, [from], { limit: HOPS_MIN - 1 })[to] !== UNREACHED
  if (isNear || !keepsSpacing(draft, from, to)) return undefined
  if (prng.chance(ONE_WAY_SHARE)) graph.add(from, to)
  else graph.link(from, to)
  const turns = Math.ceil(Math.sqrt(distance2(places, from, to)) / DISTANCE_PER_TURN)
  return { from, to, turns: Math.min(TURNS_MAX, turns) }
}

/** Whether no two formations come too close over the tunnel. */
function keepsSpacing({ graph, formations, parameters }: RegionDraft, from: number, to: number): boolean {
  const { spacing } = parameters.band
  const [a, b] = [from, to].map((end) => {
    const hops = hopsFrom(graph, [end], { limit: spacing })
    return formations.flatMap(footprint).reduce((least, sector) => Math.min(least, hops[sector] as number), spacing)
  }) as [number, number]
  return a + 1 + b >= spacing
}
