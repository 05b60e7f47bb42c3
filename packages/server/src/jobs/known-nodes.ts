import { type Clock, TerraneError } from '@terrane/core'
import type { Circle } from '@terrane/jobs'
import type { NodeRecord, PostgresNodes, Relations } from '@terrane/store-postgres'

/** How old what we know of a node may be: so long another server's change of its settings takes to be heard here. */
const FRESH_MS = 1_000
const KNOWN_MAX = 10_000
/** A node that asks for work is written down as present this often. */
const SEEN_EVERY_MS = 15_000
/** A node that has said nothing for so long is offline: longer than it waits for work. */
const SILENT_MS = 90_000

interface Known<T> {
  readonly value: Promise<T>
  readonly readAt: number
}

/**
 * What the database says of nodes and of users' relations, read at most once a second for each. Nodes that speak are
 * online; those that have been silent are marked offline by whichever server notices first.
 */
export class KnownNodes {
  readonly #nodes: PostgresNodes
  readonly #clock: Clock
  readonly #records = new Map<string, Known<NodeRecord | undefined>>()
  readonly #relations = new Map<string, Known<Relations>>()
  readonly #circles = new Map<string, Known<Circle>>()
  /** When each was last written down as present. */
  readonly #seen = new Map<string, number>()
  /** Who spoke here, and when last. */
  readonly #heard = new Map<string, { node: NodeRecord; at: number }>()

  constructor(nodes: PostgresNodes, clock: Clock) {
    this.#nodes = nodes
    this.#clock = clock
  }

  /** A node that may speak. @throws TerraneError `unknown_node`, `node_revoked` */
  async require(publicKey: string): Promise<NodeRecord> {
    const node = await fresh(this.#records, publicKey, this.#clock.now(), () => this.#nodes.find(publicKey))
    if (node === undefined) {
      throw new TerraneError('unknown_node', 'this node is not registered', {
        hint: 'Register it with a claim token: npx terrane node --claim-token …',
      })
    }
    if (node.status === 'revoked') {
      throw new TerraneError('node_revoked', 'the key of this node was revoked', {
        hint: 'Delete its key file, and register it again with a claim token.',
      })
    }
    this.#hear(node)
    return node
  }

  /** What a node runs now, which may be another version than when it registered. */
  async runs({ publicKey, version }: NodeRecord, now: string): Promise<void> {
    if (version === now) return
    await this.#nodes.updated(publicKey, now)
    this.forget(publicKey)
  }

  relationsOf(userId: string): Promise<Relations> {
    return fresh(this.#relations, userId, this.#clock.now(), () => this.#nodes.relationsOf(userId))
  }

  /** Those of `users` who are near to a node's owner, as far as the owner lets this node know them. */
  circleOf(node: NodeRecord, users: readonly string[]): Promise<Circle> {
    const key = `${node.publicKey} ${users.join(' ')}`
    return fresh(this.#circles, key, this.#clock.now(), async () => {
      const { guilds } = node.share
      const [friends, members] = await Promise.all([
        this.#nodes.friendsOf(node.userId),
        guilds.length === 0 ? [] : this.#nodes.membersAmong(guilds, users),
      ])
      return { friends: new Set(friends), guild: new Set(members) }
    })
  }

  /** Those of these nodes that have lied, and why. */
  distrusted(publicKeys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#nodes.distrusted(publicKeys)
  }

  /** Something about the node has changed. */
  forget(publicKey: string): void {
    this.#records.delete(publicKey)
  }

  /** Its owner has changed it: whoever asks for those present hears of it, too. */
  async changed(publicKey: string): Promise<void> {
    this.forget(publicKey)
    const heard = this.#heard.get(publicKey)
    if (heard === undefined) return
    const node = await this.#nodes.find(publicKey)
    if (node !== undefined && heard === this.#heard.get(publicKey)) heard.node = node
  }

  async left(publicKey: string): Promise<void> {
    this.#heard.delete(publicKey)
    this.#seen.delete(publicKey)
    this.forget(publicKey)
    await this.#nodes.left(publicKey)
  }

  /** Nodes that spoke here lately, as they were then. */
  get present(): readonly NodeRecord[] {
    return [...this.#heard.values()].map(({ node }) => node)
  }

  /**
   * Brings the table up to date with who is there.
   * @returns keys of nodes that have just been found gone
   */
  async reconcile(): Promise<readonly string[]> {
    const now = this.#clock.now()
    for (const [key, { at }] of this.#heard) if (now - at > SILENT_MS) this.#heard.delete(key)
    const present = [...this.#heard.keys()]
    for (const key of present) this.#seen.set(key, now)
    for (const key of this.#seen.keys()) if (!this.#heard.has(key)) this.#seen.delete(key)
    if (present.length > 0) await this.#nodes.seen(present)
    const gone = await this.#nodes.markSilent(SILENT_MS)
    for (const key of gone) this.forget(key)
    return gone
  }

  #hear(node: NodeRecord): void {
    const { publicKey } = node
    const now = this.#clock.now()
    this.#heard.set(publicKey, { node, at: now })
    if (now - (this.#seen.get(publicKey) ?? Number.NEGATIVE_INFINITY) < SEEN_EVERY_MS) return
    this.#seen.set(publicKey, now)
    // A failure is made good by the next reconciliation.
    this.#nodes.seen([publicKey]).then(
      () => this.forget(publicKey),
      () => this.#seen.delete(publicKey),
    )
  }
}

function fresh<T>(known: Map<string, Known<T>>, key: string, now: number, read: () => Promise<T>): Promise<T> {
  const found = known.get(key)
  if (found !== undefined && now - found.readAt < FRESH_MS) return found.value
  const value = read()
  known.delete(key)
  if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value ?? '')
  known.set(key, { value, readAt: now })
  value.catch(() => known.delete(key))
  return value
}
