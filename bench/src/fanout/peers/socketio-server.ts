import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { childOptions, serveParent, tell } from '../../child.js'
import type { RoomsWorkload } from '../contract.js'
import { changeCells } from '../servers/cells.js'
import { listeningPort } from './listening-port.js'

/** socket.io with its default adapter, which encodes a broadcast once and sends the same frame to the whole room. */
const workload = childOptions<RoomsWorkload>()
const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })
io.on('connection', (socket) => {
  socket.join(`cell-${String(socket.handshake.query.cell)}`)
})
http.listen(0, '127.0.0.1', () => {
  tell({ port: listeningPort(http) })
  serveParent(async () => {
    changeCells(workload, (cell, data) => {
      io.to(`cell-${cell}`).emit('state', data)
    })
    return {}
  })
})
