import { arrayLiteral } from '../checkpoints/array-literal.js'
import type { ConnectionPool } from '../connection/pool.js'
import type { Session, TextRow } from '../connection/session.js'

type NodeStatus = 'online' | 'offline' | 'revoked'

/** Whose jobs a node takes beside its owner's: its owner's consent. Nothing given: nobody's. */
export interface NodeShare {
  /** Those on the owner's list of friends. */
  readonly friends: boolean
  readonly public: boolean
  /** Discord guilds, whose members may. */
  readonly guilds: readonly string[]
}

export interface NodeDescription {
  readonly name: string
  readonly totalCores: number
  readonly maxParallel: number
  readonly platform: string
  readonly version: string
}

export interface NodeRecord extends NodeDescription {
  /** Ed25519, base64url: what the node is known by. */
  readonly publicKey: string
  readonly userId: string
  readonly status: NodeStatus
  /** ms since the epoch */
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly share: NodeShare
  /** The owner's account at Discord. */
  readonly discordId: string | undefined
  /** Results of it that nodes of other users have confirmed. */
  readonly confirmations: number
  /** Why it gets no more work; undefined while it is trusted. */
  readonly distrust: string | undefined
  /** Who wants it to get no work for now; undefined: nobody. An operator's wish goes before its owner's. */
  readonly pausedBy: 'owner' | 'operator' | undefined
}

export interface NodeSettings {
  readonly name?: string | undefined
  readonly maxParallel?: number | undefined
  readonly share?: NodeShare | undefined
}

/** What decides whose nodes somebody may use beside their own. */
export interface Relations {
  /** Users who have this one on their list of friends. */
  readonly friendOf: readonly string[]
  /** Discord guilds that this user is in. */
  readonly guilds: readonly string[]
}

const msOf = (column: string) => `(extract(epoch FROM ${column}) * 1000)::int8`

const RECORD =
  'n.public_key, n.user_id, n.name, n.total_cores, n.max_parallel, n.platform, n.version, n.status, ' +
  `${msOf('n.created_at')}, ${msOf('n.last_seen_at')}, ` +
  "(SELECT max(i.provider_id) FROM auth.identities i WHERE i.provider = 'discord' AND i.user_id::text = n.user_id), n.confirmations, n.distrust, n.paused_by"

const NOT_REVOKED = "(status = 'online' OR status = 'offline')"

