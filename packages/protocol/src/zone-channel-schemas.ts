import { z } from 'zod'
import { CELLS_MAX } from './zone-channel.js'

/**
 * What clients send as text on the zone channel. Apart from the constants, so that a client in a browser
 * does not carry a validator.
 */
const finite = z.number()

export const focusSchema = z.discriminatedUnion('mode', [
  /** What the world's `follow` says, or the last area when it has none. */
  z.strictObject({ mode: z.literal('follow') }),
  z.strictObject({ mode: z.literal('area'), x: finite, y: finite, radius: finite.positive().optional() }),
  z.strictObject({ mode: z.literal('rooms'), rooms: z.array(z.union([z.string().max(64), z.int()])).max(64) }),
  /** The whole zone, where the world allows observers. */
  z.strictObject({ mode: z.literal('all') }),
  z.strictObject({ mode: z.literal('none') }),
])
export type Focus = z.infer<typeof focusSchema>

export const joinSchema = z.object({
  /** Tells apart several clients of one player; each has its own input numbers. */
  client: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'use 1 to 32 letters, digits, dashes or underscores')
    .default('main'),
  focus: focusSchema.default({ mode: 'follow' }),
  /** What this client holds from before, as [cell, version] pairs flattened, and of which epoch. */
  resume: z.strictObject({ epoch: z.int(), cells: z.array(z.number()).max(CELLS_MAX * 2) }).optional(),
  format: z.enum(['binary', 'json']).default('json'),
  /** `durable` leaves out the ack of an input that is applied and not yet durable. */
  acks: z.enum(['both', 'durable']).default('both'),
  presence: z.boolean().default(true),
  /** Sees the zone, and enters the world (its `join` runs) with the first input only. */
  watch: z.boolean().default(false),
})
export type JoinParams = z.input<typeof joinSchema>

export const textInputSchema = z.strictObject({
  name: z.string(),
  args: z.unknown().optional(),
  /** Number of this input; the next one when absent. */
  seq: z.int().positive().optional(),
})

export const resyncSchema = z.strictObject({ cells: z.array(z.number()).max(CELLS_MAX) })
