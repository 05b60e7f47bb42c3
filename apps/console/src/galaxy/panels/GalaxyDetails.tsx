import { useMemo } from 'react'
import { figuresOf, type Galaxy, type GalaxyFigures } from '../model/galaxy.js'
import { regionTitle } from '../model/region-title.js'
import type { Target } from '../model/target.js'
import { Fact, Head, Row, Section } from './parts.js'

interface GalaxyDetailsProps {
  readonly galaxy: Galaxy
  readonly origin: string
  onGo(target: Target): void
  onChangeSource(): void
}

/** The galaxy as a whole, and the way to each of its regions. */
export function GalaxyDetails({ galaxy, origin, onGo, onChangeSource }: GalaxyDetailsProps) {
  const figures = useMemo(() => figuresOf(galaxy), [galaxy])
  return (
    <>
      <Head title="The galaxy" detail={`${count(galaxy.regions.length)} regions, from ${origin}`} />
      <button type="button" className="button" data-testid="galaxy-change" onClick={onChangeSource}>
        Another galaxy…
      </button>
      <Figures figures={figures} />
      <Section title="Regions">
        <ul>
          {galaxy.regions.map((region) => (
            <Row
              key={region.name}
              label={regionTitle(region)}
              detail={`${count(region.sectors)} sectors`}
              onClick={() => onGo({ kind: 'region', region: region.name })}
            />
          ))}
        </ul>
      </Section>
    </>
  )
}

export function Figures({ figures }: { readonly figures: GalaxyFigures }) {
  return (
    <dl className="facts">
      <Fact name="Sectors">
        <span data-testid="sectors-total">{count(figures.sectors)}</span>
      </Fact>
      <Fact name="Warps">
        {count(figures.warps)}, {count(figures.oneWay)} one-way
      </Fact>
      <Fact name="Long tunnels">{count(figures.tunnels)}</Fact>
      <Fact name="Stations">{count(figures.stations)}</Fact>
      <Fact name="Planets">{count(figures.planets)}</Fact>
      <Fact name="Formations">{count(figures.formations.reduce((sum, each) => sum + each, 0))}</Fact>
    </dl>
  )
}

/** With separators, the same in every place. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}
