import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { TokenStorage } from '../connection/credentials.js'

/**
 * The guests' tokens by bot, so that a bot is the same player after a restart. Kept in a file, when
 * one is named: small, written whole, and replaced at once so that a crash leaves the old or the new.
 */
export class BotTokens {
  readonly #file: string | undefined
  readonly #tokens: Map<string, string>

  constructor(file?: string) {
    this.#file = file
    this.#tokens = new Map(file === undefined ? [] : Object.entries(read(file)))
  }

  /** One bot's part, as `connect` takes it. Names of servers are not told apart: the file belongs to one world. */
  of(bot: string): TokenStorage {
    return {
      getItem: () => this.#tokens.get(bot) ?? null,
      setItem: (_, token) => {
        this.#tokens.set(bot, token)
        this.#write()
      },
      removeItem: () => {
        this.#tokens.delete(bot)
        this.#write()
      },
    }
  }

  #write(): void {
    if (this.#file === undefined) return
    mkdirSync(dirname(this.#file), { recursive: true })
    const draft = `${this.#file}.${process.pid}`
    writeFileSync(draft, `${JSON.stringify(Object.fromEntries(this.#tokens), undefined, 1)}\n`, { mode: 0o600 })
    renameSync(draft, this.#file)
  }
}

/** What the file holds; nothing when it is missing or not ours, for then the bots become new guests. */
function read(file: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter(([, token]) => typeof token === 'string'))
  } catch {
    return {}
  }
}
