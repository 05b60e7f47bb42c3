import { sibling } from '../processes.js'
import type { Contender } from './contract.js'
import { versionOf } from './versions.js'

/** In the order in which they take turns. */
export const contenders: readonly Contender[] = [
  {
    name: 'terrane',
    version: versionOf('@terrane/engine'),
    workloads: ['rooms', 'world'],
    serverScript: sibling('./terrane/terrane-server', import.meta.url),
    clientModule: sibling('./terrane/terrane-client', import.meta.url),
    worldSteps: [500, 1000, 2000],
  },
  {
    name: 'colyseus',
    version: versionOf('@colyseus/core'),
    workloads: ['rooms', 'world'],
    serverScript: sibling('./peers/colyseus-server', import.meta.url),
    clientModule: sibling('./peers/colyseus-client', import.meta.url),
    worldSteps: [25, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200, 2000],
  },
  {
    name: 'socket.io',
    version: versionOf('socket.io'),
    workloads: ['rooms'],
    serverScript: sibling('./peers/socketio-server', import.meta.url),
    clientModule: sibling('./peers/socketio-client', import.meta.url),
    worldSteps: [],
  },
]
