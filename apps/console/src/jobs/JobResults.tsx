import { decodeComparison, decodeJobResult, decodeTimeline, type JobResult, summarize } from '@terrane/combat/results'
import { changeOf, type SentinelConfig, type VariantChange } from '@terrane/node'
import { useEffect, useState } from 'react'
import { title } from '../format.js'
import { failureOf } from '../live/input-feed.js'
import { Comparison } from './Comparison.js'
import { Distribution } from './Distribution.js'
import { Figure } from './Figure.js'
import type { JobsApi, Strategy } from './jobs-api.js'
import { SpellTable } from './SpellTable.js'
import { TimelineChart } from './TimelineChart.js'
import { aurasOf, distributionOf, rankingOf, type Story, spellsOf, storyOf } from './views.js'

const BARS = 48

interface Loaded {
  readonly results: ReadonlyMap<number, JobResult>
  readonly sentinelConfig: SentinelConfig
  readonly story: Story | undefined
}

interface JobResultsProps {
  readonly api: JobsApi
  readonly id: string
  readonly strategy: Strategy
}

/** What a completed simulation came to. */
export function JobResults({ api, id, strategy }: JobResultsProps) {
  const [loaded, setLoaded] = useState<Loaded>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let isGone = false
    load(api, id, strategy).then(
      (found) => !isGone && setLoaded(found),
      (thrown: unknown) => !isGone && setProblem(failureOf(thrown).message),
    )
    return () => {
      isGone = true
    }
  }, [api, id, strategy])
  if (problem !== undefined) return <p className="problem">{problem}</p>
  if (loaded === undefined) return <p className="hint">Loading…</p>

  const { results, sentinelConfig, story } = loaded
  const shown = strategy === 'tournament' ? (rankingOf(results)[0]?.variant ?? 0) : 0
  const result = results.get(shown)
  if (result === undefined) return <p className="problem">The result has no fights of the character itself.</p>
  const summary = summarize(result)
  const nameOf = (variant: number) => changeName(changeOf(sentinelConfig, variant))
  return (
    <>
      <section className="card" data-testid="job-result">
        <p className="headline">
          <b data-testid="mean-dps">{number(summary.mean)}</b>
          <span>± {number(summary.confidenceHalfWidth)} damage per second</span>
          {strategy === 'tournament' && <em>{nameOf(shown)}</em>}
        </p>
        <dl className="figures">
          <Figure label="fights" value={number(summary.iterations)} />
          <Figure label="median" value={number(summary.median)} />
          <Figure label="deviation" value={number(summary.standardDeviation)} />
          <Figure label="5 % to 95 %" value={`${number(summary.p5)} – ${number(summary.p95)}`} />
          <Figure label="least to most" value={`${number(summary.min)} – ${number(summary.max)}`} />
        </dl>
        <p className="hint">The true mean lies within ± with 95 % confidence.</p>
      </section>
      {strategy !== 'single' && (
        <Comparison
          results={results}
          strategy={strategy}
          points={sentinelConfig.statWeights?.points ?? 0}
          nameOf={nameOf}
        />
      )}
      <Distribution bars={distributionOf(result, BARS)} mean={summary.mean} median={summary.median} />
      <SpellTable spells={spellsOf(result)} auras={aurasOf(result)} />
      {story !== undefined && <TimelineChart story={story} />}
    </>
  )
}

async function load(api: JobsApi, id: string, strategy: Strategy): Promise<Loaded> {
  const [bytes, { sentinelConfig }, timeline] = await Promise.all([
    api.bytes(id, 'result'),
    api.config<SentinelConfig>(id),
    // A job may have no timeline; its result is worth showing all the same.
    api.bytes(id, 'timeline').catch(() => undefined),
  ])
  return {
    results: strategy === 'single' ? new Map([[0, decodeJobResult(bytes)]]) : decodeComparison(bytes),
    sentinelConfig,
    story: timeline && storyOf(decodeTimeline(timeline)),
  }
}

function changeName(change: VariantChange): string {
  if (change.kind === 'none') return 'As configured'
  if (change.kind === 'stat') return title(change.stat)
  return change.gear.map(({ slot, item }) => `${title(String(item))} (${slot.replace('_', ' ')})`).join(', ')
}

const number = (value: number) => Math.round(value).toLocaleString('en')
