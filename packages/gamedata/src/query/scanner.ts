import { unparsable } from './rest-error.js'

/** Reads a text of the dialect from left to right. */
export class Scanner {
  readonly #what: string
  readonly #text: string
  #at = 0

  /** @param what it is, for errors */
  constructor(what: string, text: string) {
    this.#what = what
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** Whether `text` comes next; if so it is behind us. */
  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.failure(`"${text}"`)
  }

  blanks(): void {
    while (this.#text[this.#at] === ' ') this.#at++
  }

  /** All up to the next of `ends`, which may be none. */
  until(ends: string): string {
    const from = this.#at
    while (this.#at < this.#text.length && !ends.includes(this.#text[this.#at] as string)) this.#at++
    return this.#text.slice(from, this.#at)
  }

  /** The name of a column or table: bare, or in double quotes. */
  name(): string {
    this.blanks()
    if (this.peek('"')) return this.quoted()
    const from = this.#at
    while (/[\w$ ]/.test(this.#text[this.#at] ?? '')) this.#at++
    const name = this.#text.slice(from, this.#at).trim()
    if (name === '') throw this.failure('a name')
    return name
  }

  /** In double quotes; a backslash takes the character behind it as it is. */
  quoted(): string {
    this.expect('"')
    let text = ''
    for (;;) {
      text += this.until('"\\')
      if (this.isAtEnd) throw this.failure('the closing quote')
      if (this.take('"')) return text
      this.#at++
      if (this.isAtEnd) throw this.failure('a character behind the backslash')
      text += this.#text[this.#at++]
    }
  }

  end(): void {
    if (!this.isAtEnd) throw this.failure('the end')
  }

  failure(expected: string): Error {
    const found = this.isAtEnd ? 'end of input' : `"${this.#text[this.#at]}"`
    return unparsable(this.#what, this.#text, `unexpected ${found} at column ${this.#at + 1}, expecting ${expected}`)
  }
}
