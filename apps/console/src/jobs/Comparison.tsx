import type { JobResult } from '@terrane/combat/results'
import { rankingOf, weightsOf } from './views.js'

/** A long tournament's tail is of interest to nobody. */
const ROWS_MAX = 50

interface ComparisonProps {
  readonly results: ReadonlyMap<number, JobResult>
  readonly strategy: 'stat_weights' | 'tournament'
  readonly points: number
  nameOf(variant: number): string
}

/** Variants against each other: the worth of stats, or who won. */
export function Comparison({ results, strategy, points, nameOf }: ComparisonProps) {
  return strategy === 'stat_weights' ? (
    <Weights weights={weightsOf(results, points)} points={points} nameOf={nameOf} />
  ) : (
    <Ranking ranking={rankingOf(results)} nameOf={nameOf} />
  )
}

interface WeightsProps {
  readonly weights: ReturnType<typeof weightsOf>
  readonly points: number
  nameOf(variant: number): string
}

function Weights({ weights, points, nameOf }: WeightsProps) {
  const most = Math.max(...weights.map(({ perPoint, halfWidth }) => Math.abs(perPoint) + halfWidth), Number.EPSILON)
  return (
    <section className="card" data-testid="stat-weights">
      <h2>Stat weights</h2>
      <table className="data">
        <thead>
          <tr>
            <th>Stat</th>
            <th className="grow">Worth</th>
            <th>DPS for a point</th>
            <th>±</th>
          </tr>
        </thead>
        <tbody>
          {weights.map(({ variant, perPoint, halfWidth }) => (
            <tr key={variant}>
              <th scope="row">{nameOf(variant)}</th>
              <td>
                <span className="bar" style={{ width: `${(Math.max(0, perPoint) / most) * 100}%` }} />
              </td>
              <td>{perPoint.toFixed(3)}</td>
              <td>{halfWidth.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">
        From {points} points more of each. ± takes the fights for independent; they share their luck, so the weights are
        more exact than it says.
      </p>
    </section>
  )
}

interface RankingProps {
  readonly ranking: ReturnType<typeof rankingOf>
  nameOf(variant: number): string
}

function Ranking({ ranking, nameOf }: RankingProps) {
  return (
    <section className="card" data-testid="ranking">
      <h2>Ranking</h2>
      <table className="data">
        <thead>
          <tr>
            <th>#</th>
            <th className="grow">Gear</th>
            <th>DPS</th>
            <th>±</th>
            <th>of best</th>
            <th className="wide-cell">fights</th>
          </tr>
        </thead>
        <tbody>
          {ranking.slice(0, ROWS_MAX).map(({ variant, mean, halfWidth, ofBest, iterations, isTied }, index) => (
            <tr key={variant} data-tied={isTied}>
              <td>{index + 1}</td>
              <th scope="row">{nameOf(variant)}</th>
              <td>{Math.round(mean).toLocaleString('en')}</td>
              <td>{Math.round(halfWidth).toLocaleString('en')}</td>
              <td>{(ofBest * 100).toFixed(2)} %</td>
              <td className="wide-cell">{iterations.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">
        {ranking.length} variants. Bright rows may be as good as the first: their intervals overlap. Those with fewer
        fights went out in an earlier phase.
      </p>
    </section>
  )
}
