import type { Figures, Floor } from '../../report.js'
import { MARKS_PER_PAGE } from '../kinds.js'
import { cleanVerdict, judgeMarks, type Testimony } from '../outcomes.js'
import { START_COINS } from './kinds.js'
import type { CountedPage, StoredTrade } from './trade-tables.js'

export interface TradeJudgement {
  readonly figures: Figures
  /** What was found, for a person to read. */
  readonly problems: readonly string[]
}

const NEVER = [
  'lost',
  'doubled',
  'rejectedButApplied',
  'phantoms',
  'unsettled',
  'opsLost',
  'opsDoubled',
  'opsUnsettled',
  'deadLetters',
  'coinsMissing',
  'talliesWrong',
]

export const TRADE_FLOORS: readonly Floor[] = NEVER.map((figure) => ({ figure, max: 0 }))

const EXAMPLES_MAX = 10

/** Holds what the players were told against what is in the tables, and both ends of every payment against each other. */
export function judgeTrade(stored: StoredTrade, testimonies: readonly Testimony[]): TradeJudgement {
  const marks = countsOf(stored.marks)
  const verdict = cleanVerdict()
  for (const testimony of testimonies) {
    judgeMarks(testimony, pagesOf(stored.marks, testimony.player), MARKS_PER_PAGE, verdict)
  }
  const problems = [...verdict.examples]
  const problem = (text: string) => {
    if (problems.length < 4 * EXAMPLES_MAX) problems.push(text)
  }
  // Every input that is kept has made one payment, which was applied in one zone or given back in its own.
  const ends = countsOf([...stored.arrivals, ...stored.refunds])
  let opsLost = 0
  let opsDoubled = 0
  for (const key of new Set([...marks.keys(), ...ends.keys()])) {
    const sent = marks.get(key) ?? 0
    const ended = ends.get(key) ?? 0
    opsLost += Math.max(0, sent - ended)
    opsDoubled += Math.max(0, ended - sent)
    if (sent !== ended) problem(`payment ${key} was made ${sent} times and arrived or came back ${ended} times`)
  }
  const coinsMissing = stored.purses * START_COINS - stored.coins
  if (coinsMissing !== 0) problem(`${coinsMissing} of ${stored.purses * START_COINS} coins are missing`)
  let talliesWrong = 0
  const sums = sumsOf(stored.marks)
  for (const { id, inputs } of stored.tallies) if (sums.get(id) !== inputs) talliesWrong++
  if (stored.left.uncovered !== 0) problem(`${stored.left.uncovered} batches of the logs are not in the tables`)
  return {
    figures: {
      acknowledged: lettersIn(testimonies, 'd'),
      rejected: lettersIn(testimonies, 'r'),
      outcomeUnknown: verdict.unknown,
      payments: [...ends.values()].reduce((sum, times) => sum + times, 0),
      lost: verdict.lost,
      doubled: verdict.doubled,
      rejectedButApplied: verdict.rejectedButApplied,
      phantoms: verdict.phantoms,
      unsettled: verdict.unsettled,
      opsLost,
      opsDoubled,
      opsUnsettled: stored.left.outbox,
      deadLetters: stored.left.deadLetters,
      coinsMissing: Math.abs(coinsMissing),
      talliesWrong: talliesWrong + (stored.left.uncovered === 0 ? 0 : 1),
    },
    problems,
  }
}

/** How often, by owner and number. */
function countsOf(pages: readonly CountedPage[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { owner, page, counts: digits } of pages) {
    for (let place = 0; place < digits.length; place++) {
      const times = Number(digits[place])
      const key = `${page * MARKS_PER_PAGE + place} of ${owner}`
      if (times > 0) counts.set(key, (counts.get(key) ?? 0) + times)
    }
  }
  return counts
}

function sumsOf(pages: readonly CountedPage[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { owner, counts } of pages) {
    sums.set(owner, (sums.get(owner) ?? 0) + [...counts].reduce((sum, digit) => sum + Number(digit), 0))
  }
  return sums
}

function pagesOf(pages: readonly CountedPage[], player: string): Record<string, string> {
  return Object.fromEntries(pages.filter(({ owner }) => owner === player).map(({ page, counts }) => [page, counts]))
}

function lettersIn(testimonies: readonly Testimony[], letter: string): number {
  return testimonies.reduce((sum, { outcomes }) => sum + outcomes.split(letter).length - 1, 0)
}
