import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { FRAME_BROADCAST, FRAME_PUSH, FRAME_REPLY } from './channel-frames.js'
import { ERRORS } from './errors.js'
import {
  BlockEncoder,
  cellId,
  ENTRY_CHANGED,
  ENTRY_FULL,
  ENTRY_GONE,
  encodeMark,
  FORM_DELTA,
  FORM_LEFT,
  FORM_SNAPSHOT,
  type WireType,
} from './state-blocks.js'
import { PROTOCOL_HISTORY, PROTOCOL_VERSION } from './version.js'
import {
  CELLS_MAX,
  EVENT_ACK,
  EVENT_INPUTS,
  EVENT_STATE,
  type JoinReply,
  OUTCOME_REJECTED,
  OUTCOME_RESULT,
  SKIP,
} from './zone-channel.js'
import { focusSchema, joinSchema, resyncSchema, textInputSchema } from './zone-channel-schemas.js'

/** Fails to compile when JoinReply gains or loses a member. */
const joinReply: Record<keyof JoinReply, true> = {
  protocol: true,
  zone: true,
  epoch: true,
  player: true,
  applied: true,
  durable: true,
  world: true,
  inputs: true,
  kinds: true,
  now: true,
  hz: true,
}

/** Every type and op once: the layout of blocks shows in the bytes. */
function sampleOfState(): string {
  const types: WireType[] = ['integer', 'real', 'double', 'text', 'boolean', 'json', 'date', 'text?', 'integer?']
  const full = [-300, 0.5, 0.1, 'é', true, { a: [1, null] }, new Date(86_400_000), null, 5]
  const block = new BlockEncoder([types]).encode(cellId(-3, 5), FORM_DELTA, 300, 298, [
    { id: 7, kind: 0, op: ENTRY_FULL, mask: 511, values: full },
    { id: 5, kind: 0, op: ENTRY_CHANGED, mask: 9, values: [1, 'b'] },
    { id: 9, kind: 0, op: ENTRY_GONE, mask: 0, values: [] },
  ])
  return Buffer.concat([encodeMark(300), block]).toString('hex')
}

function hashOfProtocol(): string {
  const everything = {
    schemas: [joinSchema, focusSchema, resyncSchema, textInputSchema].map((schema) =>
      z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
    ),
    joinReply: Object.keys(joinReply).sort(),
    // Texts may be improved; codes, retry and close codes are the contract.
    errors: Object.entries(ERRORS)
      .map(([code, error]) => [code, error.retry, 'closes' in error ? error.closes : 0])
      .sort(),
    events: [EVENT_INPUTS, EVENT_ACK, EVENT_STATE],
    numbers: [SKIP, OUTCOME_RESULT, OUTCOME_REJECTED, CELLS_MAX, FRAME_PUSH, FRAME_REPLY, FRAME_BROADCAST],
    forms: [FORM_DELTA, FORM_SNAPSHOT, FORM_LEFT, ENTRY_CHANGED, ENTRY_FULL, ENTRY_GONE],
    state: sampleOfState(),
  }
  return createHash('sha256').update(JSON.stringify(everything)).digest('hex').slice(0, 16)
}

test('a change of the wire has its line in the history', () => {
  const hash = hashOfProtocol()
  expect(
    PROTOCOL_HISTORY.at(-1)?.hash,
    `the protocol has changed: add a line to PROTOCOL_HISTORY in version.ts with hash '${hash}' (or, when its last version was never released, change that line's hash), and say so in docs/internals/protocol.md`,
  ).toBe(hash)
})

test('versions count up from 1', () => {
  expect(PROTOCOL_HISTORY.map((each) => each.version)).toEqual(PROTOCOL_HISTORY.map((_, i) => i + 1))
  expect(PROTOCOL_VERSION).toBe(PROTOCOL_HISTORY.length)
})
