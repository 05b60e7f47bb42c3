import type { ClusterStats, ZoneHolderStats } from '@terrane/protocol'

/** `bad`: a zone has no owner. `warn`: the message bus is away, so that clients of zones elsewhere wait. */
export function processLevel({ isBusUp, holders }: ClusterStats): 'bad' | 'warn' | undefined {
  if (holders.some(({ isLate }) => isLate)) return 'bad'
  return isBusUp ? undefined : 'warn'
}

/** A process in few words: its owner's name is `host/scope:pid:start`. */
export function holderName({ owner, isOwn, isLate }: Omit<ZoneHolderStats, 'zone' | 'epoch'>): string {
  if (isLate) return 'nobody: the lease has ended'
  if (isOwn) return 'this process'
  const [, host, pid] = /^([^/]*)\/.*?:(\d+):/.exec(owner) ?? []
  return host === undefined ? owner : `process ${pid} on ${host}`
}
