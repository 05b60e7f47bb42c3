import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { messageOf, TerraneError } from '@terrane/core'
import { type JobResult, JobResultSchema } from '../generated/terrane/combat/v1/result_pb.js'
import { type Timeline, TimelineSchema } from '../generated/terrane/combat/v1/timeline_pb.js'

/** Fields in the order of their numbers, nothing unknown: the same message has the same bytes. */
export function encode<D extends DescMessage>(schema: D, message: MessageShape<D>): Uint8Array {
  return toBinary(schema, message, { writeUnknownFields: false })
}

export function encodeJobResult(result: JobResult): Uint8Array {
  return encode(JobResultSchema, result)
}

/** Throws `bad_encoding` for bytes that are no job result. */
export function decodeJobResult(bytes: Uint8Array): JobResult {
  const result = decode(JobResultSchema, bytes, 'job result')
  if (result.ranges.length === 0 || result.fingerprint === '') throw bad('job result', 'it holds no iterations')
  return result
}

export function encodeTimeline(timeline: Timeline): Uint8Array {
  return encode(TimelineSchema, timeline)
}

/** Throws `bad_encoding` for bytes that are no timeline. */
export function decodeTimeline(bytes: Uint8Array): Timeline {
  const timeline = decode(TimelineSchema, bytes, 'timeline')
  const { elapsedMs, kind, subject, target, amount } = timeline
  if ([kind, subject, target, amount].some(({ length }) => length !== elapsedMs.length)) {
    throw bad('timeline', 'its columns have different lengths')
  }
  return timeline
}

/** Throws `bad_encoding`. */
export function decode<D extends DescMessage>(schema: D, bytes: Uint8Array, what: string): MessageShape<D> {
  try {
    return fromBinary(schema, bytes)
  } catch (error) {
    throw bad(what, messageOf(error))
  }
}

export function bad(what: string, why: string): TerraneError {
  return new TerraneError('bad_encoding', `these bytes are no ${what}: ${why}`, {
    hint: 'Check that they are complete and that no text encoding has been applied to them.',
  })
}
