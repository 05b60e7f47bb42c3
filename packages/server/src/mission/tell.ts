import { type Figures, judge } from '@terrane/core'
import type { Criterion } from '@terrane/world-maglev/mission'

/**
 * Says how a mission went: each criterion with its figure on stderr, and one line of JSON on stdout when asked for.
 * Exit code 1 when a criterion is not met.
 *
 * @param figures what else was counted, without a floor
 */
export function tellMission(
  { name, criteria, figures = {} }: { name: string; criteria: readonly Criterion[]; figures?: Figures },
  { json }: { json: boolean },
): void {
  const judged = judge({
    name,
    figures: { ...Object.fromEntries(criteria.map((each) => [each.name, rounded(each.figure)])), ...figures },
    floors: criteria.map((each) => ({ figure: each.name, ...each.floor })),
  })
  for (const line of judged.lines.slice(0, -1)) process.stderr.write(`${line}\n`)
  for (const { name: missed, passed, figure, sentence } of criteria) {
    if (!passed) process.stderr.write(`  MISSED ${missed}: ${sentence}${figure === null ? ' (not observed)' : ''}\n`)
  }
  process.stderr.write(`${judged.lines.at(-1)}\n`)
  if (json) process.stdout.write(`${judged.json}\n`)
  if (!judged.passed) process.exitCode = 1
}

function rounded(figure: number | null): number | null {
  return figure === null ? null : Math.round(figure * 100) / 100
}
