import type { Server } from 'node:net'

/** The port that the system chose for a server that listens on port 0. */
export function listeningPort(server: Pick<Server, 'address'> | undefined): number {
  const address = server?.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port')
  return address.port
}
