import { ByteReader, ByteWriter, TerraneError } from '@terrane/core'

/** What one process asks of another. All requests of a call carry its caller and number. */
export type CallRequest =
  /** A piece of the arguments that is not the last one. */
  | { readonly type: 'piece'; readonly caller: string; readonly call: number; readonly bytes: Uint8Array }
  /** The last piece: now it can be run. */
  | {
      readonly type: 'run'
      readonly caller: string
      readonly call: number
      readonly method: string
      /** Bytes in the pieces before, so that a lost one is noticed. */
      readonly before: number
      readonly bytes: Uint8Array
    }
  /** The result from this byte on. */
  | { readonly type: 'more'; readonly caller: string; readonly call: number; readonly from: number }

export type CallAnswer =
  | { readonly type: 'taken' }
  /** A piece of the result, which has `total` bytes. */
  | { readonly type: 'result'; readonly total: number; readonly bytes: Uint8Array }
  | { readonly type: 'failed'; readonly error: TerraneError }

const REQUESTS = ['piece', 'run', 'more'] as const
const ANSWERS = ['taken', 'result', 'failed'] as const
/** The first byte; another one is a message of another version. */
const FORMAT = 1

const writer = new ByteWriter()

export function encodeRequest(request: CallRequest): Uint8Array {
  begin(REQUESTS.indexOf(request.type))
  writer.text(request.caller)
  writer.unsigned(request.call)
  if (request.type === 'more') writer.unsigned(request.from)
  else {
    if (request.type === 'run') {
      writer.text(request.method)
      writer.unsigned(request.before)
    }
    writeBytes(request.bytes)
  }
  return writer.finish()
}

/** Undefined for another version's. Throws RangeError for broken bytes. */
export function decodeRequest(bytes: Uint8Array): CallRequest | undefined {
  const reader = new ByteReader(bytes)
  if (reader.byte() !== FORMAT) return undefined
  const type = REQUESTS[reader.byte()]
  if (type === undefined) return undefined
  const [caller, call] = [reader.text(), reader.unsigned()]
  if (type === 'more') return { type, caller, call, from: reader.unsigned() }
  if (type === 'run') {
    return { type, caller, call, method: reader.text(), before: reader.unsigned(), bytes: reader.raw().slice() }
  }
  return { type, caller, call, bytes: reader.raw().slice() }
}

export function encodeAnswer(answer: CallAnswer): Uint8Array {
  begin(ANSWERS.indexOf(answer.type))
  if (answer.type === 'result') {
    writer.unsigned(answer.total)
    writeBytes(answer.bytes)
  } else if (answer.type === 'failed') {
    const { code, message, hint = '', retry } = answer.error
    for (const text of [code, message, hint, retry]) writer.text(text)
  }
  return writer.finish()
}

/** Undefined for another version's. Throws RangeError for broken bytes. */
export function decodeAnswer(bytes: Uint8Array): CallAnswer | undefined {
  const reader = new ByteReader(bytes)
  if (reader.byte() !== FORMAT) return undefined
  const type = ANSWERS[reader.byte()]
  if (type === undefined) return undefined
  if (type === 'taken') return { type }
  if (type === 'result') return { type, total: reader.unsigned(), bytes: reader.raw().slice() }
  const [code, message, hint] = [reader.text(), reader.text(), reader.text()]
  const retry = reader.text() === 'later' ? 'later' : 'never'
  return { type, error: new TerraneError(code, message, { retry, ...(hint === '' ? {} : { hint }) }) }
}

function begin(type: number): void {
  writer.reset()
  writer.byte(FORMAT)
  writer.byte(type)
}

function writeBytes(bytes: Uint8Array): void {
  writer.unsigned(bytes.length)
  writer.raw(bytes)
}
