// The steps before the driver, one by one, so that each can say that it is the one that fails.
import dns, { type LookupAddress } from 'node:dns'
import { connect, isIP } from 'node:net'
import { type Diagnosis, diagnose, type Stage } from '../connection/failures.js'

/** A step that failed, and why. */
export class StepFailure extends Error {
  readonly diagnosis: Diagnosis

  constructor(diagnosis: Diagnosis, cause?: unknown) {
    super(diagnosis.why, { cause })
    this.diagnosis = diagnosis
  }

  static of(error: unknown, stage: Stage): StepFailure {
    return error instanceof StepFailure ? error : new StepFailure(diagnose(error, stage), error)
  }
}

export interface Reached {
  readonly address: string
  readonly family: 4 | 6
  /** How many addresses the host has. */
  readonly addresses: number
  readonly resolveMs: number
  readonly tcpMs: number
}

/**
 * Finds the host's addresses and connects to the first that accepts, then hangs up.
 * @param endMs on the clock of `performance.now()`: when to give up
 * @throws StepFailure
 */
export async function reach(host: string, port: number, endMs: number): Promise<Reached> {
  const startedMs = performance.now()
  const addresses = await resolve(host, endMs).catch((error: unknown) => {
    throw StepFailure.of(error, 'name resolution')
  })
  const resolvedMs = performance.now()
  const { address, family } = await firstThatAccepts(addresses, host, port, endMs)
  return {
    address,
    family: family === 6 ? 6 : 4,
    addresses: addresses.length,
    resolveMs: resolvedMs - startedMs,
    tcpMs: performance.now() - resolvedMs,
  }
}

async function resolve(host: string, endMs: number): Promise<LookupAddress[]> {
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  return within(endMs, `the name service did not answer for ${host}`, (done, failed) => {
    dns.lookup(host, { all: true, verbatim: true }, (error, addresses) =>
      error === null ? done(addresses) : failed(error),
    )
    return () => {}
  })
}

async function firstThatAccepts(
  addresses: readonly LookupAddress[],
  host: string,
  port: number,
  endMs: number,
): Promise<LookupAddress> {
  const failures: unknown[] = []
  for (const [place, each] of addresses.entries()) {
    // What is left is shared, or the first of several silent addresses would have all of it.
    const nowMs = performance.now()
    const untilMs = nowMs + (endMs - nowMs) / (addresses.length - place)
    try {
      await accepts(each.address, port, untilMs)
      return each
    } catch (error) {
      failures.push(error)
    }
  }
  const failure = StepFailure.of(
    new AggregateError(failures, `no address of ${host} accepts connections`, { cause: failures[0] }),
    'TCP',
  )
  const isRefused = failures.every((error) => (error as NodeJS.ErrnoException).code === 'ECONNREFUSED')
  throw isRefused ? await otherFamily(failure, addresses, port, endMs) : failure
}

/** Refused on the one loopback address and accepted on the other: the server listens, and not where it is looked for. */
async function otherFamily(
  failure: StepFailure,
  addresses: readonly LookupAddress[],
  port: number,
  endMs: number,
): Promise<StepFailure> {
  const other = { '::1': '127.0.0.1', '127.0.0.1': '::1' }[addresses.map(({ address }) => address).join()]
  if (other === undefined) return failure
  const isThere = await accepts(other, port, endMs).then(
    () => true,
    () => false,
  )
  if (!isThere) return failure
  const [listens, asked] = other === '::1' ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6']
  return new StepFailure({
    stage: 'TCP',
    code: 'WRONG_FAMILY',
    why: `the server listens on ${listens} only (${other}), the URL leads to ${asked}`,
    next: `Let the server listen on ${asked} too (listen_addresses, --listen-addr), or use the other address in the URL.`,
  })
}

function accepts(address: string, port: number, endMs: number): Promise<void> {
  return within(endMs, `connect timeout: ${address}, port ${port}`, (done, failed) => {
    const socket = connect({ host: address, port })
    socket.once('connect', () => done())
    socket.once('error', failed)
    return () => socket.destroy()
  })
}

/** Settles with what `begin` reports, or fails at `endMs`; then cleans up by what `begin` returned. */
function within<T>(
  endMs: number,
  late: string,
  begin: (done: (value: T) => void, failed: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let cleanUp = () => {}
    const settle = (settled: () => void) => {
      clearTimeout(timer)
      settled()
      cleanUp()
    }
    const timer = setTimeout(
      () => settle(() => reject(Object.assign(new Error(late), { code: 'ETIMEDOUT' }))),
      Math.max(1, endMs - performance.now()),
    )
    cleanUp = begin(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    )
  })
}
