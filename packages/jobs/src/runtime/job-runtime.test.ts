import { Prng } from '@terrane/core'
import { computeKnown, digestOfKnown, type KnownResult, knownResults, wrongnessOf } from '@terrane/testing'
import { describe, expect, test } from 'vitest'
import type { Claim, Job, JobOutcome } from '../job/job.js'
import type { NodeSpec } from '../nodes/node.js'
import type { TrustPolicy } from '../trust/policy.js'
import { JobRuntime, type JobRuntimeOptions } from './job-runtime.js'
import type { JobEvent, JobLimits } from './ports.js'

const JOB: Job = {
  id: 'j',
  owner: 'ada',
  epoch: 1,
  workHash: 'h',
  strategy: { kind: 'single', units: 1_000 },
  chunks: 4,
}
const TWO_OF_THREE: TrustPolicy = { agreement: 2, resultsMax: 3, confirmations: 1_000_000, sample: 1 }
const LIMITS: Partial<JobLimits> = { leaseMsMin: 1_000, leaseMsMax: 10_000, attemptsMax: 3, avoidMs: 100 }

function start(options: Partial<JobRuntimeOptions<KnownResult>> = {}, ...jobs: Partial<Job>[]) {
  const events: JobEvent[] = []
  const runtime = new JobRuntime<KnownResult>({
    results: knownResults,
    circleOf: () => ({ guild: new Set(), friends: new Set() }),
    random: () => 0,
    limits: LIMITS,
    onEvent: (event) => events.push(event),
    ...options,
  })
  for (const job of jobs) runtime.add({ ...JOB, ...job })
  const node = (id: string, change: Partial<NodeSpec> = {}) =>
    runtime.registerNode({ id, owner: `owner of ${id}`, totalCores: 100, maxParallel: 100, share: 'public', ...change })
  return { runtime, events, node }
}

function completionOf(node: string, claim: Claim, result = computeKnown(claim)) {
  const { jobId, token, workHash } = claim
  return { jobId, token, workHash, node, result, digest: digestOfKnown(result) }
}

const lie = (node: string, claim: Claim, amount = 1_000) =>
  completionOf(node, claim, computeKnown(claim, { by: node, amount }))

/** Nodes take turns, one chunk at a time, until nobody gets any more. */
function work(
  runtime: JobRuntime<KnownResult>,
  nodes: readonly string[],
  complete: (node: string, claim: Claim) => ReturnType<typeof completionOf> = completionOf,
  now = 0,
): void {
  for (let isIdle = false; !isIdle; ) {
    isIdle = true
    for (const node of nodes) {
      for (const claim of runtime.claimBatch(node, 1, now)) {
        isIdle = false
        runtime.complete(complete(node, claim), now)
      }
    }
  }
}

function completed(outcome: JobOutcome<KnownResult> | undefined) {
  if (outcome?.status !== 'completed') throw new Error(`the job is ${JSON.stringify(outcome)}`)
  return outcome
}

/** Exactly the first `units` of each variant, and nothing made up. */
function expectWhole(outcome: JobOutcome<KnownResult> | undefined, units: Readonly<Record<number, number>>): void {
  const { results } = completed(outcome)
  expect(results.map(({ variant }) => variant)).toEqual(Object.keys(units).map(Number))
  for (const { variant, result } of results) {
    expect(wrongnessOf(result, [{ from: 0, to: units[variant] as number }])).toBeUndefined()
  }
}

