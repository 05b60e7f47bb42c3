import { isIP, isIPv4 } from 'node:net'
import { TerraneError } from '@terrane/core'

/** This machine, by the names that a server beside the database uses. */
export const DEFAULT_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '::1']

/** A name in a server's certificate, in its canonical spelling. */
export interface HostName {
  readonly type: 'dns' | 'ip'
  readonly value: string
}

const NAME_LENGTH_MAX = 253
/** Letters, digits and hyphens (RFC 1123), and the underscore, which container networks put into names. */
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

/**
 * What clients may call the server by: each name once, in the order given.
 * @throws TerraneError `invalid_host`
 */
export function parseHosts(hosts: readonly string[]): readonly HostName[] {
  if (hosts.length === 0) throw invalid('the list is empty', 'Name at least one host.')
  const names = new Map<string, HostName>()
  for (const host of hosts) {
    const name = parseHost(host)
    names.set(`${name.type}:${name.value}`, name)
  }
  return [...names.values()]
}

function parseHost(text: string): HostName {
  if (text.includes('%')) throw invalid(`'${text}' has a zone`, 'Certificates name addresses without their zone.')
  if (isIP(text) !== 0) return { type: 'ip', value: canonicalAddress(text) }
  const name = text.toLowerCase()
  const labels = name.split('.')
  // A wildcard stands for the first label (RFC 6125).
  const plain = labels[0] === '*' && labels.length > 2 ? labels.slice(1) : labels
  if (!plain.every((label) => LABEL.test(label))) throw invalid(`'${text}' is not a host name`, hintAbout(text))
  if (name.length > NAME_LENGTH_MAX)
    throw invalid(`'${name.slice(0, 20)}…' is too long`, `A host name has at most ${NAME_LENGTH_MAX} characters.`)
  // Clients would take it for an address, and never look it up among the names.
  if (/^\d+$/.test(labels.at(-1) ?? ''))
    throw invalid(`'${text}' is not an IPv4 address`, 'One has four numbers from 0 to 255, without leading zeros.')
  return { type: 'dns', value: name }
}

/** As URLs spell them: IPv6 compressed, in lower case, an embedded IPv4 address in hexadecimal digits. */
export function canonicalAddress(address: string): string {
  return isIPv4(address) ? address : new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function hintAbout(text: string): string {
  if (text.trim() !== text || text === '') return 'Separate names by single commas, without spaces.'
  if (text.includes('://') || text.includes('/')) return 'Give the name of the host alone, not a URL.'
  if (/^\[.*\]/.test(text)) return 'Give an IPv6 address without brackets and port.'
  if (text.includes(':')) return 'Give the name of the host without a port.'
  if (text.endsWith('.')) return 'Leave the dot at the end out: clients compare names without it.'
  if (/[^\0-\x7f]/.test(text)) return 'Spell an international name in its ASCII form (xn--…).'
  if (text.includes('*')) return 'A wildcard stands for the first label alone, and needs two more: *.db.example.'
  return 'Labels have 1 to 63 letters, digits and hyphens, with no hyphen at either end.'
}

function invalid(message: string, hint: string): TerraneError {
  return new TerraneError('invalid_host', `hosts of the database: ${message}`, { hint })
}