/** The tables `public.nodes`, its permissions, tokens to claim nodes with, friends and guilds. */
export class PostgresNodes {
  readonly #pool: ConnectionPool

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  /** Lets whoever knows the token register nodes for `userId`. @param tokenHash never the token itself */
  async addClaimToken(userId: string, tokenHash: string, validMs: number): Promise<void> {
    await this.#pool.run('addClaimToken', (session) =>
      session.commit(
        'INSERT INTO public.node_claim_tokens (token_hash, user_id, expires_at) ' +
          "VALUES ($1, $2, now() + $3::float8 * INTERVAL '1 millisecond') ON CONFLICT (token_hash) DO NOTHING",
        [tokenHash, userId, validMs],
      ),
    )
  }

  /** Makes all of a user's tokens worthless. Nodes that are registered stay. */
  async removeClaimTokens(userId: string): Promise<void> {
    await this.#pool.run('removeClaimTokens', (session) =>
      session.commit('DELETE FROM public.node_claim_tokens WHERE user_id = $1', [userId]),
    )
  }

  /**
   * Registers a node for the user of a token, or brings what is known of it up to date. A node that comes with another
   * user's token becomes theirs, and is shared with nobody. Undefined when the token is worthless, or the key revoked.
   */
  register(publicKey: string, tokenHash: string, node: NodeDescription): Promise<{ userId: string } | undefined> {
    return this.#pool.run('registerNode', (session) =>
      session.transaction(async () => {
        const { rows: tokens } = await session.query(
          'SELECT user_id FROM public.node_claim_tokens WHERE token_hash = $1 AND expires_at > now()',
          [tokenHash],
        )
        const userId = tokens[0]?.[0]
        if (typeof userId !== 'string') return { keep: false, result: undefined }
        const { rows: before } = await session.query('SELECT user_id FROM public.nodes WHERE public_key = $1', [
          publicKey,
        ])
        const { rowCount } = await session.query(
          'INSERT INTO public.nodes AS n (public_key, user_id, name, total_cores, max_parallel, platform, version) ' +
            'VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (public_key) DO UPDATE SET user_id = excluded.user_id, ' +
            'name = excluded.name, total_cores = excluded.total_cores, max_parallel = excluded.max_parallel, ' +
            'platform = excluded.platform, version = excluded.version ' +
            "WHERE n.status = 'online' OR n.status = 'offline'",
          [publicKey, userId, node.name, node.totalCores, node.maxParallel, node.platform, node.version],
        )
        if (before.length > 0 && before[0]?.[0] !== userId) await unshare(session, publicKey)
        return { keep: rowCount === 1, result: rowCount === 1 ? { userId } : undefined }
      }),
    )
  }

  async find(publicKey: string): Promise<NodeRecord | undefined> {
    return (await this.#read('findNode', 'n.public_key = $1', publicKey))[0]
  }

  /** By age. */
  ofUser(userId: string): Promise<readonly NodeRecord[]> {
    return this.#read('nodesOfUser', 'n.user_id = $1', userId)
  }

  /** Of all users, but for those that were revoked: those that were there last go first. */
  all(limit: number): Promise<readonly NodeRecord[]> {
    return this.#read(
      'allNodes',
      "n.status = 'online' OR n.status = 'offline'",
      undefined,
      `n.last_seen_at DESC LIMIT ${limit}`,
    )
  }

  #read(
    call: string,
    condition: string,
    value: string | undefined,
    order = 'n.created_at, n.public_key',
  ): Promise<readonly NodeRecord[]> {
    return this.#pool.run(call, async (session) => {
      const { rows } = await session.query(
        `SELECT ${RECORD} FROM public.nodes n WHERE ${condition} ORDER BY ${order}`,
        value === undefined ? [] : [value],
      )
      const { rows: permissions } = await session.query(
        'SELECT public_key, access_type, target_id FROM public.nodes_permissions WHERE public_key = ANY($1::text[]) ORDER BY target_id',
        [
          arrayLiteral(
            'text',
            rows.map(([publicKey]) => publicKey),
          ),
        ],
      )
      return rows.map((row) => recordOf(row, permissions))
    })
  }

  /** Nodes that are there now, by whatever way one knows. Returns those that may be: not those that were revoked. */
  async seen(publicKeys: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.#pool.run('nodesSeen', (session) =>
      session.commit(
        `UPDATE public.nodes SET status = 'online', last_seen_at = now() WHERE public_key = ANY($1::text[]) AND ${NOT_REVOKED} RETURNING public_key`,
        [arrayLiteral('text', publicKeys)],
      ),
    )
    return rows.map(([publicKey]) => publicKey ?? '')
  }

  /** A node runs another version of Terrane than it did. */
  async updated(publicKey: string, version: string): Promise<void> {
    await this.#pool.run('nodeUpdated', (session) =>
      session.commit('UPDATE public.nodes SET version = $2 WHERE public_key = $1', [publicKey, version]),
    )
  }

  /** A node has said that it goes. */
  async left(publicKey: string): Promise<void> {
    await this.#pool.run('nodeLeft', (session) =>
      session.commit("UPDATE public.nodes SET status = 'offline' WHERE public_key = $1 AND status = 'online'", [
        publicKey,
      ]),
    )
  }

  /** Marks those offline of whom nothing was heard for so long; returns them. */
  async markSilent(silentMs: number): Promise<readonly string[]> {
    const { rows } = await this.#pool.run('markSilentNodes', (session) =>
      session.commit(
        "UPDATE public.nodes SET status = 'offline' WHERE status = 'online' AND " +
          "last_seen_at <= now() - $1::float8 * INTERVAL '1 millisecond' RETURNING public_key",
        [silentMs],
      ),
    )
    return rows.map(([publicKey]) => publicKey ?? '')
  }

  /** The owner's wishes. False when the node is not this user's. */
  change(publicKey: string, userId: string, settings: NodeSettings): Promise<boolean> {
    return this.#pool.run('changeNode', (session) =>
      session.transaction(async () => {
        const { rowCount } = await session.query(
          'UPDATE public.nodes SET name = coalesce($3, name), max_parallel = coalesce($4::int8, max_parallel) ' +
            `WHERE public_key = $1 AND user_id = $2 AND ${NOT_REVOKED}`,
          [publicKey, userId, settings.name ?? null, settings.maxParallel ?? null],
        )
        if (rowCount === 0) return { keep: false, result: false }
        if (settings.share !== undefined) {
          await unshare(session, publicKey)
          await share(session, publicKey, settings.share)
        }
        return { keep: true, result: true }
      }),
    )
  }

  /**
   * A node gets no work until it is resumed. What an operator has paused only an operator resumes.
   * @param userId whose node it is; undefined: an operator asks, for anybody's
   * @returns who has it paused then; undefined when the node is not this user's
   */
  async pause(
    publicKey: string,
    userId: string | undefined,
    isPaused: boolean,
  ): Promise<{ readonly pausedBy: NodeRecord['pausedBy'] } | undefined> {
    const [value, condition] = isPaused ? ["coalesce(paused_by, 'owner')", 'true'] : ['NULL', "paused_by = 'owner'"]
    const { rows } = await this.#pool.run('pauseNode', async (session) => {
      if (userId === undefined) {
        return session.commit(
          `UPDATE public.nodes SET paused_by = $2 WHERE public_key = $1 AND ${NOT_REVOKED} RETURNING paused_by`,
          [publicKey, isPaused ? 'operator' : null],
        )
      }
      await session.commit(
        `UPDATE public.nodes SET paused_by = ${value} WHERE public_key = $1 AND user_id = $2 AND ${NOT_REVOKED} AND ${condition}`,
        [publicKey, userId],
      )
      return session.query(
        `SELECT paused_by FROM public.nodes WHERE public_key = $1 AND user_id = $2 AND ${NOT_REVOKED}`,
        [publicKey, userId],
      )
    })
    return rows[0] && { pausedBy: (rows[0][0] ?? undefined) as NodeRecord['pausedBy'] }
  }

  /** The key is never good again. False when the node is not this user's. */
  async revoke(publicKey: string, userId: string): Promise<boolean> {
    const { rowCount } = await this.#pool.run('revokeNode', (session) =>
      session.commit("UPDATE public.nodes SET status = 'revoked' WHERE public_key = $1 AND user_id = $2", [
        publicKey,
        userId,
      ]),
    )
    return rowCount === 1
  }

  /** Counts further results as confirmed. */
  async confirm(publicKey: string, count: number): Promise<void> {
    await this.#pool.run('confirmNode', (session) =>
      session.commit('UPDATE public.nodes SET confirmations = confirmations + $2::int8 WHERE public_key = $1', [
        publicKey,
        count,
      ]),
    )
  }

  /** The node has lied, for all sentinels and for good. The first reason stays. */
  async distrust(publicKey: string, reason: string): Promise<void> {
    await this.#pool.run('distrustNode', (session) =>
      session.commit('UPDATE public.nodes SET distrust = coalesce(distrust, $2::text) WHERE public_key = $1', [
        publicKey,
        reason,
      ]),
    )
  }

  /** Those of these nodes that have lied, and why. */
  async distrusted(publicKeys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.#pool.run('distrustedNodes', (session) =>
      session.query(
        'SELECT public_key, distrust FROM public.nodes WHERE public_key = ANY($1::text[]) AND distrust IS NOT NULL',
        [arrayLiteral('text', publicKeys)],
      ),
    )
    return new Map(rows.map(([publicKey, reason]) => [publicKey ?? '', reason ?? '']))
  }

  /** The same node by another key; the old one is revoked. False when it was, or the new one is known already. */
  rotate(publicKey: string, nextKey: string): Promise<boolean> {
    return this.#pool.run('rotateNode', (session) =>
      session.transaction(async () => {
        const { rowCount } = await session.query(
          'INSERT INTO public.nodes (public_key, user_id, name, total_cores, max_parallel, platform, version, status, ' +
            'confirmations, distrust, paused_by) SELECT $2, n.user_id, n.name, n.total_cores, n.max_parallel, n.platform, ' +
            'n.version, n.status, n.confirmations, n.distrust, n.paused_by ' +
            "FROM public.nodes n WHERE n.public_key = $1 AND (n.status = 'online' OR n.status = 'offline') " +
            'ON CONFLICT (public_key) DO NOTHING',
          [publicKey, nextKey],
        )
        if (rowCount === 0) return { keep: false, result: false }
        await session.query(
          'INSERT INTO public.nodes_permissions (public_key, access_type, target_id) ' +
            'SELECT $2, p.access_type, p.target_id FROM public.nodes_permissions p WHERE p.public_key = $1',
          [publicKey, nextKey],
        )
        await session.query("UPDATE public.nodes SET status = 'revoked' WHERE public_key = $1", [publicKey])
        return { keep: true, result: true }
      }),
    )
  }

  /** The code by which others become friends of this user; `code` when there was none yet. */
  inviteCode(userId: string, code: string): Promise<string> {
    return this.#pool.run('inviteCode', async (session) => {
      await session.commit(
        'INSERT INTO public.friend_lists (user_id, invite_code) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING',
        [userId, code],
      )
      const { rows } = await session.query('SELECT invite_code FROM public.friend_lists WHERE user_id = $1', [userId])
      return rows[0]?.[0] ?? code
    })
  }

  /** Puts somebody on the list of friends of whoever gave them the code; returns whose. Undefined: no such code. */
  befriend(inviteCode: string, memberId: string): Promise<string | undefined> {
    return this.#pool.run('befriend', async (session) => {
      const { rows } = await session.query('SELECT user_id FROM public.friend_lists WHERE invite_code = $1', [
        inviteCode,
      ])
      const userId = rows[0]?.[0] ?? undefined
      if (userId === undefined || userId === memberId) return userId
      await session.commit(
        'INSERT INTO public.friend_list_members (user_id, member_id) VALUES ($1, $2) ON CONFLICT (user_id, member_id) DO NOTHING',
        [userId, memberId],
      )
      return userId
    })
  }

  async friendsOf(userId: string): Promise<readonly string[]> {
    const { rows } = await this.#pool.run('friendsOf', (session) =>
      session.query('SELECT member_id FROM public.friend_list_members WHERE user_id = $1 ORDER BY member_id', [userId]),
    )
    return rows.map(([member]) => member ?? '')
  }

  async unfriend(userId: string, memberId: string): Promise<void> {
    await this.#pool.run('unfriend', (session) =>
      session.commit('DELETE FROM public.friend_list_members WHERE user_id = $1 AND member_id = $2', [
        userId,
        memberId,
      ]),
    )
  }

  /** Those of `userIds` who are in one of the guilds. */
  membersAmong(guilds: readonly string[], userIds: readonly string[]): Promise<readonly string[]> {
    return this.#pool.run('membersAmong', async (session) => {
      const { rows: accounts } = await session.query(
        "SELECT user_id::text, provider_id FROM auth.identities WHERE provider = 'discord' AND user_id::text = ANY($1::text[])",
        [arrayLiteral('text', userIds)],
      )
      const { rows } = await session.query(
        'SELECT discord_id FROM public.guild_members WHERE guild_id = ANY($1::text[]) AND discord_id = ANY($2::text[])',
        [
          arrayLiteral('text', guilds),
          arrayLiteral(
            'text',
            accounts.map(([, discord]) => discord),
          ),
        ],
      )
      const members = new Set(rows.map(([discord]) => discord))
      return accounts.flatMap(([user, discord]) => (members.has(discord ?? '') ? [user ?? ''] : []))
    })
  }

  /** Says that these accounts are members of a guild. */
  async addMembers(guild: string, discordIds: readonly string[]): Promise<void> {
    await this.#pool.run('addGuildMembers', (session) =>
      session.commit(
        'INSERT INTO public.guild_members (guild_id, discord_id) SELECT $1, u.discord_id ' +
          'FROM unnest($2::text[]) AS u (discord_id) ON CONFLICT (guild_id, discord_id) DO NOTHING',
        [guild, arrayLiteral('text', [...new Set(discordIds)])],
      ),
    )
  }

  async removeMembers(guild: string, discordIds: readonly string[]): Promise<void> {
    await this.#pool.run('removeGuildMembers', (session) =>
      session.commit('DELETE FROM public.guild_members WHERE guild_id = $1 AND discord_id = ANY($2::text[])', [
        guild,
        arrayLiteral('text', discordIds),
      ]),
    )
  }

  /** Members of a guild, with the user of each account where it is known. */
  async membersOf(
    guild: string,
  ): Promise<readonly { readonly discordId: string; readonly userId: string | undefined }[]> {
    const { rows } = await this.#pool.run('guildMembers', (session) =>
      session.query(
        'SELECT m.discord_id, (SELECT max(i.user_id::text) FROM auth.identities i ' +
          "WHERE i.provider = 'discord' AND i.provider_id = m.discord_id) " +
          'FROM public.guild_members m WHERE m.guild_id = $1 ORDER BY m.discord_id',
        [guild],
      ),
    )
    return rows.map(([discordId, userId]) => ({ discordId: discordId ?? '', userId: userId ?? undefined }))
  }

  /**
   * Says whose an account at a provider is, as gateway_admin: servers may only read this. Another user's account becomes
   * this one's. An identity provider that keeps the table itself may refuse, and is whom to ask.
   */
  async identify(provider: string, providerId: string, userId: string): Promise<void> {
    await this.#pool.run('identify', (session) =>
      session.commit(
        'INSERT INTO auth.identities (provider, provider_id, user_id) VALUES ($1, $2, $3) ' +
          'ON CONFLICT (provider, provider_id) DO UPDATE SET user_id = excluded.user_id',
        [provider, providerId, userId],
      ),
    )
  }

  relationsOf(userId: string): Promise<Relations> {
    return this.#pool.run('relationsOf', async (session) => {
      const { rows: friendOf } = await session.query(
        'SELECT user_id FROM public.friend_list_members WHERE member_id = $1',
        [userId],
      )
      const { rows: discord } = await session.query(
        "SELECT provider_id FROM auth.identities WHERE provider = 'discord' AND user_id::text = $1",
        [userId],
      )
      const { rows: guilds } = await session.query(
        'SELECT guild_id FROM public.guild_members WHERE discord_id = ANY($1::text[])',
        [
          arrayLiteral(
            'text',
            discord.map(([id]) => id),
          ),
        ],
      )
      return { friendOf: friendOf.map(([user]) => user ?? ''), guilds: guilds.map(([guild]) => guild ?? '') }
    })
  }
}

