import { words } from '../../format.js'
import { FORMATION_KINDS } from '../model/formation-kinds.js'
import { figuresOf, type Galaxy, type GalaxyRegion } from '../model/galaxy.js'
import { regionTitle } from '../model/region-title.js'
import type { Target } from '../model/target.js'
import { BAND_LOOKS, css, TONES } from '../model/tones.js'
import { count, Figures } from './GalaxyDetails.js'
import { Head, Row, Section } from './parts.js'

interface RegionDetailsProps {
  readonly galaxy: Galaxy
  readonly region: GalaxyRegion
  onGo(target: Target): void
}

export function RegionDetails({ galaxy, region, onGo }: RegionDetailsProps) {
  const { name, chart, clusters, formations, isNexus, sectors } = region
  return (
    <>
      <Head
        title={regionTitle(region)}
        detail={`${isNexus ? 'Where all regions meet' : 'Player-owned region'}, capital in sector ${chart.capital}`}
      />
      <div className="galaxy-bands">
        {chart.zones.map(({ band, first, last, policing, danger }) => {
          const look = BAND_LOOKS.find((each) => each.band === band)
          const share = (last - first + 1) / sectors
          return (
            <div
              key={band}
              style={{ flexGrow: share, borderColor: look && css(look.color) }}
              title={`${look?.label}: sectors ${first} to ${last}, policing ${policing}, danger ${danger}`}
            >
              <b>{look?.label}</b>
              <small>{Math.round(share * 100)} %</small>
            </div>
          )
        })}
      </div>
      <Figures figures={figuresOf(galaxy, region)} />
      <Section title={`${count(formations.length)} formations`}>
        <ul>
          {[...formations]
            .sort((a, b) => a.kind - b.kind)
            .map(({ formation, kind }) => (
              <Row
                key={formation.name}
                color={FORMATION_KINDS[kind]?.color}
                isRing
                label={formation.name}
                detail={FORMATION_KINDS[kind]?.label}
                onClick={() => onGo({ kind: 'formation', region: name, name: formation.name })}
              />
            ))}
        </ul>
      </Section>
      <Section title={`${count(clusters.length)} clusters`}>
        <ul>
          {clusters.map((cluster) => (
            <Row
              key={cluster.name}
              color={TONES[cluster.tone]}
              label={cluster.name}
              detail={words(cluster.type)}
              onClick={() => onGo({ kind: 'cluster', region: name, name: cluster.name })}
            />
          ))}
        </ul>
      </Section>
    </>
  )
}
