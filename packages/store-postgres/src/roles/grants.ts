import type { Session } from '../connection/session.js'
import type { Profile } from '../profile.js'

export type GrantKind = 'database' | 'schema' | 'table' | 'default'

/** Who was granted what, as the catalogue says: not what follows from memberships or ownership. */
export class Grants {
  readonly #privileges = new Map<string, string[]>()

  static async read(session: Session, profile: Profile): Promise<Grants> {
    const grants = new Grants()
    for (const [kind, object, grantee, privilege] of (await session.query(profile.access.grants)).rows) {
      const key = keyOf(kind ?? '', object ?? '', grantee ?? '')
      const known = grants.#privileges.get(key)
      if (known === undefined) grants.#privileges.set(key, [privilege ?? ''])
      else known.push(privilege ?? '')
    }
    return grants
  }

  /** @param grantee a role, or `public` for what everybody may do */
  of(kind: GrantKind, object: string, grantee: string): readonly string[] {
    return this.#privileges.get(keyOf(kind, object, grantee)) ?? []
  }

  missing(kind: GrantKind, object: string, grantee: string, wanted: readonly string[]): readonly string[] {
    const granted = this.of(kind, object, grantee)
    return wanted.filter((privilege) => !granted.includes(privilege))
  }

  excess(kind: GrantKind, object: string, grantee: string, wanted: readonly string[]): readonly string[] {
    return this.of(kind, object, grantee).filter((privilege) => !wanted.includes(privilege))
  }
}

function keyOf(kind: string, object: string, grantee: string): string {
  return JSON.stringify([kind, object, grantee])
}
