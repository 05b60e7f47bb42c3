import { clientError } from '../errors.js'
import type { Transport } from './transport.js'

/** The WebSocket that browsers, Deno, Bun and Node ≥ 22 have as a global. */
export const browserTransport: Transport = {
  open(url, protocols, handlers) {
    if (typeof WebSocket === 'undefined') throw clientError('no_transport', 'give the option `transport`')
    const socket = new WebSocket(url, [...protocols])
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => handlers.onOpen()
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (typeof event.data === 'string') handlers.onText(event.data)
      else handlers.onBinary(new Uint8Array(event.data))
    }
    socket.onclose = (event) => handlers.onClose(event.code, event.reason)
    return {
      sendText: (text) => socket.send(text),
      // Never backed by shared memory: the frame writer allocates plain buffers.
      sendBinary: (bytes) => socket.send(bytes as Uint8Array<ArrayBuffer>),
      close: (code, reason) => socket.close(code, reason),
    }
  },
}
