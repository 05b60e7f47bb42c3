import { messageOf } from '@terrane/core'
import { CommandFailure } from '../process/failure.js'

/** The largest change takes a second; a server that is busy or far away may need longer. */
const ANSWER_MS_MAX = 60_000

type Json = Readonly<Record<string, unknown>>

export interface ServerRequest {
  readonly path: string
  /** With a body it is a POST, else a GET. */
  readonly body?: object
  /** What did not work if it does not: the begin of a message. */
  readonly what: string
  /** What to do when the server does not answer, behind "start it, or correct --url". */
  readonly afterwards?: string
}

/** A running server, by HTTP. */
export class ServerClient {
  readonly #url: string
  readonly #token: string | undefined

  /** @param token of an operator; not needed for what everybody may see */
  constructor(url: string, token?: string) {
    this.#url = url.replace(/\/+$/, '')
    this.#token = token
  }

  /** The body of the answer. Throws `CommandFailure` when the server refuses it or does not answer. */
  async send(request: ServerRequest): Promise<Json> {
    const { status, body } = await this.#fetch(request)
    if (status === 200) return body
    const { code, message, hint } = body as { code?: string; message?: string; hint?: string }
    throw new CommandFailure(code ?? 'no_answer', {
      what: request.what,
      why: message ?? `${this.#url} answered with status ${status}`,
      next: hint ?? 'see whether a Terrane server runs at this address: --url',
    })
  }

  async #fetch({ path, body, afterwards }: ServerRequest): Promise<{ status: number; body: Json }> {
    try {
      const response = await fetch(`${this.#url}${path}`, {
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      })
      const text = await response.text()
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : {} }
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause)
      throw new CommandFailure('no_answer', {
        what: `the server at ${this.#url} did not answer`,
        why: reason,
        next: `start it, or correct --url${afterwards === undefined ? '' : `; ${afterwards}`}`,
        cause,
      })
    }
  }
}