describe('completions', () => {
  test('have exactly one of four answers', () => {
    const { runtime, node } = start({}, {})
    node('a')
    node('b')
    const [first, second] = runtime.claimBatch('a', 2, 0) as [Claim, Claim]
    expect(runtime.complete(completionOf('b', first), 0).kind).toBe('stale')
    expect(runtime.complete({ ...completionOf('a', first), jobId: 'k' }, 0).kind).toBe('stale')
    expect(runtime.complete({ ...completionOf('a', first), token: 'x' }, 0).kind).toBe('stale')
    expect(runtime.complete(completionOf('a', first), 0)).toEqual({ kind: 'accepted', jobEnded: false })
    expect(runtime.complete(completionOf('a', first), 0).kind).toBe('idempotent')
    expect(runtime.complete(lie('a', first), 0).kind).toBe('conflict')
    expect(runtime.complete(completionOf('b', first), 0).kind).toBe('stale')
    expect(runtime.complete({ ...completionOf('a', second), workHash: 'other' }, 0).kind).toBe('conflict')
    expect(runtime.complete(completionOf('a', second), 0).kind).toBe('stale')
    work(runtime, ['b'])
    expectWhole(runtime.outcome('j'), { 0: 1_000 })
  })

  test('of a claim whose lease is over count until it is reclaimed', () => {
    const { runtime, node } = start({}, {})
    node('a')
    const [first, second] = runtime.claimBatch('a', 2, 0) as [Claim, Claim]
    expect(runtime.complete(completionOf('a', first), 5_000).kind).toBe('accepted')
    expect(runtime.reclaimStale(5_000)).toBe(1)
    expect(runtime.complete(completionOf('a', second), 5_000).kind).toBe('stale')
    const again = runtime.claimBatch('a', 3, 6_000).find(({ from }) => from === second.from)
    expect(again).toMatchObject({ attempt: 1 })
    // The same node has the same chunk again: what it says of the first claim is not of the second.
    expect(runtime.complete(completionOf('a', second), 6_000).kind).toBe('stale')
    expect(runtime.complete(completionOf('a', again as Claim), 6_000).kind).toBe('accepted')
  })

  test('that come late do not make the runtime forget later ones', () => {
    const { runtime, node } = start({ limits: { ...LIMITS, completionsRemembered: 2 } }, { chunks: 10 })
    node('a')
    const claims = runtime.claimBatch('a', 3, 0)
    for (const claim of claims.toReversed()) runtime.complete(completionOf('a', claim), 0)
    const again = claims.map((claim) => runtime.complete(completionOf('a', claim), 0).kind)
    expect(again).toEqual(['stale', 'idempotent', 'idempotent'])
  })

  test('of another epoch are stale', () => {
    const { runtime, node } = start({}, { epoch: 2 })
    node('a')
    const [claim] = runtime.claimBatch('a', 1, 0) as [Claim]
    const before = claim.token.replace(/^2\./, '1.')
    expect(runtime.complete({ ...completionOf('a', claim), token: before }, 0).kind).toBe('stale')
    expect(runtime.complete(completionOf('a', claim), 0).kind).toBe('accepted')
  })

  test.each([
    ['of fewer units', (claim: Claim) => computeKnown({ ...claim, to: claim.to - 1 })],
    ['of another variant', (claim: Claim) => computeKnown({ ...claim, variant: 1 })],
    ['that is no number', (claim: Claim) => ({ ...computeKnown(claim), sum: Number.NaN })],
  ])('%s conflict, and the node gets no more work', (_, compute) => {
    const { runtime, node } = start({}, {})
    node('a')
    node('b')
    const [claim] = runtime.claimBatch('a', 1, 0) as [Claim]
    expect(runtime.complete(completionOf('a', claim, compute(claim)), 0).kind).toBe('conflict')
    expect(runtime.claimBatch('a', 1, 0)).toEqual([])
    work(runtime, ['b'])
    expectWhole(runtime.outcome('j'), { 0: 1_000 })
  })
})

