import { type Logger, pino } from 'pino'

export type { Logger }

interface Record {
  readonly level: number
  readonly time: number
  readonly msg?: string
  readonly err?: { readonly stack?: string; readonly message?: string }
}

const LEVELS: { readonly [level: number]: string } = {
  10: 'trace',
  20: 'debug',
  30: 'info ',
  40: '\u001b[33mwarn\u001b[39m ',
  50: '\u001b[31merror\u001b[39m',
  60: '\u001b[31mfatal\u001b[39m',
}
const HIDDEN = new Set(['level', 'time', 'msg', 'err', 'pid', 'hostname'])

/**
 * Logs to stderr: one readable line per event on a terminal, JSON otherwise. Synchronous, so that the
 * last words before an end are not lost.
 * @param write how a line gets to the terminal; a progress line may have to make room
 */
export function createLogger(level: string, isTerminal: boolean, write: (text: string) => void): Logger {
  const stream = { write: isTerminal ? (line: string) => write(readable(line)) : write }
  return pino({ level, base: isTerminal ? null : { pid: process.pid } }, stream)
}

function readable(line: string): string {
  const record = JSON.parse(line) as Record
  const time = new Date(record.time).toTimeString().slice(0, 8)
  const details = Object.entries(record)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => ` \u001b[2m${name}=${typeof value === 'string' ? value : JSON.stringify(value)}\u001b[22m`)
  const error = record.err === undefined ? '' : `\n${record.err.stack ?? record.err.message}`
  return `${time} ${LEVELS[record.level] ?? record.level} ${record.msg ?? ''}${details.join('')}${error}\n`
}
