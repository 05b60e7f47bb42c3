import type { ReactNode } from 'react'
import type { Galaxy } from '../model/galaxy.js'
import { regionTitle } from '../model/region-title.js'
import type { Found, Target } from '../model/target.js'
import { ClusterDetails } from './ClusterDetails.js'
import { FormationDetails } from './FormationDetails.js'
import { GalaxyDetails } from './GalaxyDetails.js'
import { RegionDetails } from './RegionDetails.js'
import { SectorDetails } from './SectorDetails.js'

interface DetailsProps {
  readonly galaxy: Galaxy
  /** Where the galaxy comes from. */
  readonly origin: string
  readonly found: Found | undefined
  /** What the address names and the galaxy does not have. */
  readonly missing: Target | undefined
  onGo(target: Target | undefined): void
  onChangeSource(): void
}

/** All about what is selected, or about the galaxy. */
export function Details({ galaxy, origin, found, missing, onGo, onChangeSource }: DetailsProps) {
  return (
    <div className="galaxy-details" data-testid="galaxy-details">
      {found !== undefined && (
        <nav className="galaxy-crumbs" aria-label="Where this is">
          <button type="button" onClick={() => onGo(undefined)}>
            Galaxy
          </button>
          {found.kind !== 'region' && (
            <button type="button" onClick={() => onGo({ kind: 'region', region: found.region.name })}>
              {regionTitle(found.region)}
            </button>
          )}
        </nav>
      )}
      {missing !== undefined && (
        <p className="galaxy-missing" role="alert">
          This galaxy has no {describe(missing)}.
        </p>
      )}
      {partFor(found, galaxy, onGo) ?? (
        <GalaxyDetails galaxy={galaxy} origin={origin} onGo={onGo} onChangeSource={onChangeSource} />
      )}
    </div>
  )
}

function partFor(found: Found | undefined, galaxy: Galaxy, onGo: (target: Target) => void): ReactNode {
  switch (found?.kind) {
    case undefined:
      return undefined
    case 'region':
      return <RegionDetails galaxy={galaxy} region={found.region} onGo={onGo} />
    case 'cluster':
      return <ClusterDetails region={found.region} cluster={found.cluster} onGo={onGo} />
    case 'formation':
      return <FormationDetails region={found.region} formation={found.formation} onGo={onGo} />
    case 'sector':
      return <SectorDetails galaxy={galaxy} sector={found.sector} onGo={onGo} />
  }
}

function describe(target: Target): string {
  if (target.kind === 'region') return `region “${target.region}”`
  if (target.kind === 'sector') return `sector ${target.number} in “${target.region}”`
  return `${target.kind} “${target.name}” in “${target.region}”`
}
