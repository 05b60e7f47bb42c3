/** How near two users are, the nearest first: the same one, of one guild, friends, anybody. */
export type Access = 'own' | 'guild' | 'friends' | 'public'

/** Higher is nearer, and goes first. */
const RANK: Readonly<Record<Access, number>> = { own: 4, guild: 3, friends: 2, public: 1 }

/** The users that are near to one: whoever is not in it is a stranger. */
export interface Circle {
  readonly guild: ReadonlySet<string>
  readonly friends: ReadonlySet<string>
}

/** Whether a limit, which includes all that is nearer, includes this. */
export function includes(limit: Access, relation: Access): boolean {
  return RANK[relation] >= RANK[limit]
}

export function relationOf(nodeOwner: string, jobOwner: string, circle: Circle): Access {
  if (nodeOwner === jobOwner) return 'own'
  if (circle.guild.has(jobOwner)) return 'guild'
  return circle.friends.has(jobOwner) ? 'friends' : 'public'
}
