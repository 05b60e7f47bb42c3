import { FORMATION_KINDS } from '../model/formation-kinds.js'
import type { GalaxyFormation, GalaxyRegion } from '../model/galaxy.js'
import type { Target } from '../model/target.js'
import { Fact, Head, Row, Section } from './parts.js'

interface FormationDetailsProps {
  readonly region: GalaxyRegion
  readonly formation: GalaxyFormation
  onGo(target: Target): void
}

export function FormationDetails({ region, formation: { formation, kind, sectors }, onGo }: FormationDetailsProps) {
  const look = FORMATION_KINDS[kind]
  const go = (number: number) => onGo({ kind: 'sector', region: region.name, number })
  return (
    <>
      <Head title={formation.name} detail={look?.label} />
      <p>{look?.meaning}</p>
      <dl className="facts">
        <Fact name="Sectors">{sectors.length}</Fact>
        {formation.kind === 'tunnel' && <Fact name="Passable">{formation.oneWay ? 'one way' : 'both ways'}</Fact>}
        {formation.kind === 'backdoor' && <Fact name="Leads into">{formation.target}</Fact>}
      </dl>
      <Section title="Sectors">
        <ul>
          {rolesOf(formation).map(([role, number]) => (
            <Row key={`${role} ${number}`} label={`Sector ${number}`} detail={role} onClick={() => go(number)} />
          ))}
        </ul>
      </Section>
    </>
  )
}

const ANCHOR_ROLES: Readonly<Record<GalaxyFormation['formation']['kind'], string>> = {
  bubble: 'gateway',
  dead_end_bubble: 'gateway',
  tunnel: 'mouth',
  dead_end: 'the end',
  blister: 'pivot',
  escape_hatch: 'hatch',
  warp_sink: 'sink',
  backdoor: 'entry',
  lost_sector: 'lost',
  lost_cluster: 'member',
  archipelago: 'member',
}

/** Sectors with what they are in the formation. */
function rolesOf(formation: GalaxyFormation['formation']): [role: string, number: number][] {
  const roles: [string, number][] = [[ANCHOR_ROLES[formation.kind], formation.anchor]]
  if (formation.kind === 'dead_end' || formation.kind === 'escape_hatch') roles.push(['neighbour', formation.parent])
  if (formation.kind === 'escape_hatch') roles.push(['one-way from here', formation.source])
  if (formation.kind === 'warp_sink') {
    for (const entry of formation.entries) roles.push(['leads in', entry])
  }
  if (formation.kind === 'backdoor') roles.push(['inside the bubble', formation.into])
  for (const number of formation.interior) roles.push(['inside', number])
  if (formation.kind === 'tunnel') roles.push(['far mouth', formation.farMouth])
  return roles
}
