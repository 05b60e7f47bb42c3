import { pack, unpack } from '@terrane/protocol'
import type { OpRefusal } from '../world/define-world.js'
import type { ZoneAddress } from '../zones/zone-address.js'

/** What an op says, beside its stamp. */
export interface OpBody {
  readonly op: string
  readonly args: unknown
  /** The sender wants to know when it is refused. */
  readonly wantsRefusal: boolean
  /** Set in what goes back: the op was refused. */
  readonly why?: OpRefusal | undefined
  /** What it was sent to, when not to a zone by name: who gets it and has not the authority any more passes it on. */
  readonly address?: Exclude<ZoneAddress, string> | undefined
  /** Set in what was passed on: the zone that sent it first. */
  readonly origin?: string | undefined
}

type Fields = [
  op: string,
  args: unknown,
  wantsRefusal: boolean,
  code?: string | null,
  message?: string | null,
  address?: OpBody['address'] | null,
  origin?: string | null,
]

/** The first three fields, and of the others those up to the last that is there. */
export function encodeBody({ op, args, wantsRefusal, why, address, origin }: OpBody): Uint8Array {
  const fields: Fields = [op, args, wantsRefusal]
  if (why !== undefined || address !== undefined || origin !== undefined) fields.push(why?.code ?? null)
  if (fields.length > 3) fields.push(why?.message ?? null)
  if (address !== undefined || origin !== undefined) fields.push(address ?? null)
  if (origin !== undefined) fields.push(origin)
  return pack(fields)
}

export function decodeBody(bytes: Uint8Array): OpBody {
  const [op, args, wantsRefusal, code, message, address, origin] = unpack(bytes) as Fields
  return {
    op,
    args,
    wantsRefusal,
    why: typeof code === 'string' ? { code, message: message ?? '' } : undefined,
    address: address ?? undefined,
    origin: origin ?? undefined,
  }
}
