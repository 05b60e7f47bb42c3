/** The certificates of the embedded server and of those who connect to it: made once, replaced before they end. */
import { rm } from 'node:fs/promises'
import { messageOf } from '@terrane/core'
import { holdsSet } from '../tls/certificate-directory.js'
import { type CertificateInfo, inspectCertificates } from '../tls/inspect-certificates.js'

/** A certificate with less than this is replaced: long before anybody is warned of it. */
const LEAF_DAYS_LEFT_MIN = 30
/** A CA with less gives way to a new one; more than the above, so that what it signs last never has too little. */
const CA_DAYS_LEFT_MIN = 60

/** A complete set that lasts, in `directory`. @throws TerraneError of `createCertificates` */
export async function ensureCertificates(directory: string, log: (line: string) => void): Promise<void> {
  if (!holdsSet(directory)) return create(directory, log, 'made certificates for the database')
  const certificates = inspectCertificates(directory)
  const daysLeft = (isWanted: (certificate: CertificateInfo) => boolean) =>
    Math.min(...certificates.filter(isWanted).map((certificate) => certificate.daysLeft))
  if (daysLeft(({ file }) => file === 'ca.crt') < CA_DAYS_LEFT_MIN) {
    // All that trusts the old one is the server and the processes on this machine that read this directory.
    await rm(directory, { recursive: true })
    return create(directory, log, 'made new certificates for the database: their CA ends soon')
  }
  const leafDaysLeft = daysLeft(({ file }) => file !== 'ca.crt')
  if (leafDaysLeft >= LEAF_DAYS_LEFT_MIN) return
  try {
    await create(directory, log, 'replaced the certificates of the database, which end soon', true)
  } catch (error) {
    if (leafDaysLeft < 1) throw error
    log(`the certificates of the database end in ${leafDaysLeft} days and cannot be replaced: ${messageOf(error)}`)
  }
}

async function create(dir: string, log: (line: string) => void, done: string, rotate = false): Promise<void> {
  // Only here: the library that signs takes a while to load, and most starts have no use for it.
  const { createCertificates } = await import('../tls/create-certificates.js')
  await createCertificates({ dir, rotate, log })
  log(`${done} in ${dir}`)
}
