import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeRecorded } from '../dialect/recorded-suite.js'
import { migrate } from '../migrations/migrator.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'
import type { PostgresNodes } from './node-store.js'
import { type JobsDatabase, openJobsDatabase } from './open.js'

const HOUR_MS = 3_600_000
const NODE = { name: 'tower', totalCores: 8, maxParallel: 6, platform: 'linux-x64', version: '0.1.0' }

describeRecorded('nodes in the database', () => {
  let database: TestDatabase
  let opened: JobsDatabase
  let nodes: PostgresNodes

  beforeAll(async () => {
    database = await createTestDatabase()
    await migrate({ url: database.url, profile: 'cockroach' }, undefined, {}, () => {})
    opened = await openJobsDatabase({ url: database.url, profile: 'cockroach' })
    nodes = opened.nodes
  })

  afterAll(async () => {
    await opened?.close()
    await database?.drop()
  })

  beforeEach(async () => {
    for (const table of ['nodes', 'nodes_permissions', 'node_claim_tokens', 'friend_lists', 'friend_list_members']) {
      await database.query(`DELETE FROM ${table}`)
    }
    await nodes.addClaimToken('ada', 'token', HOUR_MS)
  })

  test('a node is registered by a token that is valid, and is nobody else’s', async () => {
    expect(await nodes.register('key', 'wrong', NODE)).toBeUndefined()
    await nodes.addClaimToken('ada', 'old', 0)
    expect(await nodes.register('key', 'old', NODE)).toBeUndefined()
    expect(await nodes.register('key', 'token', NODE)).toEqual({ userId: 'ada' })
    expect(await nodes.find('key')).toMatchObject({
      ...NODE,
      publicKey: 'key',
      userId: 'ada',
      status: 'offline',
      share: { friends: false, public: false, guilds: [] },
    })
    await nodes.removeClaimTokens('ada')
    expect(await nodes.register('key', 'token', NODE)).toBeUndefined()
    expect(await nodes.ofUser('ada')).toHaveLength(1)
  })

  test('what was found out about a node stays with it, whoever registers it and by whatever key', async () => {
    await nodes.register('key', 'token', NODE)
    expect(await nodes.find('key')).toMatchObject({ confirmations: 0, distrust: undefined })
    await nodes.confirm('key', 3)
    await nodes.confirm('key', 4)
    await nodes.distrust('key', 'it lied')
    await nodes.distrust('key', 'it lied again')
    await nodes.register('key', 'token', NODE)
    expect(await nodes.find('key')).toMatchObject({ confirmations: 7, distrust: 'it lied' })
    expect(await nodes.rotate('key', 'next')).toBe(true)
    expect(await nodes.find('next')).toMatchObject({ confirmations: 7, distrust: 'it lied' })
    await nodes.register('other', 'token', NODE)
    expect(await nodes.distrusted(['next', 'other', 'nobody'])).toEqual(new Map([['next', 'it lied']]))
  })

  test('a node that comes with another’s token is theirs, and shared with nobody', async () => {
    await nodes.register('key', 'token', NODE)
    await nodes.change('key', 'ada', { share: { friends: true, public: true, guilds: ['g1', 'g1'] } })
    await nodes.register('key', 'token', { ...NODE, name: 'renamed' })
    expect((await nodes.find('key'))?.share).toEqual({ friends: true, public: true, guilds: ['g1'] })
    await nodes.addClaimToken('bob', 'of-bob', HOUR_MS)
    await nodes.register('key', 'of-bob', NODE)
    expect(await nodes.find('key')).toMatchObject({
      userId: 'bob',
      share: { friends: false, public: false, guilds: [] },
    })
  })

  test('only the owner changes and revokes; a revoked key never comes back', async () => {
    await nodes.register('key', 'token', NODE)
    expect(await nodes.change('key', 'eve', { maxParallel: 1 })).toBe(false)
    expect(await nodes.change('key', 'ada', { maxParallel: 2, name: 'mine' })).toBe(true)
    expect(await nodes.find('key')).toMatchObject({ maxParallel: 2, name: 'mine' })
    expect(await nodes.revoke('key', 'eve')).toBe(false)
    expect(await nodes.revoke('key', 'ada')).toBe(true)
    expect(await nodes.register('key', 'token', NODE)).toBeUndefined()
    expect(await nodes.seen(['key'])).toEqual([])
    expect(await nodes.rotate('key', 'next')).toBe(false)
    expect((await nodes.find('key'))?.status).toBe('revoked')
  })

  test('a rotated key takes settings along and leaves a revoked one behind', async () => {
    await nodes.register('key', 'token', NODE)
    await nodes.register('other', 'token', NODE)
    await nodes.change('key', 'ada', { share: { friends: true, public: false, guilds: ['g'] } })
    expect(await nodes.rotate('key', 'other')).toBe(false)
    expect(await nodes.rotate('key', 'next')).toBe(true)
    expect(await nodes.find('next')).toMatchObject({ userId: 'ada', share: { friends: true, guilds: ['g'] } })
    expect((await nodes.find('key'))?.status).toBe('revoked')
  })

  test('who is seen is online until it leaves or has been silent', async () => {
    for (const key of ['a', 'b', 'c']) await nodes.register(key, 'token', NODE)
    expect((await nodes.seen(['a', 'b', 'stranger'])).toSorted()).toEqual(['a', 'b'])
    await nodes.left('a')
    expect(await nodes.markSilent(HOUR_MS)).toEqual([])
    await database.query("UPDATE nodes SET last_seen_at = now() - INTERVAL '2 hours'")
    expect(await nodes.markSilent(HOUR_MS)).toEqual(['b'])
    expect((await nodes.ofUser('ada')).map(({ status }) => status)).toEqual(['offline', 'offline', 'offline'])
  })

  test('what its owner has paused anybody in charge resumes, what an operator has only an operator', async () => {
    await nodes.register('key', 'token', NODE)
    const states: unknown[] = []
    const steps = [
      ['ada', true],
      ['ada', false],
      ['ada', true],
      [undefined, true],
      ['ada', false],
      [undefined, false],
    ] as const
    for (const [user, isPaused] of steps) states.push((await nodes.pause('key', user, isPaused))?.pausedBy)
    expect(states).toEqual(['owner', undefined, 'owner', 'operator', 'operator', undefined])
    expect(await nodes.pause('key', 'eve', true)).toBeUndefined()
    await nodes.pause('key', undefined, true)
    await nodes.register('key', 'token', NODE)
    expect(await nodes.find('key')).toMatchObject({ pausedBy: 'operator' })
    await nodes.rotate('key', 'next')
    expect(await nodes.all(10)).toMatchObject([{ publicKey: 'next', pausedBy: 'operator' }])
  })

  test('accounts are given to users, and guilds their members', async () => {
    await nodes.addMembers('g9', ['d-1', 'd-2', 'd-1'])
    await nodes.identify('discord', 'd-1', 'eve')
    await nodes.identify('discord', 'd-1', 'fay')
    expect(await nodes.membersOf('g9')).toEqual([
      { discordId: 'd-1', userId: 'fay' },
      { discordId: 'd-2', userId: undefined },
    ])
    expect(await nodes.relationsOf('fay')).toMatchObject({ guilds: ['g9'] })
    await nodes.removeMembers('g9', ['d-1', 'd-3'])
    expect(await nodes.membersOf('g9')).toEqual([{ discordId: 'd-2', userId: undefined }])
  })

  test('friends come by a code, and guilds by the account at Discord', async () => {
    const code = await nodes.inviteCode('ada', 'code-1')
    expect(await nodes.inviteCode('ada', 'code-2')).toBe(code)
    expect(await nodes.befriend('nothing', 'bob')).toBeUndefined()
    expect(await nodes.befriend(code, 'bob')).toBe('ada')
    await nodes.befriend(code, 'bob')
    expect(await nodes.befriend(code, 'ada')).toBe('ada')
    expect(await nodes.friendsOf('ada')).toEqual(['bob'])
    await database.query("INSERT INTO auth.identities VALUES ('discord', 'd-bob', 'bob'), ('other', 'd-eve', 'bob')")
    await database.query("INSERT INTO guild_members VALUES ('g1', 'd-bob'), ('g2', 'd-eve')")
    expect(await nodes.relationsOf('bob')).toEqual({ friendOf: ['ada'], guilds: ['g1'] })
    expect(await nodes.membersAmong(['g1', 'g2'], ['ada', 'bob'])).toEqual(['bob'])
    expect(await nodes.membersAmong(['g2'], ['ada', 'bob'])).toEqual([])
    await nodes.addClaimToken('bob', 'of-bob', HOUR_MS)
    await nodes.register('node-of-bob', 'of-bob', NODE)
    expect((await nodes.find('node-of-bob'))?.discordId).toBe('d-bob')
    await nodes.unfriend('ada', 'bob')
    expect((await nodes.relationsOf('bob')).friendOf).toEqual([])
  })
})
