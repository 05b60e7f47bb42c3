/**
 * Time stamps that travel inside the state: "~T" and 16 digits, the microseconds of the monotonic
 * clock, which processes of one machine share. As text it survives every contender's encoding
 * unchanged, so latency is read from the bytes themselves, without a client library's cost or
 * cooperation.
 */
const MARK = Buffer.from('~T')
const DIGITS = 16
export const STAMP_LENGTH = MARK.length + DIGITS

export function nowMicros(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1e6 + nanos / 1e3
}

export function stamp(): string {
  return `~T${Math.floor(nowMicros()).toString().padStart(DIGITS, '0')}`
}

/** Calls `found` with each stamp, in microseconds. */
export function readStamps(bytes: Buffer, start: number, end: number, found: (micros: number) => void): void {
  const part = bytes.subarray(start, end)
  for (let at = part.indexOf(MARK); at !== -1; at = part.indexOf(MARK, at + 1)) {
    const micros = digits(part, at + MARK.length)
    if (micros !== undefined) found(micros)
  }
}

/** Two bytes may look like the mark by chance in binary data; sixteen digits behind them do not. */
function digits(bytes: Buffer, at: number): number | undefined {
  if (at + DIGITS > bytes.length) return undefined
  let value = 0
  for (let i = at; i < at + DIGITS; i++) {
    const digit = (bytes[i] ?? 0) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}
