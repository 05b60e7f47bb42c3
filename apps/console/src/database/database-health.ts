import type { DatabaseStats, ServerStats } from '@terrane/protocol'

const DAY_MS = 86_400_000

/** From here on a certificate's end is pointed out. */
const CERTIFICATE_DAYS_FEW = 14

export interface DatabaseWarning {
  readonly about: 'state' | 'writes' | 'tls' | 'certificate' | 'pool'
  /** `bad` stops the world or leaves it open; `warn` will if nobody does anything. */
  readonly level: 'warn' | 'bad'
  readonly text: string
}

/** What an operator should look at, the worst first. */
export function databaseWarnings({
  database,
  zones,
  at,
}: Pick<ServerStats, 'database' | 'zones' | 'at'>): readonly DatabaseWarning[] {
  const warnings: DatabaseWarning[] = []
  if (database.state === 'down') {
    warnings.push({
      about: 'state',
      level: 'bad',
      text: 'Does not answer. Inputs wait, or are refused, until it does.',
    })
  }
  const stalled = zones.filter(({ stalledBecause }) => stalledBecause !== undefined)
  if (database.state === 'up' && stalled[0] !== undefined) {
    const whose = stalled.length === 1 ? `zone ${stalled[0].id}` : `${stalled.length} zones`
    warnings.push({
      about: 'writes',
      level: 'bad',
      text: `Keeps nothing of ${whose}, whose inputs are refused until it does. It says: ${stalled[0].stalledBecause}`,
    })
  }
  if (database.tls === null && database.production) {
    warnings.push({ about: 'tls', level: 'bad', text: 'Not encrypted, in production.' })
  }
  const days = certificateDays(database, at)
  if (days !== null && days < 0) {
    warnings.push({ about: 'certificate', level: 'bad', text: 'A certificate has ended. New connections fail.' })
  } else if (days !== null && days < CERTIFICATE_DAYS_FEW) {
    warnings.push({ about: 'certificate', level: 'warn', text: 'A certificate ends soon. Replace it.' })
  }
  if (isExhausted(database)) {
    warnings.push({ about: 'pool', level: 'warn', text: 'All connections are busy, and calls wait for one.' })
  }
  return warnings.sort((left, right) => Number(right.level === 'bad') - Number(left.level === 'bad'))
}

/** Whole days until a certificate ends, negative when it has; null when there is none. */
export function certificateDays({ tls }: DatabaseStats, at: number): number | null {
  const endsAt = tls?.certificateEndsAt ?? null
  return endsAt === null ? null : Math.floor((endsAt - at) / DAY_MS)
}

function isExhausted({ pool }: DatabaseStats): boolean {
  return pool.waiting > 0 && pool.open >= pool.size && pool.idle === 0
}

/** `TLS_AES_256_GCM_SHA384` → `AES-256-GCM`; other names, those of TLS 1.2, stay. */
export function cipherName(cipher: string): string {
  const [, name] = /^TLS_(.+)_SHA\d+$/.exec(cipher) ?? []
  return name === undefined ? cipher : name.replaceAll('_', '-')
}
