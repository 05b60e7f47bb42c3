import type { z } from 'zod'
import type { AnyWorld, OpRefusal } from '../world/define-world.js'
import { problemsOf } from '../zone/input-handlers.js'
import type { ZoneAddress } from '../zones/zone-address.js'

/** An op whose types have been forgotten: `args` have been checked when its functions get them. */
interface AnyOp {
  readonly args: z.ZodType
  apply(tx: never, args: never): unknown
  refused?(tx: never, args: never, why: OpRefusal): unknown
  refusedAt?(args: never): ZoneAddress
}

/** An op of the world, ready to be sent and to run. */
export class OpHandler {
  readonly name: string
  readonly hasRefused: boolean
  readonly #definition: AnyOp

  constructor(name: string, definition: AnyOp) {
    this.name = name
    this.hasRefused = definition.refused !== undefined
    this.#definition = definition
  }

  parse(args: unknown): { readonly ok: true; readonly args: never } | { readonly ok: false; readonly problem: string } {
    const parsed = this.#definition.args.safeParse(args)
    return parsed.success ? { ok: true, args: parsed.data as never } : { ok: false, problem: problemsOf(parsed.error) }
  }

  apply(tx: never, args: never): unknown {
    return this.#definition.apply(tx, args)
  }

  refused(tx: never, args: never, why: OpRefusal): unknown {
    return this.#definition.refused?.(tx, args, why)
  }

  /** Where that runs; undefined for the zone that sent it. */
  refusedAt(args: never): ZoneAddress | undefined {
    return this.#definition.refusedAt?.(args)
  }
}

export function opHandlersOf(world: AnyWorld): ReadonlyMap<string, OpHandler> {
  const definitions = Object.entries((world.ops ?? {}) as Record<string, AnyOp>)
  return new Map(definitions.map(([name, definition]) => [name, new OpHandler(name, definition)]))
}
