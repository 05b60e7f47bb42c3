import { title, words } from '../../format.js'
import type { GalaxyCluster, GalaxyRegion } from '../model/galaxy.js'
import type { Target } from '../model/target.js'
import { count } from './GalaxyDetails.js'
import { Fact, Head, Row, Section } from './parts.js'

interface ClusterDetailsProps {
  readonly region: GalaxyRegion
  readonly cluster: GalaxyCluster
  onGo(target: Target): void
}

export function ClusterDetails({ region, cluster, onGo }: ClusterDetailsProps) {
  const { first, last } = cluster
  const isIn = ({ sector }: { readonly sector: number }) => first <= sector && sector <= last
  const { zones } = region.chart
  const bands = zones.filter((zone) => zone.first <= last && zone.last >= first)
  const stations = region.chart.stations.filter(isIn)
  const planets = region.chart.planets.filter(isIn)
  const go = (sector: number) => onGo({ kind: 'sector', region: region.name, number: sector })
  return (
    <>
      <Head title={cluster.name} detail={`Cluster, ${words(cluster.type)}`} />
      <dl className="facts">
        <Fact name="Sectors">
          {count(last - first + 1)}, numbers {first} to {last}
        </Fact>
        <Fact name="Security">{bands.map(({ band }) => title(band)).join(', ')}</Fact>
      </dl>
      <Section title={`${count(stations.length)} stations`}>
        <ul>
          {stations.map((station) => (
            <Row
              key={station.sector}
              label={station.name}
              detail={`class ${station.class}, sector ${station.sector}`}
              onClick={() => go(station.sector)}
            />
          ))}
        </ul>
      </Section>
      <Section title={`${count(planets.length)} planets`}>
        <ul>
          {planets.map((planet) => (
            <Row
              key={planet.sector}
              label={planet.name}
              detail={`${words(planet.type)}, sector ${planet.sector}`}
              onClick={() => go(planet.sector)}
            />
          ))}
        </ul>
      </Section>
    </>
  )
}
