import { create } from '@bufbuild/protobuf'
import { fight } from '../fight/fight.js'
import { FightState } from '../fight/state.js'
import { Trace } from '../fight/trace.js'
import { type Timeline, TimelineSchema } from '../generated/terrane/combat/v1/timeline_pb.js'
import type { CombatPlan } from '../plan/plan.js'

/** Fights one iteration of a job again and writes down all that happens in it. */
export function recordTimeline(plan: CombatPlan, seed: string, iteration: number): Timeline {
  const state = new FightState(plan)
  const trace = new Trace()
  state.trace = trace
  fight(state, seed, iteration)
  return create(TimelineSchema, {
    fingerprint: plan.fingerprint,
    seed,
    iteration,
    durationMs: plan.durationMs,
    damage: BigInt(state.damage),
    spells: Array.from(plan.spells.id, (id, i) => ({ id, token: plan.spells.token[i] as string })),
    powers: Array.from(plan.powers.id, (id, i) => ({ id, token: plan.powers.token[i] as string })),
    elapsedMs: trace.timeMs.map((timeMs, i) => timeMs - (trace.timeMs[i - 1] ?? 0)),
    kind: trace.kind,
    subject: trace.subject,
    target: trace.target.map((target) => target + 1),
    amount: trace.amount,
    isCut: trace.isCut,
  })
}