describe('leases', () => {
  test('follow what a chunk is expected to take, and end in the end', () => {
    const { runtime, node } = start({ limits: { ...LIMITS, holdMsMax: 20_000 } }, { chunks: 10 })
    node('a')
    const [first] = runtime.claimBatch('a', 1, 0) as [Claim]
    expect(first.leaseUntil).toBe(1_000)
    runtime.complete(completionOf('a', first), 900)
    // 100 units took 900 ms; a lease is four times that.
    const [second] = runtime.claimBatch('a', 1, 1_000) as [Claim]
    expect(second.leaseUntil).toBe(4_600)
    expect(runtime.heartbeat('a', [second, first], 4_000)).toEqual([first])
    expect(runtime.claimsOf('a')).toEqual([{ ...second, leaseUntil: 7_600 }])
    for (let now = 5_000; now < 40_000; now += 1_000) runtime.heartbeat('a', [second], now)
    expect(runtime.claimsOf('a')[0]?.leaseUntil).toBe(21_000)
  })

  test('a chunk that fails too often fails the job; a node that leaves does not count', () => {
    const { runtime, node, events } = start({}, { chunks: 1 })
    node('a')
    const fail = (kind: 'failed' | 'leaving', now: number) => {
      const [claim] = runtime.claimBatch('a', 1, now) as [Claim]
      return runtime.fail({ ...claim, node: 'a', kind, code: 'boom', message: 'it burst' }, now)
    }
    for (let i = 0; i < 10; i++) expect(fail('leaving', 0)).toBe(true)
    for (const now of [0, 200, 400]) expect(fail('failed', now)).toBe(true)
    expect(runtime.outcome('j')).toMatchObject({ status: 'failed', code: 'chunk_failed' })
    expect(JSON.stringify(runtime.outcome('j'))).toContain('boom: it burst')
    expect(events.filter(({ type }) => type === 'job_ended')).toHaveLength(1)
  })

  test('or the job ends without it', () => {
    const { runtime, node } = start({}, { onChunkFailure: 'finish_partially' })
    node('a')
    const [bad] = runtime.claimBatch('a', 1, 0) as [Claim]
    runtime.fail({ ...bad, node: 'a', kind: 'failed', code: 'boom', message: '' }, 0)
    for (const now of [200, 400]) {
      const claim = runtime.claimBatch('a', 100, now).find(({ from }) => from === bad.from) as Claim
      for (const other of runtime.claimsOf('a'))
        if (other.from !== bad.from) runtime.complete(completionOf('a', other), now)
      runtime.fail({ ...claim, node: 'a', kind: 'failed', code: 'boom', message: '' }, now)
    }
    const outcome = completed(runtime.outcome('j'))
    expect(outcome).toMatchObject({ units: 750, unitsLost: 250 })
    expect(wrongnessOf(outcome.results[0]?.result as KnownResult, [{ from: 250, to: 1_000 }])).toBeUndefined()
  })

  test('another node gets what failed at one, if there is another', () => {
    const { runtime, node } = start({}, { chunks: 1 })
    node('a')
    node('b')
    const [claim] = runtime.claimBatch('a', 1, 0) as [Claim]
    runtime.fail({ ...claim, node: 'a', kind: 'failed', code: 'x', message: '' }, 0)
    expect(runtime.claimBatch('a', 1, 0)).toEqual([])
    expect(runtime.claimBatch('b', 1, 0)).toHaveLength(1)
  })
})

describe('who computes for whom', () => {
  const circleOf = (user: string) => ({
    guild: new Set(user === 'nora' ? ['gus'] : []),
    friends: new Set(user === 'nora' ? ['fred'] : []),
  })

  test('own jobs first, then guild, friends, public; whatever their priorities', () => {
    const { runtime, node } = start(
      { circleOf },
      { id: 'public', owner: 'zoe', priority: 9 },
      { id: 'friend', owner: 'fred' },
      { id: 'guild', owner: 'gus', access: 'guild' },
      { id: 'own', owner: 'nora', access: 'own' },
    )
    node('n', { owner: 'nora' })
    const order = runtime.claimBatch('n', 16, 0).map(({ jobId }) => jobId)
    expect([...new Set(order)]).toEqual(['own', 'guild', 'friend', 'public'])
  })

  test.each([
    ['own', ['own']],
    ['guild', ['own', 'guild']],
    ['friends', ['own', 'guild', 'friend']],
    ['public', ['own', 'guild', 'friend', 'public']],
  ] as const)('a node that is shared with %s serves %j, as soon as its owner says so', (share, served) => {
    const { runtime, node } = start(
      { circleOf },
      { id: 'public', owner: 'zoe' },
      { id: 'friend', owner: 'fred' },
      { id: 'guild', owner: 'gus' },
      { id: 'own', owner: 'nora' },
      { id: 'closed', owner: 'zoe', access: 'friends' },
    )
    node('n', { owner: 'nora', share: 'public' })
    runtime.claimBatch('n', 1, 0)
    node('n', { owner: 'nora', share })
    const order = runtime.claimBatch('n', 99, 0).map(({ jobId }) => jobId)
    expect([...new Set(order)]).toEqual(served)
  })

  test('higher priorities first; equals take turns', () => {
    const { runtime, node } = start(
      {},
      { id: 'low', owner: 'x', priority: -1 },
      { id: 'a', owner: 'y' },
      { id: 'b', owner: 'z' },
      { id: 'high', owner: 'w', priority: 5, chunks: 2 },
    )
    node('n')
    const order = runtime.claimBatch('n', 99, 0).map(({ jobId }) => jobId)
    expect(order.join(' ')).toBe('high high a b a b a b a b low low low low')
  })

  test('a node has no more chunks than min(maxParallel, totalCores)', () => {
    const { runtime, node } = start({}, { chunks: 50 })
    node('n', { totalCores: 8, maxParallel: 3 })
    const claims = runtime.claimBatch('n', 10, 0)
    expect(claims).toHaveLength(3)
    expect(runtime.claimBatch('n', 10, 0)).toEqual([])
    runtime.complete(completionOf('n', claims[0] as Claim), 0)
    expect(runtime.claimBatch('n', 10, 0)).toHaveLength(1)
  })
})

