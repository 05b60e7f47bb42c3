import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { messageOf, TerraneError } from '@terrane/core'
import { BatchChunkCompletionSchema } from '../generated/terrane/jobs/v1/completion_pb.js'

/** What a node says that a chunk came to. */
export interface Completion {
  readonly jobId: string
  readonly claimToken: string
  /** SHA-256 of the work context, 32 bytes. */
  readonly workHash: Uint8Array
  /** A `JobResult`, encoded. */
  readonly result: Uint8Array
  readonly elapsedMs: number
}

const HASH_BYTES = 32

export function encodeCompletions(chunks: readonly Completion[]): Uint8Array {
  return toBinary(BatchChunkCompletionSchema, create(BatchChunkCompletionSchema, { chunks: [...chunks] }))
}

/** Throws `bad_encoding` for bytes that are no completions, or say less than they must. */
export function decodeCompletions(bytes: Uint8Array, countMax: number): readonly Completion[] {
  let chunks: readonly Completion[]
  try {
    chunks = fromBinary(BatchChunkCompletionSchema, bytes).chunks
  } catch (error) {
    throw bad(messageOf(error))
  }
  if (chunks.length === 0 || chunks.length > countMax) {
    throw bad(`it holds ${chunks.length} chunks; send 1 to ${countMax} at a time`)
  }
  for (const { jobId, claimToken, workHash, elapsedMs } of chunks) {
    if (jobId === '' || claimToken === '') throw bad('a chunk is without its job or its claim')
    if (workHash.length !== HASH_BYTES)
      throw bad(`a work hash has ${workHash.length} bytes, and must have ${HASH_BYTES}`)
    if (!(elapsedMs >= 0 && Number.isFinite(elapsedMs))) throw bad(`elapsed_ms is ${elapsedMs}`)
  }
  return chunks
}

function bad(why: string): TerraneError {
  return new TerraneError('bad_encoding', `the body is no BatchChunkCompletion: ${why}`, {
    hint: 'Send terrane.jobs.v1.BatchChunkCompletion as application/x-protobuf.',
  })
}
