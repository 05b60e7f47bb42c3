/** A loop, since Buffer.compare costs four times as much for so few bytes. */
export function startsWith(data: Uint8Array, head: Uint8Array): boolean {
  if (data.length < head.length) return false
  // From the end: the topic and the event differ sooner than the kind and the lengths.
  for (let i = head.length - 1; i >= 0; i--) if (data[i] !== head[i]) return false
  return true
}
