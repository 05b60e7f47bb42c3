import { useModel } from '../app/console-model.js'
import { Store, useStore } from '../app/store.js'
import type { RowRef } from '../world/row.js'

const NOTHING = new Store<RowRef | undefined>(undefined)

/** Zoom, the whole view, and following the player's own. */
export function MapControls() {
  const model = useModel()
  const stage = useStore(model.stage)
  const own = useStore(model.own)
  const following = useStore<RowRef | undefined>(stage?.following ?? NOTHING) !== undefined
  if (stage === undefined) return null
  return (
    <div className="map-controls" role="toolbar" aria-label="Map">
      {own !== undefined && (
        <button
          type="button"
          className="map-button"
          aria-pressed={following}
          aria-label="Follow my ship"
          title="Follow my ship"
          data-testid="follow"
          onClick={() => stage.follow(following ? undefined : own)}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="10" cy="10" r="5" />
            <path d="M10 1v4M10 15v4M1 10h4M15 10h4" />
          </svg>
        </button>
      )}
      <button
        type="button"
        className="map-button"
        aria-label="Zoom in"
        title="Zoom in"
        onClick={() => stage.camera.zoomBy(1.6)}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 4v12M4 10h12" />
        </svg>
      </button>
      <button
        type="button"
        className="map-button"
        aria-label="Zoom out"
        title="Zoom out"
        onClick={() => stage.camera.zoomBy(1 / 1.6)}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 10h12" />
        </svg>
      </button>
      <button
        type="button"
        className="map-button"
        aria-label="Show the whole world"
        title="Show the whole world"
        data-testid="fit"
        onClick={() => stage.fit()}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4" />
        </svg>
      </button>
    </div>
  )
}
