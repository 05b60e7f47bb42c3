import { SECTOR_TYPES } from '@terrane/world-frontier/galaxy'
import { useMemo } from 'react'
import { title, words } from '../../format.js'
import { FORMATION_KINDS } from '../model/formation-kinds.js'
import { type Galaxy, regionAt, sectorFacts, type Way } from '../model/galaxy.js'
import { regionTitle } from '../model/region-title.js'
import type { Target } from '../model/target.js'
import { TONES } from '../model/tones.js'
import { Fact, Head, Row, Section } from './parts.js'

interface SectorDetailsProps {
  readonly galaxy: Galaxy
  /** Index. */
  readonly sector: number
  onGo(target: Target): void
}

export function SectorDetails({ galaxy, sector, onGo }: SectorDetailsProps) {
  const facts = useMemo(() => sectorFacts(galaxy, sector), [galaxy, sector])
  const { number, region, cluster, zone, station, planet, ways } = facts
  const detail = `${regionTitle(region)}, ${words(SECTOR_TYPES[facts.type] ?? 'standard')}`
  return (
    <>
      <Head title={`Sector ${number}`} detail={detail} />
      <dl className="facts" data-testid="sector-facts">
        {zone !== undefined && (
          <Fact name="Security">
            {title(zone.band)}
            {facts.isProtected && ', protected'} <small>{`policing ${zone.policing}, danger ${zone.danger}`}</small>
          </Fact>
        )}
        <Fact name="Station">{station === undefined ? 'none' : `${station.name}, class ${station.class}`}</Fact>
        <Fact name="Planet">{planet === undefined ? 'none' : `${planet.name}, ${words(planet.type)}`}</Fact>
        {facts.landmarks.length > 0 && (
          <Fact name="Landmark">{facts.landmarks.map(({ kind }) => title(kind)).join(', ')}</Fact>
        )}
        <Fact name="Position">{facts.position.join(', ')}</Fact>
      </dl>
      <ul>
        {cluster !== undefined && (
          <Row
            color={TONES[cluster.tone]}
            label={cluster.name}
            detail="cluster"
            onClick={() => onGo({ kind: 'cluster', region: region.name, name: cluster.name })}
          />
        )}
        {facts.formations.map(({ formation, kind }) => (
          <Row
            key={formation.name}
            color={FORMATION_KINDS[kind]?.color}
            isRing
            label={formation.name}
            detail={FORMATION_KINDS[kind]?.label}
            onClick={() => onGo({ kind: 'formation', region: region.name, name: formation.name })}
          />
        ))}
      </ul>
      <Section title={ways.length === 1 ? '1 warp' : `${ways.length} warps`}>
        <ul data-testid="sector-ways">
          {[...ways].sort(byDirection).map((way) => (
            <Row
              key={`${way.sector} ${way.leads}`}
              color={TONES[galaxy.sky.clusterTone[way.sector] as number]}
              label={
                <>
                  <b className="way" data-leads={way.leads}>
                    {SIGNS[way.leads]}
                  </b>{' '}
                  Sector {way.sector - regionAt(galaxy, way.sector).first + 1}
                </>
              }
              detail={describe(way)}
              onClick={() => onGo({ kind: 'sector', region: region.name, number: way.sector - region.first + 1 })}
            />
          ))}
        </ul>
      </Section>
    </>
  )
}

const SIGNS = { both: '⇄', out: '→', in: '←' } as const
const ORDER = { both: 0, out: 1, in: 2 } as const

function byDirection(a: Way, b: Way): number {
  return ORDER[a.leads] - ORDER[b.leads] || a.sector - b.sector
}

function describe({ leads, isLatent, isTunnel, turns }: Way): string {
  const parts = [isTunnel ? 'tunnel' : '', leads === 'both' ? '' : leads === 'out' ? 'one-way out' : 'one-way in']
  if (isLatent) parts.push('looks two-way')
  parts.push(turns === 1 ? '1 turn' : `${turns} turns`)
  return parts.filter((part) => part !== '').join(', ')
}
