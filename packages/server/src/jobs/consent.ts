import { type Access, includes, relationOf } from '@terrane/jobs'
import { parseSentinelConfig } from '@terrane/node'
import type { AvailableJob, NodeRecord } from '@terrane/store-postgres'
import type { KnownNodes } from './known-nodes.js'

/** The consent of a node's owner, as the farthest circle whose jobs it computes. */
export function shareOf({ share }: NodeRecord): Access {
  if (share.public) return 'public'
  if (share.friends) return 'friends'
  return share.guilds.length > 0 ? 'guild' : 'own'
}

/** Whether one of these nodes may compute the job: by the consent of its owner and by that of the job's. */
export async function isWanted(
  { userId, sentinelConfig }: AvailableJob,
  nodes: readonly NodeRecord[],
  known: KnownNodes,
): Promise<boolean> {
  let access: Access
  try {
    access = parseSentinelConfig(JSON.parse(sentinelConfig)).access
  } catch {
    // Not ours to judge here: whoever takes it fails it, with the reason.
    return true
  }
  const relations = await known.relationsOf(userId)
  return nodes.some((node) => {
    if (node.distrust !== undefined || node.pausedBy !== undefined) return false
    const guild = new Set(node.share.guilds.some((id) => relations.guilds.includes(id)) ? [userId] : [])
    const friends = new Set(relations.friendOf.includes(node.userId) ? [userId] : [])
    const relation = relationOf(node.userId, userId, { guild, friends })
    return includes(shareOf(node), relation) && includes(access, relation)
  })
}
