import type { X509Certificate } from 'node:crypto'
import { basename, join } from 'node:path'
import { messageOf, TerraneError } from '@terrane/core'
import { CertificateAuthority, type Validity } from './certificate-authority.js'
import { AUTHORITY_KEY, holdsSet, isOpenToOthers, putSet, readNewest, settle } from './certificate-directory.js'
import { type CertificateFiles, CLIENT_USERS, clientFiles, nodeFiles } from './certificate-files.js'
import { type FileOperations, fileOperations } from './file-operations.js'
import { DEFAULT_HOSTS, type HostName, parseHosts } from './hosts.js'
import { type CertificateInfo, inspectCertificates } from './inspect-certificates.js'
import { CA_DAYS, firstValidities, LEAF_DAYS, nextValidity } from './validity.js'
import { describeDate, hostsOf, parseCertificate, parseCertificates, parsePrivateKey } from './x509.js'

export interface CreateOptions {
  readonly dir: string
  /**
   * What clients call the server by: DNS names, IPv4 and IPv6 addresses; these and no others. Default: this
   * machine (`DEFAULT_HOSTS`), and with `rotate` the names of the present certificate.
   */
  readonly hosts?: readonly string[]
  /** Replaces the certificates and keys of the server and all users, under the CA that is there. */
  readonly rotate?: boolean
  /** How long a new CA lasts; default 3,650. */
  readonly caDays?: number
  /** How long a certificate lasts; default 365, or less when the CA ends sooner. */
  readonly leafDays?: number
  readonly now?: Date
  /** What was done otherwise than one might expect; default: nobody hears it. */
  readonly log?: (message: string) => void
}

export interface CreatedCertificates {
  /** `kept`: a complete set was there already. */
  readonly outcome: 'created' | 'rotated' | 'kept'
  readonly certificates: readonly CertificateInfo[]
}

/**
 * Makes a CA and certificates for a database server and its users, under the names that
 * `cockroach --certs-dir` expects. A complete set that is there already is kept, unless `rotate` asks for new
 * certificates. The files change all or none, whenever the process is killed (see certificate-directory.ts).
 * @throws TerraneError with the reason; nothing has changed, or the next run finishes what was decided
 */
export async function createCertificates(
  options: CreateOptions,
  operations: FileOperations = fileOperations,
): Promise<CreatedCertificates> {
  try {
    settle(options.dir, operations)
    const outcome = await put(options, operations)
    return { outcome, certificates: inspectCertificates(options.dir, options.now) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new TerraneError('certificates_not_written', `cannot write ${options.dir}: ${messageOf(error)}`, {
      hint: 'Correct that, then run the command again: it goes on where this one ended.',
      cause: error,
    })
  }
}

async function put(options: CreateOptions, operations: FileOperations): Promise<CreatedCertificates['outcome']> {
  const { dir, rotate = false, log } = options
  const isThere = holdsSet(dir)
  if (isThere && !rotate) return 'kept'
  if (rotate && !isThere) {
    throw new TerraneError('missing_certificate', `${dir} holds no certificates to rotate`, {
      hint: 'Make them first, without --rotate.',
    })
  }
  const contents = rotate ? await rotated(options) : await created(options)
  putSet(dir, contents, operations)
  if (isOpenToOthers(dir)) log?.(`${dir} can be entered by others than its owner; its keys cannot be read by them`)
  return rotate ? 'rotated' : 'created'
}

async function created(options: CreateOptions): Promise<Map<string, string>> {
  const { now = new Date(), caDays = CA_DAYS, leafDays = LEAF_DAYS } = options
  const hosts = parseHosts(options.hosts ?? DEFAULT_HOSTS)
  const validities = firstValidities(now, caDays, leafDays)
  const { authority, cert, key } = await CertificateAuthority.create(validities.ca)
  const leaves = await issueLeaves(authority, hosts, validities.leaf)
  return new Map([['ca.crt', cert], [AUTHORITY_KEY, key], ...leaves])
}

async function rotated(options: CreateOptions): Promise<Map<string, string>> {
  const { dir, now = new Date(), caDays, leafDays, log } = options
  if (caDays !== undefined) {
    throw new TerraneError('invalid_lifetime', 'a rotation keeps the CA, whose days cannot change', {
      hint: 'Leave the days of the CA out.',
    })
  }
  const hosts = parseHosts(options.hosts ?? presentHosts(dir))
  const { certificate, authority } = await presentAuthority(dir)
  const validity = nextValidity(now, new Date(certificate.validTo), leafDays)
  if (leafDays === undefined && validity.notAfter.getTime() - now.getTime() < (LEAF_DAYS - 1) * 86_400_000) {
    log?.(`the certificates end at ${describeDate(validity.notAfter)}, because the CA ends soon: plan a new CA`)
  }
  return issueLeaves(authority, hosts, validity)
}

function presentHosts(directory: string): readonly string[] {
  const path = nodeFiles(directory).cert
  return hostsOf(parseCertificate(readNewest(path) ?? '', path))
}

async function presentAuthority(
  directory: string,
): Promise<{ certificate: X509Certificate; authority: CertificateAuthority }> {
  const [certPath, keyPath] = [nodeFiles(directory).ca, join(directory, AUTHORITY_KEY)]
  const keyPem = readNewest(keyPath)
  if (keyPem === undefined) {
    throw new TerraneError('missing_ca_key', `${keyPath} does not exist, and nothing can be signed without it`, {
      hint: 'Bring it from where it is kept for the time of the rotation. If it is lost, make a new set in another directory.',
    })
  }
  const key = parsePrivateKey(keyPem, keyPath)
  const certificate = parseCertificates(readNewest(certPath) ?? '', certPath).find((each) => each.checkPrivateKey(key))
  if (certificate === undefined) {
    throw new TerraneError('mismatching_certificate', `${keyPath} is not the key of ${certPath}`, {
      hint: 'Bring the key that was made together with this CA.',
    })
  }
  return { certificate, authority: await CertificateAuthority.from(new Uint8Array(certificate.raw), key) }
}

/** CockroachDB's nodes present the server's certificate to each other as clients, hence both usages. */
async function issueLeaves(
  authority: CertificateAuthority,
  hosts: readonly HostName[],
  validity: Validity,
): Promise<Map<string, string>> {
  const contents = new Map<string, string>()
  const add = async (files: CertificateFiles, request: Parameters<CertificateAuthority['issue']>[0]) => {
    const { cert, key } = await authority.issue(request)
    contents.set(basename(files.cert), cert).set(basename(files.key), key)
  }
  await add(nodeFiles('.'), { commonName: 'node', usages: ['serverAuth', 'clientAuth'], hosts, validity })
  for (const user of CLIENT_USERS) {
    await add(clientFiles('.', user), { commonName: user, usages: ['clientAuth'], hosts: [], validity })
  }
  return contents
}
