/**
 * A world's type as the client reads it, by structure alone: `connect<typeof world>()` takes its rows
 * and arguments from a world definition without depending on the package that defines worlds, and
 * nothing of the world's code reaches a browser.
 */
export interface WorldShape {
  readonly kinds: object
  readonly inputs?: object | undefined
}

/** What `connect` assumes without a type argument: any name, any arguments, rows of unknown columns. */
export interface UntypedWorld {
  readonly kinds: Readonly<Record<string, { readonly table: { readonly $inferSelect: Record<string, unknown> } }>>
  readonly inputs: Readonly<Record<string, UntypedInput>>
}

interface UntypedInput {
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of a world that is not known at compile time
  readonly args: { readonly '~standard': { readonly types?: { readonly input: any } } }
  apply(): unknown
}

export type KindName<W extends WorldShape> = keyof W['kinds'] & string
export type InputName<W extends WorldShape> = keyof NonNullable<W['inputs']> & string

/** A row of kind `N`: the row type of its table. */
export type Row<W extends WorldShape, N extends KindName<W>> = W['kinds'][N] extends {
  readonly table: { readonly $inferSelect: infer R }
}
  ? Readonly<R>
  : Readonly<Record<string, unknown>>

/** The arguments of input `N`: what its schema accepts, by Standard Schema, which zod implements. */
export type Args<W extends WorldShape, N extends InputName<W>> = NonNullable<W['inputs']>[N] extends {
  readonly args: { readonly '~standard': { readonly types?: infer T } }
}
  ? NonNullable<T> extends { readonly input: infer A }
    ? A
    : unknown
  : unknown

/** What `apply` of input `N` returns, as far as the world's type says; unknown where it may be anything. */
export type Result<W extends WorldShape, N extends InputName<W>> = NonNullable<W['inputs']>[N] extends {
  // biome-ignore lint/suspicious/noExplicitAny: only the return type is read
  apply(...args: any[]): infer R
}
  ? string | number | boolean extends R
    ? unknown
    : R
  : unknown

/** One parameter, which may be left out when every field of the arguments is optional. */
export type ArgsParameter<A> = unknown extends A ? [args?: A] : Record<never, never> extends A ? [args?: A] : [args: A]

export type Key = string | number
