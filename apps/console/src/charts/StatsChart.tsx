import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import { useStore } from '../app/store.js'
import type { ChartDefinition } from './chart-definitions.js'
import { HISTORY_S } from './history.js'
import type { StatsFeed } from './stats-feed.js'

const PLOT_HEIGHT = 64

/** One figure with its last two minutes. */
export function StatsChart({ feed, chart }: { readonly feed: StatsFeed; readonly chart: ChartDefinition }) {
  const stats = useStore(feed.latest)
  const plotElement = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(undefined)

  useEffect(() => {
    const element = plotElement.current
    if (element === null) return
    const made = new UPlot(optionsOf(chart, element.clientWidth || 200), dataOf(feed, chart), element)
    plot.current = made
    const resizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: PLOT_HEIGHT }))
    resizes.observe(element)
    return () => {
      resizes.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [feed, chart])

  useEffect(() => {
    if (stats !== undefined) plot.current?.setData(dataOf(feed, chart))
  }, [stats, feed, chart])

  return (
    <section className="chart" data-testid={`chart-${chart.id}`} aria-label={chart.title}>
      <header className="chart-head">
        <h3>{chart.title}</h3>
        <p className="chart-figure">
          <span data-testid={`figure-${chart.id}`}>{stats === undefined ? '–' : chart.headline(stats)}</span>
          <small>{chart.unit}</small>
        </p>
        <p className="chart-detail">{stats === undefined ? 'no figures' : chart.detail(stats)}</p>
      </header>
      <div className="chart-plot" ref={plotElement} aria-hidden="true" />
    </section>
  )
}

function dataOf(feed: StatsFeed, chart: ChartDefinition): UPlot.AlignedData {
  return feed.history.columns(chart.lines.map((line) => line.value)) as UPlot.AlignedData
}

function optionsOf(chart: ChartDefinition, width: number): UPlot.Options {
  const fromZero: UPlot.Scale = { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 1e-6) * 1.12] }
  return {
    width,
    height: PLOT_HEIGHT,
    padding: [4, 0, 2, 0],
    cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false }, sync: { key: 'stats' } },
    legend: { show: false },
    scales: {
      x: { time: true, range: (_plot, low, high) => windowOf(low ?? 0, high ?? 0) },
      y: fromZero,
      second: fromZero,
    },
    axes: [{ show: false }, { show: false }],
    series: [
      {},
      ...chart.lines.map(
        (line): UPlot.Series => ({
          label: line.label,
          stroke: line.color,
          width: line.fill === true ? 1.75 : 1.25,
          scale: line.secondary === true ? 'second' : 'y',
          points: { show: false },
          ...(line.fill === true ? { fill: `${line.color}1f` } : { dash: [3, 3] }),
        }),
      ),
    ],
    plugins: [tooltip(chart)],
  }
}

const WINDOW_MIN_S = 30

/** Grows with the history, so that a page that was just opened shows more than a corner. */
function windowOf(first: number, last: number): [number, number] {
  return [last - Math.min(HISTORY_S, Math.max(WINDOW_MIN_S, last - first)), last]
}

/** The figures under the pointer. */
function tooltip(chart: ChartDefinition): UPlot.Plugin {
  const element = document.createElement('div')
  element.className = 'chart-tip'
  element.hidden = true
  return {
    hooks: {
      init: (plot) => {
        plot.over.appendChild(element)
      },
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor
        element.hidden = idx === null || idx === undefined || left < 0 || !plot.over.matches(':hover')
        if (element.hidden || idx === null || idx === undefined) return
        element.textContent = chart.lines
          .map((line, index) => `${line.label} ${line.format(plot.data[index + 1]?.[idx] ?? null)}`)
          .join('   ')
        element.style.transform = `translateX(${Math.round(Math.min(left, plot.over.clientWidth - element.offsetWidth))}px)`
      },
    },
  }
}
