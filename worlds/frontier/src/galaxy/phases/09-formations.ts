import type { Prng } from '@terrane/core'
import type { Budget, Range } from '../budgets.js'
import { isBackdoorOf, planBackdoor } from '../formations/backdoor.js'
import { planBlister } from '../formations/blister.js'
import { planBubble } from '../formations/bubble.js'
import { planDeadEnd } from '../formations/dead-end.js'
import { planEscapeHatch } from '../formations/escape-hatch.js'
import { Site } from '../formations/site.js'
import { planTunnel } from '../formations/tunnel.js'
import { planWarpSink } from '../formations/warp-sink.js'
import type { RegionDraft } from '../region-draft.js'
import type { Changes } from '../sector-graph.js'
import { stampAll, type Wish } from '../stamping.js'
import type { Bubble, Formation } from '../universe.js'
import { budgetFaults, isSound } from '../validity.js'
import type { Phase } from './phase.js'

/** Drawings of all formations that are tried, from the same graph, until one meets the budget. */
const DRAWINGS_MAX = 24
/** From this drawing on no more is wished for than the budget asks. */
const MODEST_FROM = 8
const DEAD_END_BUBBLE_SHARE = 0.35

type Plan = (site: Site) => Formation | undefined

const PLANS = {
  bubble: (site) => planBubble(site, site.prng.chance(DEAD_END_BUBBLE_SHARE) ? 'dead_end_bubble' : 'bubble'),
  tunnel: planTunnel,
  blister: planBlister,
  warp_sink: planWarpSink,
  escape_hatch: planEscapeHatch,
  dead_end: planDeadEnd,
} satisfies Record<string, Plan>

/**
 * Stamps the formations. Large ones come first: they need the most room. When they do not fit the budget,
 * all is taken back and drawn anew; what remains below it is for the final gate to refuse.
 */
export const formationsPhase: Phase = {
  number: 9,
  name: 'formations',
  run: (draft) => {
    const { graph, formations } = draft
    const { band } = draft.parameters
    const mark = graph.mark()
    const before = formations.length
    let best: { faults: number; changes: Changes; made: Formation[] } | undefined
    for (let drawing = 0; drawing < DRAWINGS_MAX; drawing++) {
      draw(draft, drawing)
      const faults = budgetFaults(formations, band).length
      if (faults === 0) return [formations, draft.arcs()]
      const made = formations.splice(before)
      const changes = graph.undoTo(mark)
      if (best === undefined || faults < best.faults) best = { faults, changes, made }
    }
    graph.redo(best?.changes ?? [])
    formations.push(...(best?.made ?? []))
    return [formations, draft.arcs()]
  },
}

function draw(draft: RegionDraft, drawing: number): void {
  const { graph, formations } = draft
  const { capital, band, batchSize } = draft.parameters
  const prng = draft.random(`formations ${drawing}`)
  const wishes = wishesFor(draft, prng, drawing >= MODEST_FROM)
  const isValid = () => isSound({ graph, formations, capital, band })
  stampAll({ graph, made: formations, batchSize, isValid }, wishes)
}

function wishesFor(draft: RegionDraft, prng: Prng, isModest: boolean): Wish<Formation>[] {
  const { budget } = draft.parameters.band
  const namer = draft.namer('formations')
  const site = (besides?: readonly Formation[]) => new Site(draft, prng, () => namer.cluster(), besides)
  const wish = (kind: keyof typeof PLANS): Wish<Formation> => ({ what: kind, plan: () => PLANS[kind](site()) })
  const count = ([least, most]: Range) => (isModest ? least : prng.between(least, most))
  if ('total' in budget) {
    const kinds = Object.keys(PLANS) as (keyof typeof PLANS)[]
    return Array.from({ length: count(budget.total) }, () => wish(prng.pick(kinds)))
  }
  const wishes: Wish<Formation>[] = []
  const bubbles = count(budget.bubble)
  for (let i = 0; i < bubbles; i++) wishes.push(wish('bubble'))
  const [least, most] = budget.backdoor_per_bubble
  for (let i = 0, backdoors = count([least * bubbles, most * bubbles]); i < backdoors; i++) {
    wishes.push({ what: 'backdoor', plan: () => planNextBackdoor(draft.formations, budget, site) })
  }
  for (const kind of ['tunnel', 'blister', 'warp_sink', 'escape_hatch', 'dead_end'] as const) {
    for (let left = count(budget[kind]); left > 0; left--) wishes.push(wish(kind))
  }
  return wishes
}

/** Into the bubble that has the fewest. */
function planNextBackdoor(
  formations: readonly Formation[],
  budget: Exclude<Budget, { total: Range }>,
  site: (besides: readonly Formation[]) => Site,
): Formation | undefined {
  const bubbles = formations
    .filter((formation): formation is Bubble => formation.kind === 'bubble' || formation.kind === 'dead_end_bubble')
    .map((bubble) => ({ bubble, backdoors: formations.filter((other) => isBackdoorOf(other, bubble)) }))
    .sort((a, b) => a.backdoors.length - b.backdoors.length)
  const [first] = bubbles
  if (first === undefined || first.backdoors.length >= budget.backdoor_per_bubble[1]) return undefined
  return planBackdoor(site([first.bubble, ...first.backdoors]), first.bubble)
}
