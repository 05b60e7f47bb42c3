export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy/fault-proxy.js'
export { reset } from './fault-proxy/reset.js'
