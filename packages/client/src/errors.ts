import { type Retry, TerraneError } from '@terrane/core'
import { ERRORS, type ErrorKind, type WireError } from '@terrane/protocol'

/** The server refused an input: nothing of it happened. `code` is the world's own or one of ERRORS. */
export class InputRejected extends TerraneError {
  readonly input: string
  readonly seq: number

  constructor(input: string, seq: number, error: WireError) {
    super(error.code, error.message, { retry: error.retry })
    this.name = 'InputRejected'
    this.input = input
    this.seq = seq
  }
}

/** Codes of the failures that arise in the client itself, beside those that the server sends. */
export const CLIENT_ERRORS = {
  closed: { retry: 'never', text: 'the client was closed' },
  connection_lost: { retry: 'later', text: 'the connection was lost' },
  attempt_timeout: { retry: 'later', text: 'the server did not answer in time' },
  connect_timeout: { retry: 'later', text: 'no connection within the time allowed' },
  too_many_attempts: { retry: 'never', text: 'gave up after the allowed number of attempts' },
  no_token: { retry: 'later', text: 'no token could be had' },
  bad_frame: { retry: 'later', text: 'the server sent a frame that cannot be read' },
  too_many_pending: { retry: 'later', text: 'too many inputs wait to become durable; await client.ready()' },
  too_many_requests: { retry: 'later', text: 'too many requests wait for a reply' },
  input_too_large: { retry: 'never', text: 'the arguments of one input exceed the limit' },
  history_lost: { retry: 'never', text: 'the server no longer knows the numbers of these inputs' },
  stale_owner: { retry: 'later', text: 'this server owned the zone before, and has not noticed its successor yet' },
  other_protocol: { retry: 'never', text: 'another version of the protocol' },
  other_player: { retry: 'never', text: 'the token now names another player' },
  no_transport: { retry: 'never', text: 'there is no WebSocket here' },
} as const satisfies Record<string, { retry: Retry; text: string }>

export type ClientErrorKind = keyof typeof CLIENT_ERRORS

export function clientError(kind: ClientErrorKind, detail?: string, cause?: unknown): TerraneError {
  const { retry, text } = CLIENT_ERRORS[kind]
  return new TerraneError(kind, detail === undefined ? text : `${text}: ${detail}`, { retry, cause })
}

export function fromWire(error: WireError): TerraneError {
  return new TerraneError(error.code, error.message, { retry: error.retry })
}

export function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null) return false
  const { code, message, retry } = value as Partial<WireError>
  return typeof code === 'string' && typeof message === 'string' && (retry === 'never' || retry === 'later')
}

const BY_CLOSE_CODE = new Map<number, ErrorKind>(
  (Object.keys(ERRORS) as ErrorKind[]).flatMap((kind) => {
    const entry = ERRORS[kind]
    return 'closes' in entry ? [[entry.closes, kind] as const] : []
  }),
)

/** Closed for a broken rule (RFC 6455, 7.4.1): the same bytes would be refused again. */
const POLICY_VIOLATION = 1008

/**
 * What a WebSocket's close says. The gateway's reasons read `<code>: <message>`; codes that are not
 * ours mean a lost connection.
 */
export function fromCloseCode(code: number, reason: string): TerraneError {
  const [, named, message] = /^([a-z_]+): (.*)$/s.exec(reason) ?? []
  const kind = named !== undefined && named in ERRORS ? (named as ErrorKind) : BY_CLOSE_CODE.get(code)
  if (kind !== undefined) {
    return new TerraneError(named ?? kind, message ?? ERRORS[kind].text, { retry: ERRORS[kind].retry })
  }
  if (code === POLICY_VIOLATION) return new TerraneError('forbidden', reason === '' ? ERRORS.forbidden.text : reason)
  return clientError('connection_lost', reason === '' ? `code ${code}` : `code ${code}, ${reason}`)
}
