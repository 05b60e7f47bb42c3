import { compact, title } from '../format.js'
import type { SpellFigures, UptimeFigures } from './views.js'

interface SpellTableProps {
  readonly spells: readonly SpellFigures[]
  readonly auras: readonly UptimeFigures[]
}

/** Where the damage comes from, and what was up how long. */
export function SpellTable({ spells, auras }: SpellTableProps) {
  const most = Math.max(...spells.map(({ share }) => share), Number.EPSILON)
  return (
    <section className="card" data-testid="spells">
      <h2>Spells</h2>
      <table className="data">
        <thead>
          <tr>
            <th>Spell</th>
            <th className="grow">Share</th>
            <th>DPS</th>
            <th>casts</th>
            <th className="wide-cell">impacts</th>
            <th>crit</th>
            <th className="wide-cell">mean</th>
            <th className="wide-cell">most</th>
          </tr>
        </thead>
        <tbody>
          {spells.map((spell) => (
            <tr key={spell.token}>
              <th scope="row">{title(spell.token)}</th>
              <td>
                <span className="bar" style={{ width: `${(spell.share / most) * 62}%` }} />
                <span className="bar-label">{(spell.share * 100).toFixed(1)} %</span>
              </td>
              <td>{compact(spell.dps)}</td>
              <td>{spell.casts.toFixed(1)}</td>
              <td className="wide-cell">{spell.impacts.toFixed(1)}</td>
              <td>{Number.isNaN(spell.critShare) ? '–' : `${Math.round(spell.critShare * 100)}\u00a0%`}</td>
              <td className="wide-cell">{compact(spell.perImpact)}</td>
              <td className="wide-cell">{compact(spell.hitMax)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {auras.length > 0 && (
        <>
          <h3>Uptime</h3>
          <ul className="uptimes">
            {auras.map(({ token, uptime }) => (
              <li key={token}>
                {title(token)} <b>{Math.min(100, uptime * 100).toFixed(1)} %</b>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