describe('strategies', () => {
  test('chunks get smaller towards the end, so that all nodes end at once', () => {
    const { runtime, node } = start({}, { chunks: undefined, strategy: { kind: 'single', units: 10_000 } })
    node('a', { totalCores: 2 })
    const sizes: number[] = []
    work(runtime, ['a'], (name, claim) => {
      sizes.push(claim.to - claim.from)
      return completionOf(name, claim)
    })
    expect(sizes[0]).toBe(1_000)
    expect(sizes.at(-1)).toBeLessThanOrEqual(100)
    expectWhole(runtime.outcome('j'), { 0: 10_000 })
  })

  test('stops when the mean is known well enough, and cancels what is in flight', () => {
    const stop = { targetError: 0.01, minUnits: 200 }
    const { runtime, node } = start({}, { strategy: { kind: 'single', units: 100_000, stop }, chunks: 1_000 })
    node('a')
    const claims = runtime.claimBatch('a', 10, 0)
    expect(runtime.complete(completionOf('a', claims[0] as Claim), 0)).toMatchObject({ jobEnded: false })
    expect(runtime.complete(completionOf('a', claims[1] as Claim), 0)).toEqual({ kind: 'accepted', jobEnded: true })
    expect(runtime.inFlight).toBe(0)
    expect(runtime.complete(completionOf('a', claims[2] as Claim), 0).kind).toBe('stale')
    expectWhole(runtime.outcome('j'), { 0: 200 })
  })

  test('stat weights: the baseline and every perturbation', () => {
    const { runtime, node } = start({}, { strategy: { kind: 'stat_weights', units: 100, perturbations: 3 } })
    node('a')
    node('b')
    work(runtime, ['a', 'b'])
    expectWhole(runtime.outcome('j'), { 0: 100, 1: 100, 2: 100, 3: 100 })
  })

  test('a tournament: each phase looks longer at fewer', () => {
    const ladder = [
      { units: 10, keep: 0.3 },
      { units: 50, keep: 0.5 },
      { units: 200, keep: 1 },
    ]
    const { runtime, node } = start({}, { strategy: { kind: 'tournament', variants: 13, ladder }, chunks: undefined })
    node('a')
    node('b')
    work(runtime, ['a', 'b'])
    // Means grow by 7 per variant, and by less than that through luck.
    const outcome = completed(runtime.outcome('j'))
    expect(outcome).toMatchObject({ phases: 3, units: 13 * 10 + 4 * 40 + 2 * 150 })
    expect(outcome.ranking).toHaveLength(2)
    const sizes = outcome.results.map(({ result }) => result.ranges[0]?.to)
    expect(sizes.filter((units) => units === 200)).toHaveLength(2)
    expect(sizes.filter((units) => units === 50)).toHaveLength(2)
  })
})

