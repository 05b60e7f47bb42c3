import type { Prng } from '@terrane/core'
import type { AnyWorld, Kinds, ReadTables } from '@terrane/engine'
import { z } from 'zod'

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

/**
 * Makes arguments for a world's inputs from their schemas. Half of the texts and integers are keys of
 * rows that exist, so that inputs meet real entities and each other.
 */
export class RandomArgs {
  readonly #schemas: readonly { readonly name: string; readonly schema: JsonSchema }[]
  readonly #random: Prng

  constructor(world: AnyWorld, random: Prng) {
    this.#random = random
    this.#schemas = world.inputNames.map((name) => ({
      name,
      schema: z.toJSONSchema((world.inputs as Record<string, { args: z.ZodType }>)[name]?.args as z.ZodType, {
        io: 'input',
        unrepresentable: 'any',
      }) as JsonSchema,
    }))
  }

  /** One input with its number and arguments by name. */
  draw(tables: ReadTables<Kinds>): { readonly input: number; readonly args: Record<string, unknown> } {
    const input = this.#random.below(this.#schemas.length)
    const schema = this.#schemas[input]?.schema as JsonSchema
    return { input, args: this.#value(schema, tables) as Record<string, unknown> }
  }

  #value(schema: JsonSchema, tables: ReadTables<Kinds>): unknown {
    const random = this.#random
    if (schema.const !== undefined) return schema.const
    if (schema.enum !== undefined) return random.pick(schema.enum)
    const options = schema.anyOf ?? schema.oneOf
    if (options !== undefined) return this.#value(random.pick(options), tables)
    const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0]
    switch (type) {
      case 'object': {
        const object: Record<string, unknown> = {}
        for (const [name, part] of Object.entries(schema.properties ?? {})) {
          if (schema.required?.includes(name) !== true && random.chance(0.5)) continue
          object[name] = this.#value(part, tables)
        }
        return object
      }
      case 'array':
        return Array.from({ length: random.below(Math.min(4, (schema.maxItems ?? 3) + 1)) }, () =>
          this.#value(schema.items ?? {}, tables),
        )
      case 'integer':
      case 'number':
        return this.#number(schema, type === 'integer', tables)
      case 'boolean':
        return random.chance(0.5)
      case 'string': {
        const key = random.chance(0.7) ? this.#keyOf(tables) : undefined
        const value = typeof key === 'string' ? key : random.id()
        return schema.maxLength === undefined ? value : value.slice(0, schema.maxLength)
      }
      default:
        return null
    }
  }

  #number(schema: JsonSchema, whole: boolean, tables: ReadTables<Kinds>): number {
    const low = Math.max(schema.minimum ?? (schema.exclusiveMinimum ?? -1_001) + 1, -1_000_000_000)
    const high = Math.min(schema.maximum ?? (schema.exclusiveMaximum ?? 1_001) - 1, 1_000_000_000)
    const key = this.#random.chance(0.3) ? this.#keyOf(tables) : undefined
    if (typeof key === 'number' && key >= low && key <= high) return key
    // Small numbers are where worlds have their edges.
    const span = Math.min(high - low, this.#random.chance(0.5) ? 20 : Number.POSITIVE_INFINITY)
    const value = low + this.#random.float() * span
    return whole ? Math.round(value) : value
  }

  #keyOf(tables: ReadTables<Kinds>): unknown {
    const table = this.#random.pick(Object.values(tables))
    if (table.count === 0) return undefined
    let skip = this.#random.below(Math.min(table.count, 64))
    for (const row of table.all()) {
      if (skip-- > 0) continue
      const values = Object.values(row as Record<string, unknown>)
      return values[0]
    }
    return undefined
  }
}
