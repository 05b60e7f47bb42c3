import { type FieldRule, type NameList, NODE_RULES, type SyntaxFields } from './allow-list.js'
import { nodeOf, nodesIn, type SyntaxNode, statementsOf } from './syntax-tree.js'

/** Something that our SQL must not do on CockroachDB. */
export interface Violation {
  readonly statement: string
  /** What was found: a kind of node, or one with a field and its value. */
  readonly construct: string
  readonly why: string
}

type Report = (construct: string, why: string) => void

const MUTATIONS = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']

/** Where a node stood in the text: of no interest. */
const POSITIONS = ['location', 'stmt_location', 'stmt_len']

/** What a text holds that is not in the allow list; empty when all of it is. */
export async function violationsOf(text: string): Promise<readonly Violation[]> {
  const found: Violation[] = []
  const report: Report = (construct, why) => found.push({ statement: text, construct, why })
  let statements: readonly SyntaxNode[]
  try {
    statements = await statementsOf(text)
  } catch (error) {
    report('text', `PostgreSQL's parser refuses it: ${(error as Error).message}`)
    return found
  }
  for (const statement of statements) {
    checkNode(statement.kind, statement.fields, report)
    const mutations = [...nodesIn(statement)].filter(({ kind }) => MUTATIONS.includes(kind)).length
    if (mutations > 1) {
      report(
        `${mutations} mutations`,
        'a statement may change rows in one place only (known limitations of subqueries)',
      )
    }
  }
  return found
}

function checkNode(kind: string, fields: SyntaxFields, report: Report): void {
  const rule = NODE_RULES[kind]
  if (rule === undefined) {
    report(kind, 'this kind of node is not in the allow list')
    return
  }
  for (const [name, value] of Object.entries(fields)) {
    if (POSITIONS.includes(name)) continue
    const fieldRule = rule.fields[name]
    if (fieldRule === undefined) report(`${kind}.${name}`, `the allow list has ${kind} without it; see ${rule.page}`)
    else checkField(`${kind}.${name}`, value, fieldRule, rule.page, report)
  }
  const objection = rule.check?.(fields)
  if (objection !== undefined) report(kind, objection)
}

function checkField(place: string, value: unknown, rule: FieldRule, page: string, report: Report): void {
  if (rule === 'nodes') {
    for (const each of Array.isArray(value) ? value : [value]) checkNodes(place, each, report)
  } else if (rule === 'scalar') {
    if (typeof value === 'object') report(place, `the allow list expects one value here; see ${page}`)
  } else if ('names' in rule) {
    checkName(value, rule.names, report)
  } else if ('node' in rule) {
    checkNode(rule.node, value as SyntaxFields, report)
  } else if (!rule.some((allowed) => allowed === value)) {
    report(`${place} = ${JSON.stringify(value)}`, `the allow list has only ${rule.join(', ')}; see ${page}`)
  }
}

function checkNodes(place: string, value: unknown, report: Report): void {
  const node = nodeOf(value)
  if (node !== undefined) checkNode(node.kind, node.fields, report)
  // An empty place of a list, such as a target that SELECT leaves out, is an empty object.
  else if (Object.keys(value as object).length > 0) report(place, 'the tree has something else than a node here')
}

function checkName(value: unknown, { what, pages }: NameList, report: Report): void {
  const name = (value as unknown[]).map((part) => nodeOf(part)?.fields.sval).join('.')
  if (!Object.hasOwn(pages, name)) report(`${what} ${name}`, `the allow list has no such ${what}`)
}
