export {
  createIdentity,
  exportIdentity,
  importIdentity,
  type NodeIdentity,
  signRequest,
} from './signature/identity.js'
export { type RequestToSign, SIGNATURE_HEADERS, type Signature } from './signature/request.js'
export { RequestVerifier, SKEW_MS_MAX } from './signature/verify.js'
export { type Completion, decodeCompletions, encodeCompletions } from './wire/completion.js'
export { Computation, type Piece } from './work/compute.js'
export { parseSentinelConfig, type SentinelConfig, statsOf, variantCount } from './work/sentinel-config.js'
export { changeOf, type VariantChange, variantOf } from './work/variants.js'
export { checkHash, decodeContext, encodeContext, hashOf, type WorkContext } from './work/work-context.js'
