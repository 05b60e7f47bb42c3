export { type AgentEvent, type AgentOptions, NodeAgent, type Workers } from './agent/agent.js'
export { NodeApi, type NodeApiOptions } from './agent/node-api.js'
export { fromBase64Url, toBase64Url } from './signature/base64url.js'
export {
  createIdentity,
  exportIdentity,
  importIdentity,
  type NodeIdentity,
  signRequest,
} from './signature/identity.js'
export { type RequestToSign, SIGNATURE_HEADERS, type Signature } from './signature/request.js'
export { RequestVerifier, SKEW_MS_MAX } from './signature/verify.js'
export {
  type Assignment,
  type Assignments,
  type ChunkFailure,
  type ClaimName,
  type ClaimRequest,
  COMPLETIONS_MAX,
  type CompletionAnswer,
  type CompletionOutcome,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  NODE_PATHS,
  type NodeRegistration,
  type NodeSoftware,
  type NodeState,
  PROTOBUF_TYPE,
} from './wire/api.js'
export { type Completion, decodeCompletions, encodeCompletions } from './wire/completion.js'
export { Computation, type Piece } from './work/compute.js'
export { parseSentinelConfig, type SentinelConfig, statsOf, variantCount } from './work/sentinel-config.js'
export { changeOf, type VariantChange, variantOf } from './work/variants.js'
export { checkHash, decodeContext, encodeContext, hashOf, type WorkContext } from './work/work-context.js'
export { createWorker, type WorkerAnswer, type WorkerTask } from './workers/tasks.js'
export { type PieceResult, type PoolTask, type StartWorker, WorkerPool } from './workers/worker-pool.js'
