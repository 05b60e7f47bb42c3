export {
  type CreatedCertificates,
  type CreateOptions,
  createCertificates,
} from './tls/create-certificates.js'
export { DEFAULT_HOSTS } from './tls/hosts.js'
export { type CertificateInfo, inspectCertificates } from './tls/inspect-certificates.js'
