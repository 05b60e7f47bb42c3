import { CODE_MAX } from '@terrane/causality'
import { InvalidArgumentError } from 'commander'

/** What `terrane start` was asked to do. */
export interface StartOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly data: string
  readonly bots: number
  readonly world: string
  readonly console: boolean
  readonly guests: boolean
  readonly inputsPerSecond: number | undefined
  /** Directory of the certificates to connect to the database with. */
  readonly certs: string | undefined
  /** NATS servers, by which processes of one world reach each other. */
  readonly bus: readonly string[]
  /** Zones to prefer when several processes share them. */
  readonly zones: readonly string[] | undefined
  /** Whether to keep warm copies of the zones that other processes have, to take them over sooner. */
  readonly standby: boolean
  /** How long a process that has gone silent keeps its zones, s. */
  readonly leaseSeconds: number
  /** How simulation jobs are kept: accepted results in the database, in memory only, or no jobs at all. */
  readonly jobs: 'checkpointed' | 'volatile' | 'off'
  /** Nodes of different users that must agree on a chunk's result; 1: everybody is believed. */
  readonly jobAgreement: number
  /** Whether the embedded database admits by certificates only. */
  readonly mtls: boolean
}

export const DEFAULTS = {
  host: '127.0.0.1',
  port: 4000,
  data: './data',
  bots: 50,
  world: 'frontier',
  leaseSeconds: 10,
} as const

/** More in one process would measure the bots. */
const BOTS_MAX = 2_000
const INPUTS_PER_SECOND_MAX = 1_000_000

/** A commander parser for whole numbers within bounds. */
function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`)
    }
    return value
  }
}

export const parsePort = wholeNumber(0, 65_535)
export const parseAgreement = wholeNumber(1, 10)
/** Cores, seconds. */
export const parseCores = wholeNumber(1, 1_024)
export const parseBots = wholeNumber(0, BOTS_MAX)
export const parseInputsPerSecond = wholeNumber(1, INPUTS_PER_SECOND_MAX)
export const parseLeaseSeconds = wholeNumber(1, 3_600)

/** Codes of zones. */
export const parseCode = wholeNumber(0, CODE_MAX)

/** A list behind commas, without empty members. */
export function parseList(text: string): string[] {
  const list = text.split(',').map((each) => each.trim())
  if (list.some((each) => each === '')) throw new InvalidArgumentError('It must be names, with commas between them.')
  return list
}

/** Addresses of NATS servers, with commas between them. */
export function parseBus(text: string): string[] {
  const list = parseList(text)
  if (!list.every((each) => /^(nats|tls):\/\/[^\s/]+$/.test(each))) {
    throw new InvalidArgumentError('It must be addresses such as nats://10.0.0.5:4222, with commas between them.')
  }
  return list
}

/** Seeds, clients, seconds. */
export const parseCount = wholeNumber(1, 2 ** 31 - 1)

/** How long a mission of maglev may last. */
export const parseMissionSeconds = wholeNumber(2, 180)
