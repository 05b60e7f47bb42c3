import type { NodeShare } from '../jobs/jobs-api.js'

/** For whom a node computes beside its owner; each level includes those before it. */
export type ShareLevel = 'me' | 'guild' | 'friends' | 'public'

export const LEVELS: readonly { readonly id: ShareLevel; readonly label: string }[] = [
  { id: 'me', label: 'Only me' },
  { id: 'guild', label: 'Guild' },
  { id: 'friends', label: 'Friends' },
  { id: 'public', label: 'Public' },
]

/** The widest that is shared with. */
export function levelOf(share: NodeShare): ShareLevel {
  if (share.public) return 'public'
  if (share.friends) return 'friends'
  return share.guilds.length > 0 ? 'guild' : 'me'
}

export function shareOf(level: ShareLevel, guilds: readonly string[]): NodeShare {
  return {
    public: level === 'public',
    friends: level === 'public' || level === 'friends',
    guilds: level === 'me' ? [] : guilds,
  }
}

export function parseGuilds(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((id) => id !== ''))]
}

export function describeShare(share: NodeShare): string {
  if (share.public) return 'for everybody'
  const others = [
    ...(share.friends ? ['friends'] : []),
    ...(share.guilds.length > 0 ? [share.guilds.length === 1 ? 'a guild' : `${share.guilds.length} guilds`] : []),
  ]
  return others.length === 0 ? 'only for you' : `for you and ${others.join(' and ')}`
}
