/** What the server says about the world that it runs: GET /api/world. */
export interface WorldDescriptor {
  readonly name: string
  /** Zones that exist from the start; the page watches the first. */
  readonly zones: readonly string[]
  /** Whether POST /api/guest gives a token. */
  readonly guests: boolean
  readonly kinds: readonly KindDescriptor[]
  readonly inputs: readonly InputDescriptor[]
}

export interface KindDescriptor {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Name of the key's column. */
  readonly key: string
  readonly visible: VisibilityDescriptor
}

type VisibilityDescriptor =
  | { readonly to: 'everyone' | 'nobody' }
  | { readonly to: 'owner' | 'room'; readonly column: string }
  | { readonly to: 'nearby'; readonly x: string; readonly y: string }

export interface InputDescriptor {
  readonly name: string
  /** JSON schema of its arguments. */
  readonly args: JsonSchema
}

/** The part of JSON schema that an input's form understands. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly description?: string
  readonly default?: unknown
}
