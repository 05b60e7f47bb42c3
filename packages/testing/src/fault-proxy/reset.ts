import type { Socket } from 'node:net'

/**
 * Ends a connection by RST, now. One that is just shutting down is closed instead: libuv refuses to reset it
 * (`uv_tcp_close_reset` gives EINVAL), Node does not close it after that, and the process could never end.
 */
export function reset(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished
  if (isShuttingDown) socket.destroy()
  else socket.resetAndDestroy()
}
