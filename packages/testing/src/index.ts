export { SimulatedTime } from './simulated-time.js'
export { openTestZone, type TestZone } from './test-zone.js'
export { proofWorld } from './simulator/proof-world.js'
export { Simulation, type SimulationFigures, type SimulationOptions, type SimulationResult } from './simulator/simulation.js'
