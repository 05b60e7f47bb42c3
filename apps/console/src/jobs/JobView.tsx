import { useCallback, useState } from 'react'
import { usePolled } from '../app/use-polled.js'
import { compact, duration, title } from '../format.js'
import { failureOf } from '../live/input-feed.js'
import { Figure } from './Figure.js'
import { JobResults } from './JobResults.js'
import type { Job, JobProgress, JobsApi } from './jobs-api.js'

const LOOK_MS = 400

const isOpen = (job: Job | undefined) => job === undefined || job.status === 'pending' || job.status === 'running'

/** One simulation: how far it is, then what it came to. */
export function JobView({ api, id }: { readonly api: JobsApi; readonly id: string }) {
  const ask = useCallback(() => api.job(id), [api, id])
  const { value: job, problem, refresh } = usePolled(ask, (seen) => (isOpen(seen) ? LOOK_MS : undefined))
  const [refusal, setRefusal] = useState<string>()
  if (job === undefined) return <p className="hint">{problem ?? 'Asking…'}</p>
  const cancel = async () => {
    try {
      await api.cancel(id)
      refresh()
    } catch (thrown) {
      setRefusal(failureOf(thrown).message)
    }
  }
  return (
    <>
      <header className="job-head">
        <h1>{title(job.meta.spec ?? 'Simulation')}</h1>
        <span className="job-status" data-status={job.status} data-testid="job-status">
          {job.status}
        </span>
        {job.finishedAt !== undefined && (
          <small>took {duration(Math.max(1, (job.finishedAt - job.createdAt) / 1_000))}</small>
        )}
        {isOpen(job) && (
          <button type="button" className="button" onClick={() => void cancel()}>
            Cancel
          </button>
        )}
      </header>
      {refusal !== undefined && <p className="problem">{refusal}</p>}
      {job.error !== undefined && <p className="problem">{job.error}</p>}
      {isOpen(job) && <Progress progress={job.progress} />}
      {job.status === 'completed' && <JobResults api={api} id={id} strategy={job.meta.strategy ?? 'single'} />}
    </>
  )
}

function Progress({ progress }: { readonly progress: JobProgress | undefined }) {
  if (progress === undefined) {
    return (
      <section className="card" data-testid="job-waiting">
        <h2>Waiting for a node</h2>
        <p className="hint">
          It begins as soon as a node that may compute it has room. <a href="#/nodes">This browser can be one.</a>
        </p>
      </section>
    )
  }
  const { unitsDone, unitsTotal, phase, phaseCount, chunksInFlight, mean, relativeError, variantsActive } = progress
  return (
    <section className="card" data-testid="job-progress">
      <progress value={unitsDone} max={Math.max(1, unitsTotal)} aria-label="Fights done" />
      <dl className="figures">
        <Figure label="fights" value={`${compact(unitsDone)} of ${compact(unitsTotal)}`} />
        {phaseCount > 1 && <Figure label="phase" value={`${phase + 1} of ${phaseCount}`} />}
        {variantsActive > 1 && <Figure label="variants" value={String(variantsActive)} />}
        <Figure label="chunks under way" value={String(chunksInFlight)} />
        {mean !== undefined && <Figure label="damage per second so far" value={compact(mean)} />}
        {relativeError !== undefined && <Figure label="error" value={`${(relativeError * 100).toFixed(2)} %`} />}
      </dl>
    </section>
  )
}
