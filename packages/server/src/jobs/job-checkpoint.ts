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

/** Throws `damaged_checkpoint`. */
export function decodeCheckpoint(bytes: Uint8Array): JobSnapshot<JobResult> {
  try {
    const { form, ...packed } = JSON.parse(Buffer.from(bytes).toString()) as JobSnapshot<string> & { form: number }
    if (form !== FORM) throw new Error(`it has form ${form}, and this is ${FORM}`)
    return {
      ...packed,
      parts: packed.parts.map((part) => ({ ...part, result: unpack(part.result) })),
      reviews: packed.reviews.map((review) => ({
        ...review,
        votes: review.votes.map((vote: Vote<string>) => ({ ...vote, result: unpack(vote.result) })),
      })),
    }
  } catch (error) {
    throw new TerraneError('damaged_checkpoint', 'what was kept of this job cannot be read', {
      hint: 'The job is computed anew.',
      cause: error,
    })
  }
}

function pack(result: JobResult): string {
  return Buffer.from(encodeJobResult(result)).toString('base64')
}

function unpack(text: string): JobResult {
  return decodeJobResult(Buffer.from(text, 'base64'))
}
