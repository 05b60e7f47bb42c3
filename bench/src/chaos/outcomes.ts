/** What a client was told of an input; `unknown`: that it was done with, but not how it ended. */
export type Outcome = 'pending' | 'durable' | 'rejected' | 'unknown' | 'failed'

const LETTERS = { pending: 'p', durable: 'd', rejected: 'r', unknown: 'u', failed: 'f' } as const

/** One letter per input, in the order of their numbers: there are many. */
export function lettersOf(outcomes: readonly Outcome[]): string {
  let text = ''
  for (const outcome of outcomes) text += LETTERS[outcome]
  return text
}

/** What one player was told, and what it sees of its marks: from the load to the judge. */
export interface Testimony {
  readonly player: string
  readonly outcomes: string
  /** Digits of the pages in its replica, by page. */
  readonly pages: Readonly<Record<string, string>>
}

export interface Verdict {
  /** Acknowledged as durable, and not in the final state. */
  lost: number
  /** Executed more than once. */
  doubled: number
  /** Refused, and in the final state. */
  rejectedButApplied: number
  /** In the final state, and never sent. */
  phantoms: number
  /** Settled with an error that is no refusal, or not at all. */
  unsettled: number
  /** Done with, without an answer; either end is right. */
  unknown: number
  readonly examples: string[]
}

const EXAMPLES_MAX = 10

/**
 * Holds what a player was told against the marks of the final state.
 * @param pages digits by page, see `kinds.marks`
 */
export function judgeMarks(
  testimony: Pick<Testimony, 'player' | 'outcomes'>,
  pages: Readonly<Record<string, string>>,
  pageSize: number,
  verdict: Verdict,
): void {
  const { player, outcomes } = testimony
  const wrong = (what: 'lost' | 'doubled' | 'rejectedButApplied' | 'phantoms' | 'unsettled', mark: number) => {
    verdict[what]++
    if (verdict.examples.length < EXAMPLES_MAX) verdict.examples.push(`${what}: input ${mark} of ${player}`)
  }
  const last = Math.max(outcomes.length, ...Object.keys(pages).map((page) => (Number(page) + 1) * pageSize))
  for (let mark = 0; mark < last; mark++) {
    const times = Number(pages[Math.floor(mark / pageSize)]?.[mark % pageSize] ?? 0)
    const told = outcomes[mark]
    if (times > 1) wrong('doubled', mark)
    if (told === undefined && times > 0) wrong('phantoms', mark)
    else if (told === 'd' && times === 0) wrong('lost', mark)
    else if (told === 'r' && times > 0) wrong('rejectedButApplied', mark)
    else if (told === 'u') verdict.unknown++
    else if (told === 'p' || told === 'f') wrong('unsettled', mark)
  }
}

export function cleanVerdict(): Verdict {
  return { lost: 0, doubled: 0, rejectedButApplied: 0, phantoms: 0, unsettled: 0, unknown: 0, examples: [] }
}
