import { type FormEvent, useId, useState } from 'react'
import type { SourceState } from '../load/galaxy-source.js'
import { SIZES, type UniverseSeed } from '../load/universe-seed.js'
import { ProblemList } from './ProblemList.js'

interface SourcePanelProps {
  readonly state: SourceState
  onOpen(file: File): void
  onGenerate(seed: UniverseSeed): void
  onServer(): void
  /** Absent while there is nothing to go back to. */
  readonly onClose: (() => void) | undefined
}

/** Where a galaxy can come from, and what became of the last attempt. */
export function SourcePanel({ state, onOpen, onGenerate, onServer, onClose }: SourcePanelProps) {
  if (state.state === 'loading') return <Progress doing={state.doing} share={state.share} />
  return (
    <div className="galaxy-source">
      <section className="galaxy-source-card" data-testid="galaxy-source" aria-label="Choose a galaxy">
        {state.state === 'failed' && (
          <div className="galaxy-failure" role="alert" data-testid="galaxy-failure">
            <h2>{state.message}</h2>
            {state.hint !== undefined && <p>{state.hint}</p>}
            <ProblemList problems={state.problems} />
          </div>
        )}
        {state.state === 'none' && (
          <div>
            <h2>A galaxy to explore</h2>
            <p className="hint">
              This server publishes no map of its galaxy. Open the universe file that was imported into it, or generate
              a universe from a seed.
            </p>
          </div>
        )}
        {onClose !== undefined && <h2>Another galaxy</h2>}
        <GenerateForm onGenerate={onGenerate} />
        <div className="galaxy-source-more">
          <label className="button file-button">
            Open a universe file
            <input
              type="file"
              accept=".json,application/json"
              data-testid="galaxy-file"
              onChange={(event) => {
                const file = event.target.files?.[0]
                if (file !== undefined) onOpen(file)
                event.target.value = ''
              }}
            />
          </label>
          {state.state !== 'none' && (
            <button type="button" className="button" onClick={onServer}>
              The server’s own
            </button>
          )}
          {onClose !== undefined && (
            <button type="button" className="button" onClick={onClose}>
              Back to the map
            </button>
          )}
        </div>
        <p className="hint wide-only">A file can be dropped anywhere on the map, too.</p>
      </section>
    </div>
  )
}

function GenerateForm({ onGenerate }: Pick<SourcePanelProps, 'onGenerate'>) {
  const id = useId()
  const [seed, setSeed] = useState('42')
  const [size, setSize] = useState(SIZES.length - 1)
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    const chosen = SIZES[size]
    if (seed.trim() === '' || chosen === undefined) return
    onGenerate({ seed: seed.trim(), regions: chosen.regions, sectors: chosen.sectors })
  }
  return (
    <form className="galaxy-generate" onSubmit={onSubmit}>
      <label className="field" htmlFor={`${id}-seed`}>
        <span>Seed: the same one makes the same universe</span>
        <input
          id={`${id}-seed`}
          value={seed}
          maxLength={60}
          required
          data-testid="galaxy-seed"
          onChange={(event) => setSeed(event.target.value)}
        />
      </label>
      <label className="field" htmlFor={`${id}-size`}>
        <span>Size</span>
        <select
          id={`${id}-size`}
          value={size}
          data-testid="galaxy-size"
          onChange={(event) => setSize(Number(event.target.value))}
        >
          {SIZES.map(({ label }, index) => (
            <option key={label} value={index}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="button primary wide" data-testid="galaxy-generate">
        Generate a universe
      </button>
    </form>
  )
}

function Progress({ doing, share }: { readonly doing: string; readonly share: number | undefined }) {
  return (
    <div className="galaxy-source" role="status">
      <div className="galaxy-progress">
        <p>{doing}…</p>
        <progress max={1} value={share} aria-label={doing} />
      </div>
    </div>
  )
}