async function unshare(session: Session, publicKey: string): Promise<void> {
  await session.query('DELETE FROM public.nodes_permissions WHERE public_key = $1', [publicKey])
}

async function share(session: Session, publicKey: string, wanted: NodeShare): Promise<void> {
  const permissions = [
    ...(wanted.friends ? [['friends', '']] : []),
    ...(wanted.public ? [['public', '']] : []),
    ...[...new Set(wanted.guilds)].map((guild) => ['guild', guild]),
  ]
  await session.query(
    'INSERT INTO public.nodes_permissions (public_key, access_type, target_id) ' +
      'SELECT $1, u.access_type, u.target_id FROM unnest($2::text[], $3::text[]) AS u (access_type, target_id)',
    [
      publicKey,
      arrayLiteral(
        'text',
        permissions.map(([type]) => type),
      ),
      arrayLiteral(
        'text',
        permissions.map(([, target]) => target),
      ),
    ],
  )
}

function recordOf(row: TextRow, permissions: readonly TextRow[]): NodeRecord {
  const [
    publicKey,
    userId,
    name,
    totalCores,
    maxParallel,
    platform,
    version,
    status,
    createdAt,
    seenAt,
    discord,
    ...standing
  ] = row
  const [confirmations, distrust, pausedBy] = standing
  const own = permissions.filter(([key]) => key === publicKey)
  return {
    publicKey: publicKey ?? '',
    userId: userId ?? '',
    name: name ?? '',
    totalCores: Number(totalCores),
    maxParallel: Number(maxParallel),
    platform: platform ?? '',
    version: version ?? '',
    status: status as NodeStatus,
    createdAt: Number(createdAt),
    lastSeenAt: Number(seenAt),
    share: {
      friends: own.some(([, type]) => type === 'friends'),
      public: own.some(([, type]) => type === 'public'),
      guilds: own.flatMap(([, type, target]) => (type === 'guild' ? [target ?? ''] : [])),
    },
    discordId: discord ?? undefined,
    confirmations: Number(confirmations),
    distrust: distrust ?? undefined,
    pausedBy: (pausedBy ?? undefined) as NodeRecord['pausedBy'],
  }
}
