import { badConfig } from '../config/config.js'

export interface Token {
  readonly kind: 'number' | 'name' | 'operator' | 'end'
  readonly text: string
  /** Counted from 1. */
  readonly column: number
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*)|(\|\||&&|[<>=!]=|[-+*/()<>!]))/y

/** Throws `bad_combat_config`, naming the field and the column, for what is no token. */
export function tokenize(text: string, field: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) {
      const column = from + (text.slice(from).search(/\S/) + 1)
      throw badConfig(`${field}: column ${column}: "${text[column - 1]}" is not understood`, GRAMMAR_HINT)
    }
    const token = match[1] ?? match[2] ?? match[3] ?? ''
    const kind = match[1] !== undefined ? 'number' : match[2] !== undefined ? 'name' : 'operator'
    tokens.push({ kind, text: token, column: TOKEN.lastIndex - token.length + 1 })
  }
  tokens.push({ kind: 'end', text: '', column: end + 1 })
  return tokens
}

export const GRAMMAR_HINT =
  'A condition is made of numbers, names such as buff.white_heat.up, + - * /, < <= > >= == !=, !, &&, || and parentheses.'
