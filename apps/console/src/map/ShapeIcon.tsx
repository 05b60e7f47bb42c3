import type { Shape } from './point-set.js'

/** A shape of the map, in a text. */
export function ShapeIcon({ shape, color }: { readonly shape: Shape; readonly color: string }) {
  return (
    <svg className="shape-icon" viewBox="-8 -8 16 16" aria-hidden="true">
      {shape === 'diamond' && <path d="M0-5.5 5.5 0 0 5.5-5.5 0z" fill={color} fillOpacity="0.55" stroke={color} />}
      {shape === 'square' && (
        <rect
          x="-4.5"
          y="-4.5"
          width="9"
          height="9"
          rx="1.5"
          fill={color}
          fillOpacity="0.35"
          stroke={color}
          strokeWidth="1.5"
        />
      )}
      {shape === 'dart' && <path d="M6.5 0-5 4.2-3 0-5-4.2z" fill={color} />}
      {shape === 'ring' && <circle r="4.2" fill="none" stroke={color} strokeWidth="1.8" />}
      {(shape === 'disc' || shape === 'glow') && <circle r="4.2" fill={color} />}
    </svg>
  )
}
