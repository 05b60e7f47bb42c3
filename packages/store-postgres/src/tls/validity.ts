import { TerraneError } from '@terrane/core'
import type { Validity } from './certificate-authority.js'
import { describeDate } from './x509.js'

const DAY_MS = 86_400_000

/** Machines whose clocks are behind must be able to use a certificate at once. */
const BACKDATE_MS = 3_600_000

/** 250 years: more than anybody asks for, and far from the end of what certificates can write. */
const DAYS_MAX = 91_250

/** Ten years: to replace a CA every machine must be visited. */
export const CA_DAYS = 3_650
/** A year: replacing a certificate takes one command and no restart of the server. */
export const LEAF_DAYS = 365

/**
 * When a certificate under a new CA is valid.
 * @throws TerraneError `invalid_lifetime`
 */
export function firstValidities(
  now: Date,
  caDays: number,
  leafDays: number,
): { readonly ca: Validity; readonly leaf: Validity } {
  checkDays('the CA', caDays)
  checkDays('a certificate', leafDays)
  if (leafDays >= caDays) {
    throw new TerraneError('invalid_lifetime', `a certificate of ${leafDays} days outlives its CA of ${caDays} days`, {
      hint: `CockroachDB refuses such certificates. Ask for ${caDays - 1} days at most, or for a CA that lasts longer.`,
    })
  }
  return { ca: validFor(now, caDays), leaf: validFor(now, leafDays) }
}

/**
 * When a certificate under an existing CA is valid. Without a wish, it is cut to what the CA has left.
 * @throws TerraneError `expired_ca`, `invalid_lifetime`
 */
export function nextValidity(now: Date, caNotAfter: Date, leafDays: number | undefined): Validity {
  checkDays('a certificate', leafDays ?? LEAF_DAYS)
  const daysMax = Math.ceil((caNotAfter.getTime() - seconds(now).getTime()) / DAY_MS) - 1
  if (daysMax < 1) {
    throw new TerraneError('expired_ca', `the CA ends at ${describeDate(caNotAfter)}: too soon to sign anything`, {
      hint: 'Make a new set of certificates in another directory, and install it everywhere.',
    })
  }
  if (leafDays !== undefined && leafDays > daysMax) {
    throw new TerraneError(
      'invalid_lifetime',
      `a certificate of ${leafDays} days outlives its CA, which ends at ${describeDate(caNotAfter)}`,
      {
        hint: `CockroachDB refuses such certificates. Ask for ${daysMax} days at most.`,
      },
    )
  }
  return validFor(now, Math.min(leafDays ?? LEAF_DAYS, daysMax))
}

function validFor(now: Date, days: number): Validity {
  const start = seconds(now).getTime()
  return { notBefore: new Date(start - BACKDATE_MS), notAfter: new Date(start + days * DAY_MS) }
}

/** Certificates store whole seconds. */
function seconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000)
}

function checkDays(what: string, days: number): void {
  if (Number.isInteger(days) && days >= 1 && days <= DAYS_MAX) return
  throw new TerraneError('invalid_lifetime', `${what} cannot last ${days} days`, {
    hint: `Ask for a whole number from 1 to ${DAYS_MAX}.`,
  })
}
