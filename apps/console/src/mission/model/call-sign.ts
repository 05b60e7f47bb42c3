/** What guests are called on the page: their ids are random. */
const NAMES = [
  'Ada',
  'Bo',
  'Cleo',
  'Dax',
  'Echo',
  'Finn',
  'Gia',
  'Hugo',
  'Iris',
  'Juno',
  'Kai',
  'Lux',
  'Mika',
  'Nova',
  'Otis',
  'Pax',
  'Quinn',
  'Rhea',
  'Sol',
  'Tess',
  'Uma',
  'Vega',
  'Wren',
  'Xan',
  'Yuri',
  'Zoe',
  'Ash',
  'Blaze',
  'Cass',
  'Dune',
  'Elio',
  'Fern',
] as const

/** `Juno 4c` for the guest whose id says nothing; other ids as they are. */
export function callSign(player: string): string {
  const digits = /^guest-([0-9a-f]{6,})$/.exec(player)?.[1]
  if (digits === undefined) return player
  return `${NAMES[Number.parseInt(digits.slice(0, 2), 16) % NAMES.length]} ${digits.slice(-2)}`
}

/** Degrees of the colour wheel, far apart for most players, and away from the red of drones. */
export function hueOf(player: string): number {
  let hash = 0
  for (let i = 0; i < player.length; i++) hash = (Math.imul(hash, 31) + player.charCodeAt(i)) | 0
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b)
  return 40 + (((hash ^ (hash >>> 13)) >>> 0) % 280)
}
