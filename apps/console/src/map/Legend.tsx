import { useState } from 'react'
import { NARROW, useMedia } from '../app/use-media.js'
import { hex, type LegendGroup } from './map-theme.js'
import { ShapeIcon } from './ShapeIcon.js'

/** What the signs on the map mean. */
export function Legend({ groups }: { readonly groups: readonly LegendGroup[] }) {
  const narrow = useMedia(NARROW)
  const [open, setOpen] = useState(!narrow)
  if (groups.length === 0) return null
  return (
    <aside className="legend" data-testid="legend" aria-label="Legend">
      <button
        type="button"
        className="legend-toggle"
        aria-expanded={open}
        aria-controls="legend-groups"
        onClick={() => setOpen(!open)}
      >
        Legend
        <svg viewBox="0 0 12 12" aria-hidden="true" className="chevron" data-open={open}>
          <path d="M3 4.5 6 7.5 9 4.5" />
        </svg>
      </button>
      <div id="legend-groups" className="legend-groups" hidden={!open}>
        {groups.map((group) => (
          <div key={group.title} className="legend-group">
            <h3>{group.title}</h3>
            <ul>
              {group.entries.map((entry) => (
                <li key={entry.label}>
                  <ShapeIcon shape={entry.shape} color={hex(entry.color)} />
                  {entry.label}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </aside>
  )
}
