import type { AnyWorld, Engine } from '@terrane/engine'
import type { Phase } from '../process/lifecycle.js'

export interface ReadinessSources {
  readonly world: AnyWorld
  /** Others may have the zones that this process has not. */
  readonly isShared: boolean
  readonly phase: () => Phase
  /** Undefined until the world is loaded. */
  readonly engine: () => Engine | undefined
  /** Why the database cannot be used now. */
  readonly databaseProblem: () => string | undefined
}

/** Why inputs would not be taken and made durable now; empty when they would. */
export function notReadyBecause({ world, isShared, phase, engine, databaseProblem }: ReadinessSources): string[] {
  const current = phase()
  if (current !== 'serving') return [current === 'draining' ? 'the server is going down' : 'the server is starting']
  const reasons: string[] = []
  const problem = databaseProblem()
  if (problem !== undefined) reasons.push(problem)
  const statuses = new Map(
    engine()
      ?.statuses()
      .map((status) => [status.id, status]),
  )
  for (const zone of engine()?.standing ?? world.layout.standing) {
    const { state, stalledBecause } = statuses.get(zone) ?? {}
    if (state === undefined && isShared) continue
    if (state === undefined) reasons.push(`zone ${zone} is not loaded`)
    else if (state === 'stalled') reasons.push(`zone ${zone} waits for the database: ${stalledBecause}`)
    else if (state !== 'active') reasons.push(`zone ${zone} is ${state}`)
  }
  return reasons
}
