import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { GalaxyStage } from './draw/galaxy-stage.js'
import type { Layers } from './draw/layers.js'
import { StagePointer } from './draw/stage-pointer.js'
import type { Covered } from './draw/view.js'
import { type Galaxy, regionAt } from './model/galaxy.js'
import type { Found, Target } from './model/target.js'

const PAN_PX = 90

interface GalaxyMapProps {
  readonly galaxy: Galaxy
  readonly found: Found | undefined
  readonly layers: Layers
  /** What panels cover of the map. */
  readonly covered: Covered
  onStage(stage: GalaxyStage | undefined): void
  onGo(target: Target | undefined): void
}

/** The canvas, and what mouse, fingers and keys do on it. */
export function GalaxyMap(props: GalaxyMapProps) {
  const { galaxy, found, layers, covered, onStage, onGo } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const [stage, setStage] = useState<GalaxyStage>()
  const [failure, setFailure] = useState<string>()
  const latest = useRef({ layers, onStage, onGo, found })
  latest.current = { layers, onStage, onGo, found }
  /** What was picked on the map is in sight already. */
  const picked = useRef<string>(undefined)
  const isFirst = useRef(true)

  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    let made: GalaxyStage
    try {
      made = new GalaxyStage(element, galaxy, latest.current.layers, {
        onFrame: (counts) => {
          const settled = String(counts !== undefined)
          if (element.dataset.settled !== settled) element.dataset.settled = settled
          if (counts === undefined) return
          for (const [name, count] of Object.entries(counts)) element.dataset[name] = String(count)
          element.dataset.scale = made.scale.toFixed(3)
        },
      })
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown.message : String(thrown))
      return
    }
    const pointer = new StagePointer(element, made, (sector) => {
      if (sector === undefined) {
        if (latest.current.found !== undefined) latest.current.onGo(undefined)
        return
      }
      const region = regionAt(galaxy, sector)
      const target: Target = { kind: 'sector', region: region.name, number: sector - region.first + 1 }
      picked.current = JSON.stringify([target.region, target.number])
      latest.current.onGo(target)
    })
    isFirst.current = true
    setStage(made)
    latest.current.onStage(made)
    return () => {
      pointer.close()
      made.close()
      setStage(undefined)
      latest.current.onStage(undefined)
    }
  }, [galaxy])

  useEffect(() => stage?.setLayers(layers), [stage, layers])
  useEffect(() => stage?.cover(covered), [stage, covered])

  const key = keyOf(found)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same target is another object after every render
  useEffect(() => {
    if (stage === undefined) return
    stage.select(found)
    const isAtOnce = isFirst.current
    isFirst.current = false
    if (found !== undefined && key !== picked.current) stage.look(found, isAtOnce)
    picked.current = undefined
  }, [stage, key])

  const onKeyDown = (event: KeyboardEvent) => {
    const move = KEYS[event.key]
    if (move !== undefined) stage?.pan(move[0] * PAN_PX, move[1] * PAN_PX)
    else if (event.key === '+' || event.key === '=') stage?.zoomSmoothly(1.6)
    else if (event.key === '-') stage?.zoomSmoothly(1 / 1.6)
    else if (event.key === '0') stage?.fit()
    else if (event.key === 'Escape') onGo(undefined)
    else return
    event.preventDefault()
  }

  return (
    <>
      {/* A map is operated as a whole: its keys pan and zoom, and the search finds what is on it. */}
      <canvas
        ref={canvas}
        className="galaxy-canvas"
        data-testid="galaxy-map"
        role="img"
        aria-label="Map of the galaxy. Arrow keys pan, plus and minus zoom, zero shows all, slash searches, Escape deselects."
        tabIndex={0}
        onKeyDown={onKeyDown}
      />
      {failure !== undefined && (
        <p className="map-failure" role="alert">
          The map cannot be drawn: {failure}. Search and details work.
        </p>
      )}
    </>
  )
}

function keyOf(found: Found | undefined): string | undefined {
  switch (found?.kind) {
    case undefined:
      return undefined
    case 'region':
      return JSON.stringify([found.region.name])
    case 'sector':
      return JSON.stringify([found.region.name, found.sector - found.region.first + 1])
    case 'cluster':
      return JSON.stringify([found.region.name, 'cluster', found.cluster.name])
    case 'formation':
      return JSON.stringify([found.region.name, 'formation', found.formation.formation.name])
  }
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}