describe('trust', () => {
  test('k of n: a lie is found, and all that its node has told is computed again', () => {
    // The first chunks of a node that is confirmed are believed; later ones are looked at.
    let isChecked = false
    const trust = { agreement: 2, resultsMax: 3, confirmations: 0, sample: 0.5 }
    const { runtime, node, events } = start({ trust, random: () => (isChecked ? 0 : 1) }, { chunks: 10 })
    for (const name of ['liar', 'b', 'c']) node(name)
    for (const claim of runtime.claimBatch('liar', 3, 0))
      expect(runtime.complete(lie('liar', claim), 0).kind).toBe('accepted')
    expect(runtime.progress('j')).toMatchObject({ unitsDone: 300 })
    isChecked = true
    for (const claim of runtime.claimBatch('liar', 1, 0)) runtime.complete(lie('liar', claim), 0)
    expect(runtime.progress('j')).toMatchObject({ unitsDone: 300, inReview: 1 })
    work(runtime, ['b', 'c'])
    expect(events).toContainEqual({ type: 'results_discarded', jobId: 'j', node: 'liar', units: 300 })
    expect(runtime.nodeStatus('liar')).toMatchObject({ isDistrusted: true })
    expectWhole(runtime.outcome('j'), { 0: 1_000 })
  })

  test('two nodes of one user are one voice', () => {
    const { runtime, node } = start({ trust: TWO_OF_THREE }, { chunks: 1 })
    node('a', { owner: 'sybil' })
    node('b', { owner: 'sybil' })
    node('c')
    for (const name of ['a', 'b']) work(runtime, [name], (by, claim) => lie(by, claim))
    expect(runtime.outcome('j')).toBeUndefined()
    expect(runtime.claimBatch('b', 1, 0)).toEqual([])
    work(runtime, ['c'])
    node('d')
    work(runtime, ['d'])
    expectWhole(runtime.outcome('j'), { 0: 1_000 })
    expect(runtime.nodeStatus('a')).toMatchObject({ isDistrusted: true })
  })

  test('when nobody agrees the chunk has failed once', () => {
    const { runtime, node, events } = start({ trust: TWO_OF_THREE }, { chunks: 1 })
    let amount = 0
    for (const name of ['a', 'b', 'c']) {
      node(name)
      work(runtime, [name], (by, claim) => lie(by, claim, ++amount), amount * 1_000)
    }
    expect(events.filter(({ type }) => type === 'node_distrusted')).toEqual([])
    expect(runtime.progress('j')).toMatchObject({ unitsDone: 0, inReview: 1 })
    for (const name of ['d', 'e']) {
      node(name)
      work(runtime, [name], completionOf, 10_000)
    }
    expectWhole(runtime.outcome('j'), { 0: 1_000 })
  })

  test('what a node computes for its own user is believed', () => {
    const { runtime, node } = start({ trust: TWO_OF_THREE }, {})
    node('a', { owner: 'ada' })
    work(runtime, ['a'])
    expectWhole(runtime.outcome('j'), { 0: 1_000 })
  })

  test('a job on which nobody is left to agree fails, and says what to do', () => {
    const limits = { ...LIMITS, agreementMsMax: 60_000 }
    const { runtime, node } = start({ trust: TWO_OF_THREE, limits }, { chunks: 2 })
    node('a')
    work(runtime, ['a'])
    runtime.reclaimStale(0)
    runtime.reclaimStale(59_999)
    expect(runtime.outcome('j')).toBeUndefined()
    // Whoever works on it, it goes on.
    node('b')
    const [claim] = runtime.claimBatch('b', 1, 59_999) as [Claim]
    runtime.reclaimStale(60_000)
    runtime.complete(completionOf('b', claim), 60_000)
    runtime.reclaimStale(119_999)
    expect(runtime.outcome('j')).toBeUndefined()
    runtime.reclaimStale(120_000)
    expect(runtime.outcome('j')).toMatchObject({
      status: 'failed',
      code: 'no_agreement_possible',
      message: expect.stringContaining('nodes of more users'),
    })
  })

  test('a job of which nothing was given yet waits for nodes as long as it takes', () => {
    const { runtime, node } = start({ trust: TWO_OF_THREE, limits: { ...LIMITS, agreementMsMax: 60_000 } }, {})
    runtime.reclaimStale(0)
    runtime.reclaimStale(1e9)
    for (const name of ['a', 'b']) node(name)
    work(runtime, ['a', 'b'], completionOf, 1e9)
    expectWhole(runtime.outcome('j'), { 0: 1_000 })
  })

  test('a node that was confirmed before, here or elsewhere, is not new', () => {
    const trust = { agreement: 2, resultsMax: 3, confirmations: 5, sample: 0 }
    const { runtime, node } = start({ trust }, { chunks: 2 })
    node('a', { confirmations: 4 })
    work(runtime, ['a'])
    expect(runtime.progress('j')).toMatchObject({ unitsDone: 0, inReview: 2 })
    runtime.add({ ...JOB, id: 'k' })
    node('a', { confirmations: 5 })
    work(runtime, ['a'])
    expectWhole(runtime.outcome('k'), { 0: 1_000 })
  })

  test('a tournament that a liar has decided is decided again', () => {
    const ladder = [
      { units: 10, keep: 0.2 },
      { units: 30, keep: 1 },
    ]
    const trust = { agreement: 2, resultsMax: 3, confirmations: 0, sample: 0.5 }
    let isChecked = false
    const { runtime, node } = start(
      { trust, random: () => (isChecked ? 0 : 1) },
      { strategy: { kind: 'tournament', variants: 5, ladder }, chunks: undefined },
    )
    for (const name of ['liar', 'b', 'c']) node(name)
    for (const claim of runtime.claimBatch('liar', 5, 0)) {
      runtime.complete(claim.variant === 0 ? lie('liar', claim, 1e6) : completionOf('liar', claim), 0)
    }
    expect(runtime.progress('j')).toMatchObject({ phase: 1 })
    expect(runtime.ranking('j').map(({ variant }) => variant)).toEqual([0])
    isChecked = true
    for (const claim of runtime.claimBatch('liar', 1, 0)) runtime.complete(lie('liar', claim), 0)
    work(runtime, ['b', 'c'])
    expect(completed(runtime.outcome('j')).ranking).toEqual([4])
  })
})

