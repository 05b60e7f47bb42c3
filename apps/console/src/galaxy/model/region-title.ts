/** What only programs would call a region: letters, digits and dashes, as ids of zones are. */
const ID = /^[a-z0-9-]+$/

/** A region's name for people: "Region 7" for `region-7`. Names that are no ids stay as they are. */
export function regionTitle({ name, isNexus }: { readonly name: string; readonly isNexus: boolean }): string {
  if (isNexus) return 'Central Nexus'
  if (!ID.test(name)) return name
  const words = name.replaceAll('-', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
