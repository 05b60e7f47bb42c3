import type { JsonSchema } from './descriptor.js'

/** One field of an input's form. */
export interface FieldShape {
  readonly name: string
  readonly type: 'number' | 'text' | 'boolean' | 'json'
  readonly required: boolean
  /** What may be chosen, for enumerations and booleans. */
  readonly options: readonly string[] | undefined
  readonly initial: string
}

/** The fields of an object schema, in their order. */
export function fieldsOf(schema: JsonSchema): FieldShape[] {
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const core = withoutNull(property)
    const options = core.enum?.map(String) ?? (core.type === 'boolean' ? ['true', 'false'] : undefined)
    const needed = required.has(name)
    return { name, type: typeOf(core), required: needed, options, initial: needed ? (options?.[0] ?? '') : '' }
  })
}

/** Arguments from what was typed; fields that were left empty are left out. */
export function argsOf(
  fields: readonly FieldShape[],
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const args: Record<string, unknown> = {}
  for (const field of fields) {
    const text = texts[field.name] ?? field.initial
    if (text === '' && !field.required) continue
    args[field.name] = parsed(field, text)
  }
  return args
}

function parsed(field: FieldShape, text: string): unknown {
  if (field.type === 'number') return Number(text)
  if (field.type === 'boolean') return text === 'true'
  if (field.type !== 'json') return text
  try {
    return JSON.parse(text)
  } catch {
    // The server says what is wrong with it better than this page could.
    return text
  }
}

function typeOf(schema: JsonSchema): FieldShape['type'] {
  if (schema.type === 'number' || schema.type === 'integer') return 'number'
  if (schema.type === 'boolean') return 'boolean'
  if (schema.type === 'string' || schema.enum !== undefined) return 'text'
  return 'json'
}

/** Of `a | null`, the schema of `a`. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const choices = (schema.anyOf ?? schema.oneOf ?? []).filter((each) => each.type !== 'null')
  const [only] = choices
  return choices.length === 1 && only !== undefined ? only : schema
}