describe('snapshots', () => {
  /** The most ranges that a snapshot had while five unequal nodes worked on a job, in whichever order. */
  function mostRanges(chunks: number): number {
    const { runtime, node } = start({}, { strategy: { kind: 'single', units: chunks }, chunks })
    const nodes = ['a', 'b', 'c', 'd', 'e']
    for (const [number, id] of nodes.entries()) node(id, { totalCores: 1 + number * 3 })
    const prng = new Prng(chunks)
    let most = 0
    for (let turn = 0; runtime.outcome('j') === undefined; turn++) {
      const id = nodes[prng.u32() % nodes.length] as string
      runtime.claimBatch(id, 100, 0)
      // They end in another order than they were begun.
      for (const claim of runtime.claimsOf(id)) if (prng.u32() % 10 < 7) runtime.complete(completionOf(id, claim), 0)
      if (turn % 10 > 0) continue
      const parts = runtime.snapshot('j')?.parts ?? []
      most = Math.max(
        most,
        parts.reduce((sum, { ranges }) => sum + ranges.length, 0),
      )
    }
    expectWhole(runtime.outcome('j'), { 0: chunks })
    return most
  }

  test('do not grow with the number of chunks', () => {
    // Beside what is in flight, some for each time that a node has begun anew in a gap half as long as before.
    expect(mostRanges(500)).toBeLessThan(100)
    expect(mostRanges(20_000)).toBeLessThan(100)
  })

  test('nothing that was accepted is computed twice', () => {
    const first = start({ trust: TWO_OF_THREE }, { chunks: 10 })
    for (const name of ['a', 'b']) first.node(name)
    const [one, two] = first.runtime.claimBatch('a', 2, 0) as [Claim, Claim]
    first.runtime.complete(completionOf('a', one), 0)
    first.runtime.complete(completionOf('a', two), 0)
    for (const claim of first.runtime.claimBatch('b', 1, 0)) first.runtime.complete(completionOf('b', claim), 0)
    expect(first.runtime.changedJobs()).toEqual(['j'])
    const saved = first.runtime.snapshot('j')
    expect(first.runtime.changedJobs()).toEqual([])

    const next = start({ trust: TWO_OF_THREE })
    next.runtime.add({ ...JOB, epoch: 2, chunks: 10 }, JSON.parse(JSON.stringify(saved)))
    for (const name of ['a', 'b']) next.node(name)
    expect(next.runtime.progress('j')).toMatchObject({ unitsDone: 100, inReview: 1 })
    expect(next.runtime.complete(completionOf('a', one), 0).kind).toBe('stale')
    // The vote of `a` is still there: only another user's node is asked.
    expect(next.runtime.claimBatch('a', 99, 0)).toHaveLength(8)
    expect(next.runtime.claimBatch('b', 99, 0)[0]).toMatchObject({ from: two.from, to: two.to })
  })

  test('what was saved of a node that was found to lie is left out', () => {
    const first = start({}, { chunks: 10 })
    for (const name of ['liar', 'b']) first.node(name)
    for (const name of ['liar', 'b']) {
      for (const claim of first.runtime.claimBatch(name, 2, 0)) first.runtime.complete(completionOf(name, claim), 0)
    }
    const next = start()
    next.node('liar', { isDistrusted: true })
    next.runtime.add({ ...JOB, epoch: 2 }, first.runtime.snapshot('j'))
    expect(next.runtime.progress('j')).toMatchObject({ unitsDone: 200 })
  })

  test('what a phase has decided stays decided, though more is known by now', () => {
    const ladder = [
      { units: 1, keep: 0.3 },
      { units: 20, keep: 0.5 },
      { units: 300, keep: 1 },
    ]
    const job: Partial<Job> = { strategy: { kind: 'tournament', variants: 13, ladder }, chunks: 50 }
    const whole = start({}, job)
    whole.node('a')
    work(whole.runtime, ['a'])
    const split = start({}, job)
    split.node('a')
    let runtime = split.runtime
    for (let epoch = 2; runtime.outcome('j') === undefined; epoch++) {
      for (const claim of runtime.claimBatch('a', 7, 0)) runtime.complete(completionOf('a', claim), 0)
      if (runtime.outcome('j') !== undefined) break
      const next = start()
      next.node('a')
      next.runtime.add({ ...JOB, ...job, epoch }, runtime.snapshot('j'))
      runtime = next.runtime
    }
    expect(runtime.outcome('j')).toEqual(whole.runtime.outcome('j'))
  })

  test('a job that was saved with all its units ends at once', () => {
    const first = start({}, {})
    first.node('a')
    work(first.runtime, ['a'])
    const saved = first.runtime.snapshot('j')
    const next = start()
    next.runtime.add({ ...JOB, epoch: 2 }, saved)
    expectWhole(next.runtime.outcome('j'), { 0: 1_000 })
    expect(next.events).toEqual([{ type: 'job_ended', jobId: 'j' }])
  })
})

