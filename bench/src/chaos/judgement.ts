import type { Figures, Floor } from '../report.js'
import { audit } from './audit.js'
import { MARKS_PER_PAGE } from './kinds.js'
import { cleanVerdict, judgeMarks, type Testimony, type Verdict } from './outcomes.js'
import type { StoredWorld } from './tables.js'

/** What must never happen, counted, and everything that was found, for a person to read. */
export interface Judgement {
  readonly figures: Figures
  readonly problems: readonly string[]
}

const NEVER = ['lost', 'doubled', 'rejectedButApplied', 'phantoms', 'unsettled', 'invariantsViolated']

/** Floors of the figures of `judge`. */
export const SAFETY_FLOORS: readonly Floor[] = NEVER.map((figure) => ({ figure, max: 0 }))

/**
 * Holds what the players were told against what the tables and their replicas show.
 * @param seen violations of invariants, and losses, that were found on the way
 */
export function judge(
  stored: StoredWorld,
  testimonies: readonly Testimony[],
  seen: { readonly violations: readonly string[]; readonly lost: readonly string[] },
): Judgement {
  const violations = [...seen.violations, ...audit(stored.rows).problems.map((problem) => `in the tables: ${problem}`)]
  if (stored.uncovered !== 0) violations.push(`${stored.uncovered} batches of the log are not in the tables`)
  const bySql = cleanVerdict()
  const byReplica = cleanVerdict()
  const pages = pagesByOwner(stored.rows.marks)
  for (const testimony of testimonies) {
    judgeMarks(testimony, pages.get(testimony.player) ?? {}, MARKS_PER_PAGE, bySql)
    judgeMarks(testimony, testimony.pages, MARKS_PER_PAGE, byReplica)
  }
  const worst = (what: keyof Verdict & ('lost' | 'doubled' | 'rejectedButApplied' | 'phantoms')) =>
    Math.max(bySql[what], byReplica[what])
  return {
    figures: {
      acknowledged: countOf(testimonies, 'd'),
      rejected: countOf(testimonies, 'r'),
      outcomeUnknown: bySql.unknown,
      lost: worst('lost') + seen.lost.length,
      doubled: worst('doubled'),
      rejectedButApplied: worst('rejectedButApplied'),
      phantoms: worst('phantoms'),
      unsettled: bySql.unsettled,
      invariantsViolated: violations.length,
    },
    problems: [...violations, ...seen.lost, ...bySql.examples, ...byReplica.examples],
  }
}

function countOf(testimonies: readonly Testimony[], letter: string): number {
  return testimonies.reduce((sum, { outcomes }) => sum + outcomes.split(letter).length - 1, 0)
}

function pagesByOwner(marks: Iterable<{ owner: string; page: number; counts: string }>) {
  const pages = new Map<string, Record<string, string>>()
  for (const { owner, page, counts } of marks) {
    const own = pages.get(owner) ?? {}
    own[page] = counts
    pages.set(owner, own)
  }
  return pages
}
