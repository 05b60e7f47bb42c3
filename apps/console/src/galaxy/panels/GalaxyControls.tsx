import type { GalaxyStage } from '../draw/galaxy-stage.js'

/** Zoom, and the whole galaxy. */
export function GalaxyControls({ stage }: { readonly stage: GalaxyStage | undefined }) {
  const buttons = [
    { label: 'Zoom in', path: 'M10 4v12M4 10h12', act: () => stage?.zoomSmoothly(1.8) },
    { label: 'Zoom out', path: 'M4 10h12', act: () => stage?.zoomSmoothly(1 / 1.8) },
    { label: 'Show the whole galaxy', path: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4', act: () => stage?.fit() },
  ]
  return (
    <div className="map-controls" role="toolbar" aria-label="Map">
      {buttons.map(({ label, path, act }) => (
        <button key={label} type="button" className="map-button" aria-label={label} title={label} onClick={act}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d={path} />
          </svg>
        </button>
      ))}
    </div>
  )
}