test('a node that is gone loses its claims; the job goes on', () => {
  const { runtime, node } = start({}, {})
  node('a')
  node('b')
  const claims = runtime.claimBatch('a', 4, 0)
  expect(runtime.claimBatch('b', 4, 0)).toEqual([])
  runtime.removeNode('a', 0)
  expect(runtime.complete(completionOf('a', claims[0] as Claim), 0).kind).toBe('stale')
  expect(() => runtime.claimBatch('a', 1, 0)).toThrow(expect.objectContaining({ code: 'unknown_node' }))
  work(runtime, ['b'])
  expectWhole(runtime.outcome('j'), { 0: 1_000 })
})

test('a job that is removed is forgotten, with all its claims', () => {
  const { runtime, node } = start({}, {})
  node('a')
  const [claim] = runtime.claimBatch('a', 1, 0) as [Claim]
  runtime.remove('j')
  expect(runtime.inFlight).toBe(0)
  expect(runtime.complete(completionOf('a', claim), 0).kind).toBe('stale')
  expect(runtime.claimBatch('a', 1, 0)).toEqual([])
})

test.each([
  [{ strategy: { kind: 'single', units: 0 } }],
  [{ strategy: { kind: 'single', units: Number.NaN } }],
  [{ strategy: { kind: 'single', units: 10, stop: { targetError: 0, minUnits: 1 } } }],
  [{ strategy: { kind: 'stat_weights', units: 10, perturbations: 0 } }],
  [{ strategy: { kind: 'tournament', variants: 2, ladder: [] } }],
  [{ strategy: { kind: 'tournament', variants: 2, ladder: [{ units: 5, keep: 2 }] } }],
  [{ chunks: -1 }],
  [{ epoch: 0.5 }],
  [{ owner: '' }],
  [{ priority: Number.POSITIVE_INFINITY }],
] as const)('%j is no job', (change) => {
  expect(() => start({}, change as Partial<Job>)).toThrow(expect.objectContaining({ code: 'invalid_job' }))
})
