import type { Store } from '@terrane/engine'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContractContext, ContractOptions } from './store-contract.js'
import { changesOf, collectRows, SLOTS } from './store-contract-kinds.js'
import { bytesOf, readAll } from './store-contract-log.js'

/** The simplest thing that behaves as S1–S8 say for one zone. */
class ZoneModel {
  log: { seq: number; epoch: number; payload: string }[] = []
  trimmed = 0
  epoch = 0
  checkpoint = 0
  slots = new Map<number, string>()

  get head(): number {
    return this.log.at(-1)?.seq ?? 0
  }
}

interface Step {
  readonly action: 'append' | 'checkpoint' | 'trim' | 'claim' | 'read'
  /** Which of two processes acts. */
  readonly process: 0 | 1
  /** Distance from the right position: 0 succeeds, all else must be refused. */
  readonly off: number
  readonly slot: number
}

const anySteps = fc.array(
  fc.record<Step>({
    action: fc.constantFrom('append', 'append', 'append', 'checkpoint', 'trim', 'claim', 'read'),
    process: fc.constantFrom(0, 1),
    off: fc.constantFrom(0, 0, 0, 0, -1, -2, 1),
    slot: fc.integer({ min: 0, max: 5 }),
  }),
  { minLength: 5, maxLength: 30 },
)

async function runStep(store: Store, zone: string, model: ZoneModel, step: Step): Promise<void> {
  const { off, slot } = step
  switch (step.action) {
    case 'append': {
      const seq = Math.max(1, model.head + 1 + off)
      const payload = `${seq}-${slot}`
      const expected = seq === model.head + 1 ? 'committed' : 'fenced'
      expect(await store.log.append([{ zone, seq, epoch: model.epoch, payload: bytesOf(payload) }])).toEqual([expected])
      if (expected === 'committed') model.log.push({ seq, epoch: model.epoch, payload })
      return
    }
    case 'checkpoint': {
      const from = model.checkpoint + off
      const to = Math.max(from, model.head)
      const changes = [changesOf(SLOTS, [[slot, `at ${to}`]], [(slot + 1) % 6])]
      const write = { zone, epoch: model.epoch, from, to, changes, streams: [], endedStreams: [] }
      const expected = off === 0 ? 'written' : 'fenced'
      expect(await store.checkpoints.write(write)).toBe(expected)
      if (expected === 'fenced') return
      model.checkpoint = to
      model.slots.delete((slot + 1) % 6)
      model.slots.set(slot, `at ${to}`)
      return
    }
    case 'trim': {
      const upTo = model.head + off
      const limit = Math.max(model.trimmed, Math.min(upTo, model.checkpoint, model.head - 1))
      expect(await store.log.trim(zone, upTo)).toBe(limit - model.trimmed)
      model.log = model.log.filter(({ seq }) => seq > limit)
      model.trimmed = limit
      return
    }
    case 'claim': {
      const claim = await store.zones.claim(zone, 'owner', 60_000)
      model.epoch++
      expect(claim).toEqual({
        claimed: true,
        epoch: model.epoch,
        checkpoint: model.checkpoint,
        existed: model.head > 0 || model.checkpoint > 0,
        number: expect.any(Number),
      })
      return
    }
    case 'read': {
      const after = Math.max(model.trimmed, model.head - 3 + off)
      const entries = await readAll(store.log, zone, after)
      const texts = entries.map(({ seq, epoch, payload }) => ({
        seq,
        epoch,
        payload: new TextDecoder().decode(payload),
      }))
      expect(texts).toEqual(model.log.filter(({ seq }) => seq > after))
    }
  }
}

export function modelContract(get: () => ContractContext, { runs }: ContractOptions): void {
  test('S1, S2, S4, S5, S6, S8: any sequence of calls from two processes agrees with the model', async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const { store, other, zone } = get()
        const name = zone()
        const model = new ZoneModel()
        await runStep(store, name, model, { action: 'claim', process: 0, off: 0, slot: 0 })
        for (const step of steps) await runStep(step.process === 0 ? store : other, name, model, step)
        await runStep(other, name, model, { action: 'read', process: 1, off: -100, slot: 0 })
        const head = model.log.at(-1)
        expect(await other.log.headOf(name)).toEqual(head && { seq: head.seq, epoch: head.epoch })
        const rows = await collectRows(store.checkpoints.rows(name, SLOTS))
        expect(new Map([...rows].map(([slot, row]) => [slot, row[1]]))).toEqual(model.slots)
      }),
      { numRuns: runs },
    )
  })
}
