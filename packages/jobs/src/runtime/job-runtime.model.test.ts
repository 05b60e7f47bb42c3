import fc from 'fast-check'
import { test } from 'vitest'
import type { Job } from '../job/job.js'
import type { Access } from '../nodes/eligibility.js'
import type { Strategy } from '../strategies/strategy.js'
import { CheckedRuntime, type Delivery } from './test-model/checked-runtime.js'

const NODES_PER_USER = 2
const NODES = 3 * NODES_PER_USER
const CLAIMS = 1_000

const stop = fc.option(
  fc.record({ targetError: fc.constantFrom(0.004, 0.006, 0.01), minUnits: fc.integer({ min: 1, max: 12 }) }),
  { nil: undefined },
)
const units = fc.integer({ min: 1, max: 40 })

const strategy: fc.Arbitrary<Strategy> = fc
  .tuple(
    fc.oneof(
      units.map((count) => ({ kind: 'single', units: count }) as const),
      units.map((count) => ({ kind: 'stat_weights', units: count, perturbations: 2 }) as const),
      fc.constant({
        kind: 'tournament',
        variants: 4,
        ladder: [
          { units: 6, keep: 0.5 },
          { units: 14, keep: 0.5 },
          { units: 25, keep: 1 },
        ],
      } as const),
    ),
    stop,
  )
  .map(([asked, rule]) => (rule === undefined ? asked : { ...asked, stop: rule }))

const access = fc.constantFrom<Access>('own', 'guild', 'friends', 'public')

const job: fc.Arbitrary<Omit<Job, 'id' | 'owner' | 'epoch' | 'workHash'>> = fc.record({
  strategy,
  priority: fc.constantFrom(0, 0, 1),
  access,
  chunks: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  onChunkFailure: fc.constantFrom('fail_job', 'finish_partially'),
})

const submitted = fc.array(fc.tuple(fc.nat(2), job), { minLength: 1, maxLength: 3 })
const node = fc.nat(NODES - 1)
const claim = fc.nat(CLAIMS)
const delivery = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Delivery>('right') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Delivery>('other_result', 'wrong_hash', 'of_another_job', 'by_another_node'),
  },
  { weight: 2, arbitrary: fc.constantFrom<Delivery>('impossible', 'outdated', 'outdated') },
)

/** What may happen, and how often it does beside the rest. */
const STEPS = {
  submit: [2, fc.tuple(fc.nat(2), job)],
  register: [4, fc.tuple(node, fc.nat(6), access, fc.constantFrom('1', '2'))],
  leave: [1, fc.tuple(node, fc.constantFrom('leaving', 'lost'))],
  claim: [20, fc.tuple(node, fc.integer({ min: 1, max: 6 }))],
  complete: [30, fc.tuple(claim, delivery)],
  fail: [6, fc.tuple(claim, fc.constantFrom('failed', 'leaving'))],
  heartbeat: [3, fc.tuple(node, fc.array(claim, { maxLength: 4 }))],
  pass: [4, fc.tuple(fc.constantFrom(1, 49, 60, 300))],
  reclaim: [3, fc.tuple()],
  remove: [1, fc.tuple(fc.nat(10))],
  save: [4, fc.tuple()],
  crash: [1, fc.tuple()],
} as const satisfies Record<string, readonly [number, fc.Arbitrary<unknown[]>]>

const step = fc.oneof(
  ...Object.entries(STEPS).map(([name, [weight, parameters]]) => ({
    weight,
    arbitrary: (parameters as fc.Arbitrary<unknown[]>).map((values) => ({ name, values })),
  })),
)

test('answers and knows what its specification says, whatever happens in whichever order', () => {
  fc.assert(
    fc.property(submitted, fc.array(step, { size: 'max', minLength: 40, maxLength: 120 }), (jobs, steps) => {
      const checked = new CheckedRuntime(NODES_PER_USER)
      for (let number = 0; number < NODES; number++) checked.register(number, 4, 'public', '1')
      for (const [owner, first] of jobs) checked.submit(owner, first)
      for (const { name, values } of steps) {
        ;(checked[name as keyof typeof STEPS] as (...values: unknown[]) => void).apply(checked, values)
        checked.check()
      }
      checked.finish()
    }),
    { numRuns: 50 },
  )
})
