import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import arena from '../../../docs/examples/arena.js'
import islands from '../../../docs/examples/islands.js'
import mining from '../../../docs/examples/mining.js'
import { openTestZone } from './test-zone.js'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

describe('the README', () => {
  it('shows the examples as they are, the world in 40 lines', () => {
    const readme = read('README.md')
    for (const example of ['mining.ts', 'mining-player.ts']) {
      expect(readme).toContain(`\`\`\`ts\n${read(`docs/examples/${example}`)}\`\`\``)
    }
    expect(read('docs/examples/mining.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  })

  it('has a world that works', async () => {
    const t = await openTestZone(mining)
    const rock = [...(t.zone.tables.rocks?.all() ?? [])][0] as { id: string; x: number; y: number }
    expect(t.attempt('ann', 'move', { x: 5000, y: 0 })?.code).toBe('invalid_args')
    t.send('ann', 'move', { x: rock.x, y: rock.y })
    expect(t.send('ann', 'mine', { rock: rock.id })).toBe(1)
    for (let i = 0; i < 8; i++) t.send('ann', 'mine', { rock: rock.id })
    expect(t.attempt('ann', 'mine', { rock: rock.id })?.code).toBe('empty')
    await t.durable()
    const again = await t.crash()
    expect(again.zone.tables.ships?.get('ann')).toMatchObject({ ore: 9 })
  })
})

describe('the guide to messages between zones', () => {
  it('shows the example as it is', () => {
    expect(read('docs/guides/ops.md')).toContain(`\`\`\`ts\n${read('docs/examples/islands.ts')}\`\`\``)
  })

  it('has a world in which a gift arrives, and one for nobody comes back', async () => {
    const t = await openTestZone(islands, { zone: 'east' })
    const west = await t.engine.zone('west')
    const ben = west.open('ben', 'test', { onDurable: () => {}, onClosed: () => {} })
    t.send('ann', 'give', { zone: 'west', to: ben.player, coins: 30 })
    t.send('ann', 'give', { zone: 'west', to: 'nobody', coins: 50 })
    expect(t.zone.tables.accounts?.get('ann')).toMatchObject({ coins: 20 })
    await t.time.until(() => t.engine.statuses().every(({ ops }) => ops.outbox === 0))
    expect(t.zone.tables.accounts?.get('ann')).toMatchObject({ coins: 70 })
    expect(west.tables.accounts?.get('ben')).toMatchObject({ coins: 130 })
  })
})

describe('the guide to zones', () => {
  it('shows the example as it is', () => {
    expect(read('docs/guides/zones.md')).toContain(`\`\`\`ts\n${read('docs/examples/arena.ts')}\`\`\``)
  })

  it('has a world in which one zone writes a player’s score, whichever arena it plays in', async () => {
    const t = await openTestZone(arena, { zone: 'red' })
    const blue = await t.engine.zone('blue')
    const stream = blue.open('ann', 'test', { onDurable: () => {}, onClosed: () => {} })
    t.send('ann', 'slot')
    expect(blue.submit(stream, 1, arena.inputNames.indexOf('slot'), {})).toBeUndefined()
    await t.time.until(() => t.engine.statuses().length === 3)
    await t.time.until(() => t.engine.statuses().every(({ ops }) => ops.outbox === 0))
    const scores = t.engine.zones().flatMap(({ tables }) => [...(tables.scores?.all() ?? [])])
    expect(scores).toEqual([{ player: 'ann', points: 20 }])
    expect(t.engine.zones().map(({ id }) => id)).toEqual(['red', 'blue', expect.stringMatching(/^persona-[1-4]$/)])
  })
})

describe('the guide to the mission', () => {
  it('shows the example as it is', () => {
    expect(read('docs/guides/maglev.md')).toContain(`\`\`\`ts\n${read('docs/examples/maglev-player.ts')}\`\`\``)
  })
})
