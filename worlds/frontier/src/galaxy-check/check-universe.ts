import { checkBudgets, checkSpacing } from './budgets.js'
import { checkChecksum, checksumOf } from './checksum.js'
import { checkNexus } from './nexus.js'
import { checkPredicates } from './predicates.js'
import { checkReachability } from './reachability.js'
import { universeSchema } from './schema.js'
import { starMapOf } from './star-map.js'
import { checkStructure } from './structure.js'
import { type Problem, pathText } from './tell.js'

/**
 * Everything that is wrong with a universe in the documented JSON form, whoever made it; nothing, when it is
 * valid. It shares no code with the generator, so that both would have to be wrong in the same way. The
 * graph is looked at only when nothing is wrong with what it is made of.
 * @param value what `JSON.parse` gave
 */
export function checkUniverse(value: unknown): Problem[] {
  const parsed = universeSchema.safeParse(value)
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => ({ element: pathText(path, 'the file'), message }))
  }
  const problems: Problem[] = []
  const tell = (element: string, message: string) => problems.push({ element, message })
  const names = new Map<string, number>()
  for (const [index, region] of parsed.data.regions.entries()) {
    const at = `regions[${index}]`
    const twin = names.get(region.name)
    if (twin !== undefined) tell(at, `has the name of regions[${twin}]: "${region.name}"`)
    names.set(region.name, index)
    const before = problems.length
    checkStructure(region, at, tell)
    checkNexus(region, at, tell)
    if (region.generation !== undefined) {
      const raw = (value as { regions: Record<string, unknown>[] }).regions[index] as Record<string, unknown>
      checkChecksum(checksumOf(raw), region.generation.checksum, at, tell)
    }
    if (problems.length > before) continue
    const map = starMapOf(region)
    checkReachability(region, map, at, tell)
    checkPredicates(region, map, at, tell)
    checkBudgets(region, at, tell)
    checkSpacing(region, map, at, tell)
  }
  return problems
}
