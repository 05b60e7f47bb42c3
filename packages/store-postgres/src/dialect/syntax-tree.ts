import { parse } from 'libpg-query'
import type { SyntaxFields } from './allow-list.js'

/** A statement's syntax tree: the kind of its root, as `SelectStmt`, and the root's fields. */
export interface SyntaxNode {
  readonly kind: string
  readonly fields: SyntaxFields
}

/** The statements of a text, as PostgreSQL's own parser reads them. Throws when it cannot. */
export async function statementsOf(text: string): Promise<readonly SyntaxNode[]> {
  const { stmts = [] } = (await parse(text)) as { stmts?: { stmt?: unknown }[] }
  return stmts.map(({ stmt }) => {
    const node = nodeOf(stmt)
    if (node === undefined) throw new Error(`not a statement: ${text}`)
    return node
  })
}

/** `{ SelectStmt: {…} }` as a node; undefined for anything else. */
export function nodeOf(value: unknown): SyntaxNode | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const [entry, ...others] = Object.entries(value)
  if (entry === undefined || others.length > 0 || !/^[A-Z]/.test(entry[0])) return undefined
  return { kind: entry[0], fields: entry[1] as SyntaxFields }
}

/** Every node of a tree that names its kind, from the root down. */
export function* nodesIn(node: SyntaxNode): Generator<SyntaxNode> {
  yield node
  yield* nodesUnder(node.fields)
}

function* nodesUnder(value: unknown): Generator<SyntaxNode> {
  if (typeof value !== 'object' || value === null) return
  for (const child of Object.values(value)) {
    const node = nodeOf(child)
    if (node === undefined) yield* nodesUnder(child)
    else yield* nodesIn(node)
  }
}
