import { type AnyWorld, fieldsOf, schemasForClients, wireTypeOf } from '@terrane/engine'
import type { GatewayOptions } from '@terrane/gateway'

/** What a gateway must know of a world, as the server tells it. */
export function gatewayWorldOf(world: AnyWorld): GatewayOptions['world'] {
  return {
    name: world.name,
    inputs: Object.entries(world.inputs ?? {}).map(([name, { args }]) => ({ name, fields: fieldsOf(args) ?? [] })),
    kinds: schemasForClients(world).map(({ name, columns, keyColumn }) => ({
      name,
      columns: columns.map((column) => column.name),
      types: columns.map(wireTypeOf),
      key: keyColumn,
    })),
  }
}
