import type { AnyKind, AnyWorld, KindSchema } from '@terrane/engine'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

const SCHEMA = {
  summary: 'The world: its kinds and inputs',
  tags: ['world'],
  response: {
    200: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        zones: { type: 'array', items: { type: 'string' }, description: 'zones that exist from the start' },
        guests: { type: 'boolean', description: 'whether POST /api/guest gives a token' },
        kinds: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              columns: {
                type: 'array',
                items: { type: 'object', properties: { name: { type: 'string' }, type: { type: 'string' } } },
              },
              key: { type: 'string', description: "the key's column" },
              visible: { type: 'object', additionalProperties: true, description: 'who sees rows of this kind' },
            },
          },
        },
        inputs: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              args: { type: 'object', additionalProperties: true, description: 'JSON schema of the arguments' },
            },
          },
        },
      },
    },
  },
} as const

/** What a page needs to show any world and to play it. */
export function worldRoutes(app: FastifyInstance, world: AnyWorld, guests: boolean): void {
  const description = describeWorld(world, guests)
  app.get('/api/world', { schema: SCHEMA }, async () => description)
}

function describeWorld(world: AnyWorld, guests: boolean) {
  const kinds = world.kinds as Readonly<Record<string, AnyKind>>
  const inputs = Object.entries((world.inputs ?? {}) as Readonly<Record<string, { readonly args: z.ZodType }>>)
  return {
    name: world.name,
    zones: world.layout.standing,
    guests,
    kinds: world.schemas.map((schema) => describeKind(schema, kinds[schema.name])),
    inputs: inputs.map(([name, input]) => ({
      name,
      args: z.toJSONSchema(input.args, { io: 'input', unrepresentable: 'any' }),
    })),
  }
}

function describeKind(schema: KindSchema, definition: AnyKind | undefined) {
  return {
    name: schema.name,
    columns: schema.columns.map(({ name, type }) => ({ name, type })),
    key: schema.columns[schema.keyColumn]?.name ?? '',
    visible: definition?.visible ?? { to: 'everyone' },
  }
}
