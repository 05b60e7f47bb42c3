import { compact } from '../format.js'
import type { Bar } from './views.js'

const WIDTH = 720
const HEIGHT = 180
const FOOT = 28

interface DistributionProps {
  readonly bars: readonly Bar[]
  readonly mean: number
  readonly median: number
}

/** How often which damage per second came out. */
export function Distribution({ bars, mean, median }: DistributionProps) {
  const most = Math.max(1, ...bars.map(({ count }) => count))
  const low = bars[0]?.from ?? 0
  const high = bars.at(-1)?.to ?? 1
  const xOf = (dps: number) => ((dps - low) / Math.max(high - low, Number.EPSILON)) * WIDTH
  const step = WIDTH / Math.max(1, bars.length)
  return (
    <section className="card" data-testid="distribution">
      <h2>Distribution</h2>
      <svg
        className="plot"
        viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`}
        role="img"
        aria-label="Fights by damage per second"
      >
        {bars.map(({ from, to, count }, index) => {
          const height = (count / most) * (HEIGHT - 8)
          return (
            <rect key={from} x={index * step + 0.5} y={HEIGHT - height} width={step - 1} height={height}>
              <title>{`${compact(from)} to ${compact(to)}: ${count} fights`}</title>
            </rect>
          )
        })}
        <line className="plot-mean" x1={xOf(mean)} x2={xOf(mean)} y1={0} y2={HEIGHT} />
        <line className="plot-median" x1={xOf(median)} x2={xOf(median)} y1={0} y2={HEIGHT} />
        {[0, 0.25, 0.5, 0.75, 1].map((at) => (
          <text key={at} x={at * WIDTH} y={HEIGHT + 20} textAnchor={at === 0 ? 'start' : at === 1 ? 'end' : 'middle'}>
            {compact(low + at * (high - low))}
          </text>
        ))}
      </svg>
      <p className="plot-key">
        <span className="key-mean">mean</span>
        <span className="key-median">median</span>
        <small>fights by damage per second</small>
      </p>
    </section>
  )
}
