import { expect, test } from 'vitest'
import { Presence, type PresenceChange } from './presence.js'

const meta = (phx_ref: string) => ({ phx_ref, online_at: 1, client: 'main' })

test('follows Phoenix Presence: state, diffs, second sessions, and a state after a reconnect', () => {
  const presence = new Presence((thrown) => {
    throw thrown
  })
  const changes: string[] = []
  const names = (players: PresenceChange['joined']) => players.map((each) => each.player).join()
  const end = presence.onChange(({ joined, left }) => changes.push(`+${names(joined)} -${names(left)}`))

  presence.onState({ ann: { metas: [meta('1')] }, bob: { metas: [meta('2')] } })
  presence.onDiff({ joins: { ann: { metas: [meta('3')] }, cyd: { metas: [meta('4')] } }, leaves: {} })
  expect(presence.get('ann')?.metas.map((each) => each.phx_ref)).toEqual(['1', '3'])
  presence.onDiff({ joins: {}, leaves: { ann: { metas: [meta('1')] }, bob: { metas: [meta('2')] } } })
  expect(presence.list().map((each) => each.player)).toEqual(['ann', 'cyd'])
  // A session that is replaced joins and leaves in one message.
  presence.onDiff({ joins: { cyd: { metas: [meta('5')] } }, leaves: { cyd: { metas: [meta('4')] } } })
  presence.onState({ cyd: { metas: [meta('6')] }, dee: { metas: [meta('7')] } })
  end()
  presence.onState({})

  expect(changes).toEqual(['+ann,bob -', '+cyd -', '+ -bob', '+dee -ann'])
  expect(presence.size).toBe(0)
})
