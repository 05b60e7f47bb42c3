import { pack, unpack } from '@terrane/protocol'
import type { OpRefusal } from '../world/define-world.js'

/** What an op says, beside its stamp. */
export interface OpBody {
  readonly op: string
  readonly args: unknown
  /** The sender wants to know when it is refused. */
  readonly wantsRefusal: boolean
  /** Set in what goes back: the op was refused. */
  readonly why?: OpRefusal
}

/** [op, args, wantsRefusal] or [op, args, false, code, message]. */
export function encodeBody(body: OpBody): Uint8Array {
  const { op, args, wantsRefusal, why } = body
  return pack(why === undefined ? [op, args, wantsRefusal] : [op, args, false, why.code, why.message])
}

export function decodeBody(bytes: Uint8Array): OpBody {
  const [op, args, wantsRefusal, code, message] = unpack(bytes) as [string, unknown, boolean, string?, string?]
  if (code === undefined) return { op, args, wantsRefusal }
  return { op, args, wantsRefusal, why: { code, message: message ?? '' } }
}
