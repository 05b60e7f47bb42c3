// The library registers its parts by decorators, which need this first.
import 'reflect-metadata'
import { type KeyObject, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { assert, TerraneError } from '@terrane/core'
import type { HostName } from './hosts.js'

type CryptoKey = webcrypto.CryptoKey
const { subtle } = webcrypto

/**
 * ECDSA on P-256. `cockroach cert` makes RSA keys of 2048 bits, but everybody here takes both: CockroachDB
 * reads RSA and ECDSA keys in PKCS #8 (pkg/security/pem.go) and offers cipher suites for both
 * (pkg/security/tls_ciphersuites.go), PostgreSQL and Node leave it to OpenSSL. P-256 is the stronger of the two
 * (128 bits against 112, NIST SP 800-57 part 1), signs many times faster at each new connection, and is made
 * at once instead of after a search for primes.
 */
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }

/** As in certificates of `cockroach cert`: CockroachDB's own tools show them alike. */
const ORGANIZATION = 'Cockroach'
const AUTHORITY_NAME = 'Terrane Database CA'

/** From when to when a certificate is valid; whole seconds, as certificates store it. */
export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** A certificate and its private key, as PEM. */
export interface IssuedPair {
  readonly cert: string
  readonly key: string
}

export interface LeafRequest {
  /** `node`, or a SQL user. */
  readonly commonName: string
  readonly usages: readonly ('serverAuth' | 'clientAuth')[]
  readonly hosts: readonly HostName[]
  readonly validity: Validity
}

/** Signs certificates. */
export class CertificateAuthority {
  readonly #certificate: X509Certificate
  readonly #key: CryptoKey

  private constructor(certificate: X509Certificate, key: CryptoKey) {
    this.#certificate = certificate
    this.#key = key
  }

  static async create({ notBefore, notAfter }: Validity): Promise<{ authority: CertificateAuthority } & IssuedPair> {
    const keys = await generateKeys()
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: distinguishedName(AUTHORITY_NAME),
      keys,
      notBefore,
      notAfter,
      extensions: [
        // Signs leaves, and no other authority.
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return { authority: new CertificateAuthority(certificate, keys.privateKey), ...(await pemOf(certificate, keys)) }
  }

  /**
   * An authority that exists: made here, by `cockroach cert`, or by OpenSSL.
   * @throws TerraneError `unsupported_ca_key`
   */
  static async from(certificateDer: Uint8Array<ArrayBuffer>, key: KeyObject): Promise<CertificateAuthority> {
    const der = key.export({ type: 'pkcs8', format: 'der' })
    const imported = await subtle.importKey('pkcs8', der, signingAlgorithm(key), false, ['sign'])
    return new CertificateAuthority(new X509Certificate(certificateDer), imported)
  }

  async issue({ commonName, usages, hosts, validity }: LeafRequest): Promise<IssuedPair> {
    assert(validity.notAfter < this.#certificate.notAfter, 'a certificate ends before its authority does')
    const keys = await generateKeys()
    const certificate = await X509CertificateGenerator.create({
      subject: distinguishedName(commonName),
      // The very bytes: Go, unlike OpenSSL, compares names without normalising them.
      issuer: this.#certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      ...validity,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        // Not keyEncipherment, which is RSA's alone (RFC 8813).
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(usages.map((usage) => ExtendedKeyUsage[usage])),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
        ...this.#authorityKeyIdentifier(),
        ...(hosts.length === 0 ? [] : [new SubjectAlternativeNameExtension([...hosts])]),
      ],
    })
    return await pemOf(certificate, keys)
  }

  /** As the authority calls its own key, which need not be our way to derive it. */
  #authorityKeyIdentifier(): Extension[] {
    const own = this.#certificate.getExtension(SubjectKeyIdentifierExtension)
    return own === null ? [] : [new AuthorityKeyIdentifierExtension(own.keyId)]
  }
}

function distinguishedName(commonName: string): string {
  return `O=${ORGANIZATION}, CN=${commonName}`
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}

async function pemOf(certificate: X509Certificate, { privateKey }: webcrypto.CryptoKeyPair): Promise<IssuedPair> {
  const der = Buffer.from(await subtle.exportKey('pkcs8', privateKey))
  return { cert: pem('CERTIFICATE', Buffer.from(certificate.rawData)), key: pem('PRIVATE KEY', der) }
}

/** One block that ends in one line feed: CockroachDB refuses a key with anything behind it. */
function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function signingAlgorithm(key: KeyObject): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const curve = key.asymmetricKeyDetails?.namedCurve
  const namedCurve = curve === 'prime256v1' ? 'P-256' : curve === 'secp384r1' ? 'P-384' : undefined
  if (key.asymmetricKeyType === 'ec' && namedCurve !== undefined) return { name: 'ECDSA', namedCurve }
  throw new TerraneError('unsupported_ca_key', `the CA's key is of the type ${curve ?? key.asymmetricKeyType}`, {
    hint: 'Supported are RSA and ECDSA on P-256 or P-384. Make a new set of certificates in another directory.',
  })
}
