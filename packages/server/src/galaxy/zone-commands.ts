import { messageOf } from '@terrane/core'
import { CommandFailure } from '../process/failure.js'

/** The largest region takes a second; a server that is busy or far away may need longer. */
const ANSWER_MS_MAX = 60_000

/** Commands of a server's world, by HTTP. */
export class ZoneCommands {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url.replace(/\/+$/, '')
    this.#token = token
  }

  /** What the command returned. Throws `CommandFailure` when the server refuses it or does not answer. */
  async run(zone: string, command: string, args: object = {}): Promise<unknown> {
    const what = `the command ${command} failed in zone ${zone}`
    const { status, body } = await this.#post(`/api/zones/${encodeURIComponent(zone)}/commands/${command}`, args)
    if (status === 200) return body.result
    const { code, message, hint } = body as { code?: string; message?: string; hint?: string }
    throw new CommandFailure(code ?? 'no_answer', {
      what,
      why: message ?? `${this.#url} answered with status ${status}`,
      next: hint ?? 'see whether a Terrane server runs at this address: --url',
    })
  }

  async #post(path: string, args: object): Promise<{ status: number; body: Record<string, unknown> }> {
    try {
      const response = await fetch(`${this.#url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify(args),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      })
      const text = await response.text()
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : {} }
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause)
      throw new CommandFailure('no_answer', {
        what: `the server at ${this.#url} did not answer`,
        why: reason,
        next: 'start it, or correct --url; then run the same command again, and it goes on where it stopped',
        cause,
      })
    }
  }
}
