import { useMemo } from 'react'
import { compact } from '../../format.js'
import { ALL_FORMATIONS, type Layers } from '../draw/layers.js'
import { FORMATION_KINDS } from '../model/formation-kinds.js'
import { figuresOf, type Galaxy } from '../model/galaxy.js'
import { BAND_LOOKS, CLUSTER_LOOKS, css } from '../model/tones.js'

interface GalaxyLegendProps {
  readonly layers: Layers
  readonly galaxy: Galaxy
  readonly isOpen: boolean
  onOpen(isOpen: boolean): void
  onChange(layers: Layers): void
}

type Switch = 'warps' | 'oneWay' | 'tunnels' | 'stations' | 'planets' | 'names'
const SWITCHES: readonly { readonly layer: Switch; readonly label: string; readonly sign: string }[] = [
  { layer: 'warps', label: 'Warps', sign: 'line' },
  { layer: 'oneWay', label: 'One-way warps', sign: 'arrow' },
  { layer: 'tunnels', label: 'Long tunnels', sign: 'bow' },
  { layer: 'stations', label: 'Stations', sign: 'square' },
  { layer: 'planets', label: 'Planets', sign: 'disc' },
  { layer: 'names', label: 'Names', sign: 'text' },
]

/** What colours and signs mean, and switches for them. */
export function GalaxyLegend({ layers, galaxy, isOpen, onOpen, onChange }: GalaxyLegendProps) {
  const counts = useMemo(() => figuresOf(galaxy).formations, [galaxy])
  const toggleFormation = (kind: number) => onChange({ ...layers, formations: layers.formations ^ (1 << kind) })
  const looks = layers.colorBy === 'cluster' ? CLUSTER_LOOKS : BAND_LOOKS
  return (
    <aside className="legend galaxy-legend" data-testid="galaxy-legend" aria-label="Legend">
      <button
        type="button"
        className="legend-toggle"
        aria-expanded={isOpen}
        aria-controls="galaxy-legend-groups"
        onClick={() => onOpen(!isOpen)}
      >
        Legend
        <svg viewBox="0 0 12 12" aria-hidden="true" className="chevron" data-open={isOpen}>
          <path d="M3 4.5 6 7.5 9 4.5" />
        </svg>
      </button>
      <div id="galaxy-legend-groups" className="legend-groups" hidden={!isOpen}>
        <fieldset className="legend-group">
          <legend>Sectors by</legend>
          <div className="legend-choice">
            {(['cluster', 'band'] as const).map((colorBy) => (
              <button
                key={colorBy}
                type="button"
                className="choice-tab"
                aria-pressed={layers.colorBy === colorBy}
                data-testid={`color-${colorBy}`}
                onClick={() => onChange({ ...layers, colorBy })}
              >
                {colorBy === 'cluster' ? 'Cluster' : 'Security'}
              </button>
            ))}
          </div>
          <ul>
            {looks.map(({ label, color }) => (
              <li key={label}>
                <i className="swatch" style={{ background: css(color) }} />
                {label}
              </li>
            ))}
          </ul>
        </fieldset>
        <fieldset className="legend-group">
          <legend>
            Formations
            <button
              type="button"
              className="legend-all"
              onClick={() => onChange({ ...layers, formations: layers.formations === 0 ? ALL_FORMATIONS : 0 })}
            >
              {layers.formations === 0 ? 'all' : 'none'}
            </button>
          </legend>
          {FORMATION_KINDS.map(({ kind, label, color, meaning }, index) => (
            <label key={kind} className="legend-switch" title={meaning}>
              <input
                type="checkbox"
                checked={(layers.formations & (1 << index)) !== 0}
                data-testid={`formation-${kind}`}
                onChange={() => toggleFormation(index)}
              />
              <i className="swatch ring" style={{ borderColor: color }} />
              <span>{label}</span>
              <small>{compact(counts[index] ?? 0)}</small>
            </label>
          ))}
        </fieldset>
        <fieldset className="legend-group">
          <legend>Shown</legend>
          {SWITCHES.map(({ layer, label, sign }) => (
            <label key={layer} className="legend-switch">
              <input
                type="checkbox"
                checked={layers[layer]}
                data-testid={`layer-${layer}`}
                onChange={() => onChange({ ...layers, [layer]: !layers[layer] })}
              />
              <i className="sign" data-sign={sign} />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      </div>
    </aside>
  )
}
