import type { MappedRange, ZoneMapInfo } from '@terrane/protocol'

export const AUTHORITIES = [
  { authority: 'spatial', title: 'Space' },
  { authority: 'persona', title: 'Players' },
] as const satisfies readonly { authority: MappedRange['authority']; title: string }[]

/** The zones whose ranges touch one of a zone's: it can be merged into those. */
export function neighboursOf({ ranges }: Pick<ZoneMapInfo, 'ranges'>, zone: string): string[] {
  const found = new Set<string>()
  ranges.forEach((range, i) => {
    for (const beside of [ranges[i - 1], ranges[i + 1]]) {
      if (range.zone === zone && beside?.authority === range.authority && beside.zone !== zone) found.add(beside.zone)
    }
  })
  return [...found]
}

/** `33.3 %`; a zone with next to nothing has not nothing. */
export function shareText(share: number): string {
  const percent = share * 100
  return percent > 0 && percent < 0.1 ? '< 0.1 %' : `${Number(percent.toFixed(1))} %`
}

/** Whether a token says that its bearer is an operator. The server decides; this only spares a form. */
export function isOperatorToken(token: string): boolean {
  try {
    const [, payload = ''] = token.split('.')
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' && claims !== null && 'role' in claims && claims.role === 'operator'
  } catch {
    return false
  }
}
