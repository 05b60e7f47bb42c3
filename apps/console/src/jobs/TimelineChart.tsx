import { compact, title } from '../format.js'
import type { Story } from './views.js'

const WIDTH = 720
const LABEL = 130
const DAMAGE = 90
const LANE = 18
const FOOT = 20

/** One fight that stands for all: damage by the second, and when each spell was cast. */
export function TimelineChart({ story }: { readonly story: Story }) {
  const { lanes, damage, durationMs } = story
  const most = Math.max(1, ...damage)
  const height = DAMAGE + 8 + lanes.length * LANE
  const xOf = (ms: number) => LABEL + (ms / Math.max(1, durationMs)) * (WIDTH - LABEL)
  const points = damage.map((amount, second) => `${xOf(second * 1_000)},${DAMAGE - (amount / most) * (DAMAGE - 6)}`)
  return (
    <section className="card" data-testid="timeline">
      <h2>A fight that stands for all</h2>
      <div className="plot-scroll">
        <svg
          className="plot timeline"
          viewBox={`0 0 ${WIDTH} ${height + FOOT}`}
          role="img"
          aria-label="Timeline of a fight"
        >
          <text x={0} y={14}>
            damage
          </text>
          <text x={0} y={30}>
            up to {compact(most)}/s
          </text>
          <polygon points={`${LABEL},${DAMAGE} ${points.join(' ')} ${WIDTH},${DAMAGE}`} />
          {lanes.map(({ token, castsMs }, lane) => {
            const y = DAMAGE + 8 + lane * LANE
            return (
              <g key={token}>
                <text x={0} y={y + 13}>
                  {title(token)}
                </text>
                <line x1={LABEL} x2={WIDTH} y1={y + LANE / 2} y2={y + LANE / 2} />
                {castsMs.map((ms, cast) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: casts of a fight that is over never move
                  <rect key={cast} x={xOf(ms)} y={y + 3} width={2.5} height={LANE - 6}>
                    <title>{`${title(token)} at ${(ms / 1_000).toFixed(1)} s`}</title>
                  </rect>
                ))}
              </g>
            )
          })}
          {[0, 0.25, 0.5, 0.75, 1].map((at) => (
            <text key={at} x={xOf(at * durationMs)} y={height + 15} textAnchor={at === 1 ? 'end' : 'middle'}>
              {Math.round((at * durationMs) / 1_000)} s
            </text>
          ))}
        </svg>
      </div>
    </section>
  )
}
