/** Opens WebSockets. The entry for Node uses `ws`, the one for browsers the global; tests give their own. */
export interface Transport {
  /** Handlers are never called before `open` returns. */
  open(url: string, protocols: readonly string[], handlers: SocketHandlers): Socket
}

export interface SocketHandlers {
  onOpen(): void
  onText(text: string): void
  /** The bytes may be a view of a larger buffer that lives as long as they do. */
  onBinary(bytes: Uint8Array): void
  /** Exactly once, whether it was open or never came to be. `status` is the HTTP status of a refused upgrade. */
  onClose(code: number, reason: string, status?: number): void
}

export interface Socket {
  sendText(text: string): void
  /** The bytes must not be changed afterwards. */
  sendBinary(bytes: Uint8Array): void
  close(code?: number, reason?: string): void
}

/** Closed without a closing handshake (RFC 6455, 7.4.1); never travels. */
export const CLOSED_ABNORMALLY = 1006
export const CLOSED_NORMALLY = 1000
