import { useSyncExternalStore } from 'react'
import { useModel } from '../app/console-model.js'
import { subscribeEvery } from '../app/use-media.js'
import { compact, title } from '../format.js'

const everySecond = subscribeEvery(1_000)

/** How many rows of each kind are in sight. */
export function KindCounts() {
  const model = useModel()
  useSyncExternalStore(everySecond, () => Math.floor(performance.now() / 1000))
  return (
    <section className="counts" aria-label="Rows in sight" data-testid="kind-counts">
      <h3>In sight</h3>
      <dl className="facts">
        {model.view.descriptor.kinds
          .filter(({ visible }) => visible.to !== 'nobody' && visible.to !== 'owner')
          .map(({ name }) => (
            <div key={name} className="fact">
              <dt>{title(name)}</dt>
              <dd>{compact(model.link?.count(name) ?? 0)}</dd>
            </div>
          ))}
      </dl>
      <p className="hint">Click anything on the map to see its row, live.</p>
    </section>
  )
}
