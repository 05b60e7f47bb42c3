import { decodeJobResult, encodeJobResult, type JobResult } from '@terrane/combat'
import { TerraneError } from '@terrane/core'
import type { JobSnapshot, Vote } from '@terrane/jobs'

/** Raised when the form changes: a checkpoint of another form is thrown away, and its job computed anew. */
const FORM = 1

/** A snapshot as bytes: JSON, with each result in base64. */
export function encodeCheckpoint(snapshot: JobSnapshot<JobResult>): Uint8Array {
  const packed = {
    form: FORM,
    ...snapshot,
    parts: snapshot.parts.map((part) => ({ ...part, result: pack(part.result) })),
    reviews: snapshot.reviews.map((review) => ({
      ...review,
      votes: review.votes.map((vote) => ({ ...vote, result: pack(vote.result) })),
    })),
  }
  return Buffer.from(JSON.stringify(packed))
}

/**
 * @param fingerprintOf what results of a variant must be of: those of another version of the engine cannot be merged with
 * @throws TerraneError `damaged_checkpoint`
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  fingerprintOf: (variant: number) => string,
): JobSnapshot<JobResult> {
  const unpack = (text: string, variant: number): JobResult => {
    const result = decodeJobResult(Buffer.from(text, 'base64'))
    if (result.fingerprint !== fingerprintOf(variant)) throw new Error('its results are by other rules')
    return result
  }
  try {
    const { form, ...packed } = JSON.parse(Buffer.from(bytes).toString()) as JobSnapshot<string> & { form: number }
    if (form !== FORM) throw new Error(`it has form ${form}, and this is ${FORM}`)
    return {
      ...packed,
      parts: packed.parts.map((part) => ({ ...part, result: unpack(part.result, part.variant) })),
      reviews: packed.reviews.map((review) => ({
        ...review,
        votes: review.votes.map((vote: Vote<string>) => ({ ...vote, result: unpack(vote.result, review.variant) })),
      })),
    }
  } catch (error) {
    throw new TerraneError('damaged_checkpoint', 'what was kept of this job cannot be read', {
      hint: 'The job is computed anew.',
      cause: error,
    })
  }
}

/** Results do not change, and most of a job's are the same from one checkpoint to the next. */
const packedResults = new WeakMap<JobResult, string>()

function pack(result: JobResult): string {
  const known = packedResults.get(result)
  if (known !== undefined) return known
  const text = Buffer.from(encodeJobResult(result)).toString('base64')
  packedResults.set(result, text)
  return text
}
