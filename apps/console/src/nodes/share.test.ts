import { expect, test } from 'vitest'
import { describeShare, LEVELS, levelOf, parseGuilds, shareOf } from './share.js'

test('a level survives being saved and read, and each includes those before it', () => {
  for (const { id } of LEVELS) expect(levelOf(shareOf(id, ['7']))).toBe(id)
  expect(shareOf('public', ['7'])).toEqual({ public: true, friends: true, guilds: ['7'] })
  expect(shareOf('me', ['7'])).toEqual({ public: false, friends: false, guilds: [] })
})

test('says for whom a node computes', () => {
  expect(LEVELS.map(({ id }) => describeShare(shareOf(id, parseGuilds('7, 8 7'))))).toEqual([
    'only for you',
    'for you and 2 guilds',
    'for you and friends and 2 guilds',
    'for everybody',
  ])
})
