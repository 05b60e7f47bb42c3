import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { millis, words } from '../format.js'
import type { FeedEntry } from '../live/input-feed.js'

/** What became of each input: when it was applied, when it was durable, or why it was refused. */
export function FeedPanel() {
  const model = useModel()
  const entries = useStore(model.inputs.entries)
  const fullMs = Math.max(BAR_MS_MIN, ...entries.map((entry) => entry.durableMs ?? 0))
  return (
    <section className="feed" aria-label="Your inputs">
      <header className="feed-head">
        <h3>Your inputs</h3>
        <span className="feed-key applied">applied</span>
        <span className="feed-key durable">durable</span>
      </header>
      {entries.length === 0 && (
        <p className="hint">Each thing you do shows here when it is applied, and when it is durable.</p>
      )}
      <ol data-testid="feed">
        {entries.map((entry) => (
          <FeedRow key={entry.id} entry={entry} fullMs={fullMs} />
        ))}
      </ol>
    </section>
  )
}

function FeedRow({ entry, fullMs }: { readonly entry: FeedEntry; readonly fullMs: number }) {
  const { outcome, appliedMs, durableMs } = entry
  return (
    <li className="feed-row" data-testid="feed-row" data-refused={outcome !== undefined}>
      <div className="feed-line">
        <b>{words(entry.name)}</b> <span className="feed-detail">{entry.detail}</span>
        {outcome === undefined && (
          <span className="feed-times">
            <span className="applied" data-testid="feed-applied">
              {appliedMs === undefined ? '…' : `${millis(appliedMs)} ms`}
            </span>
            <span className="durable" data-testid="feed-durable">
              {durableMs === undefined ? '…' : `${millis(durableMs)} ms`}
            </span>
          </span>
        )}
      </div>
      {outcome === undefined ? (
        <Moments appliedMs={appliedMs} durableMs={durableMs} fullMs={fullMs} />
      ) : (
        <p className="feed-refusal">
          <code>{outcome.code}</code> {outcome.message}
        </p>
      )}
    </li>
  )
}

/** The slowest input fills its bar; quick ones are compared with at least this, ms. */
const BAR_MS_MIN = 20

interface MomentsProps {
  readonly appliedMs: number | undefined
  readonly durableMs: number | undefined
  readonly fullMs: number
}

/** Both moments on one line: what lies between them is the way to the disk. */
function Moments({ appliedMs, durableMs, fullMs }: MomentsProps) {
  const share = (ms: number) => `${Math.max(1.5, Math.min(100, (ms / fullMs) * 100))}%`
  return (
    <div className="moments" aria-hidden="true">
      {durableMs !== undefined && <span className="moment durable" style={{ width: share(durableMs) }} />}
      {appliedMs !== undefined && <span className="moment applied" style={{ width: share(appliedMs) }} />}
    </div>
  )
}
