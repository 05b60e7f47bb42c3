/** How far a connection came before it failed, in the order in which it is made. */
export type Stage = 'name resolution' | 'TCP' | 'TLS' | 'authentication' | 'authorisation' | 'SQL'

/** What a failure means, for the person who has to end it. */
export interface Diagnosis {
  readonly stage: Stage
  readonly code: string
  readonly why: string
  readonly next: string
}

type Advice = readonly [code: string, why: string, next: string]

const ADVICE: Readonly<Record<Stage, readonly Advice[]>> = {
  'name resolution': [
    ['ENOTFOUND', 'no address is known for the host', 'correct the host in the URL, or its DNS entry'],
    ['EAI_AGAIN', 'the name server did not answer', 'check the name server of this machine, then try again'],
  ],
  TCP: [
    ['ECONNREFUSED', 'nothing listens at this address and port', 'start the database, or correct the host and port'],
    ['ETIMEDOUT', 'nothing answered', 'check the firewall and the route to the database'],
  ],
  TLS: [
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'another CA signed its certificate', 'use the ca.crt of this database'],
    ['CERT_HAS_EXPIRED', 'its certificate has expired', 'issue a new node certificate and reload the database'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for other hosts', 'issue one that names the host of the URL'],
  ],
  authentication: [
    ['28P01', 'the password is wrong', 'correct the password'],
    ['28000', 'it does not let this user in this way', 'use the certificate of the user that the URL names'],
    ['3D000', 'the database does not exist', 'create it, or correct its name in the URL'],
    ['57P03', 'it is starting up or stopping', 'wait until it accepts connections'],
  ],
  authorisation: [['42501', 'the role lacks a privilege', 'run `terrane db roles` as a superuser']],
  SQL: [
    ['25006', 'it is read-only, a standby for one', 'connect to the primary'],
    ['53100', 'its disk is full', 'free space on the disk of the database'],
  ],
}

/** Explains `code`, an SQLSTATE or a code of Node.js, where it was seen. */
export function diagnose(stage: Stage, code: string): Diagnosis {
  const advice = ADVICE[stage].find(([known]) => known === code)
  const [, why, next] = advice ?? [code, `it failed with ${code}`, `look ${code} up in the log of the database`]
  return { stage, code, why, next }
}
