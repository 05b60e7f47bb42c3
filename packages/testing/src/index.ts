export { SimulatedTime } from './simulated-time.js'
export { BorderSimulation } from './simulator/border-simulation.js'
export { calmFaultPlan, drawFaultPlan, type FaultPlan } from './simulator/faults.js'
export { calmExchangePlan, drawExchangePlan, type ExchangePlan } from './simulator/faulty-exchange.js'
export { JobsSimulation } from './simulator/jobs/jobs-simulation.js'
export {
  computeKnown,
  digestOfKnown,
  type KnownResult,
  knownResults,
  wrongnessOf,
} from './simulator/jobs/known-results.js'
export { OpsSimulation } from './simulator/ops-simulation.js'
export { proofWorld } from './simulator/proof-world.js'
export { ReplicaModel } from './simulator/replica.js'
export { ReshapeSimulation } from './simulator/reshape-simulation.js'
export { SimClient } from './simulator/sim-client.js'
export { type ClusterFigures, isSettled, SimCluster, type SimClusterOptions } from './simulator/sim-cluster.js'
export { SimConnection } from './simulator/sim-connection.js'
export {
  Simulation,
  type SimulationFigures,
  type SimulationOptions,
  type SimulationResult,
} from './simulator/simulation.js'
export { openTestZone, type TestZone } from './test-zone.js'
