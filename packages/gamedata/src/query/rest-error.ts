/** A refusal in the form of PostgREST: its codes, or the SQLSTATE that PostgreSQL has for the same. */
export class RestError extends Error {
  readonly status: number
  readonly code: string
  readonly details: string | null
  readonly hint: string | null

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly details?: string; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'RestError'
    this.status = status
    this.code = code
    this.details = more.details ?? null
    this.hint = more.hint ?? null
  }

  /** The body of the answer. */
  toJSON(): object {
    const { code, details, hint, message } = this
    return { code, details, hint, message }
  }
}

/** The query string is not in the dialect. */
export function unparsable(what: string, text: string, details: string): RestError {
  return new RestError(400, 'PGRST100', `failed to parse ${what} (${shortened(text)})`, { details })
}

/** PostgREST's dialect has it, and this server does not. */
export function unsupported(what: string, hint: string): RestError {
  return new RestError(400, 'PGRST127', `${what} is not supported here`, { hint })
}

const SHOWN_MAX = 200

function shortened(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
