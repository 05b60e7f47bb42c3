import { Client } from './client.js'
import type { Transport } from './connection/transport.js'
import { type ConnectOptions, settle } from './options.js'
import type { UntypedWorld, WorldShape } from './world-types.js'

export type Connect = <W extends WorldShape = UntypedWorld>(
  address: string,
  options?: ConnectOptions,
) => Promise<Client<W>>

/** Makes `connect` for a platform: `transport` is used where the options give none. */
export function connectOver(transport: Transport): Connect {
  return async <W extends WorldShape = UntypedWorld>(address: string, options: ConnectOptions = {}) => {
    const client = new Client<W>(settle(address, options, transport))
    await client.open()
    return client
  }
}
