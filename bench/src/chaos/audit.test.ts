import { expect, test } from 'vitest'
import { audit, type WorldRows } from './audit.js'
import { ACCOUNTS, START_BALANCE } from './kinds.js'

function rows(changes: Partial<WorldRows> = {}): WorldRows {
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => ({ id: `account-${i}`, balance: START_BALANCE }))
  return {
    accounts,
    structures: [],
    marks: [{ id: 'p:0', owner: 'p', page: 0, counts: '0110' }],
    tallies: [{ id: 'p', inputs: 2 }],
    ...changes,
  }
}

test('a world in order has no problems', () => {
  expect(audit(rows())).toEqual({ problems: [], kept: { p: 2 } })
})

test('money that came or went, doubled inputs, and kinds that disagree are found', () => {
  const { accounts } = rows()
  const [first, ...others] = accounts as readonly { id: string; balance: number }[]
  const structure = { id: 's', owner: 'p', account: 'account-0', worth: 10, x: 0, y: 0 }
  const problemsOf = (changes: Partial<WorldRows>) => audit(rows(changes)).problems.join('; ')
  expect(problemsOf({ accounts: others })).toContain('money')
  expect(problemsOf({ structures: [structure] })).toContain('money')
  expect(problemsOf({ accounts: [{ id: first?.id ?? '', balance: START_BALANCE - 10 }, ...others] })).toContain('money')
  const overdrawn = [{ id: 'a', balance: -10 }, { id: 'b', balance: 2 * START_BALANCE + 10 }, ...others.slice(1)]
  expect(problemsOf({ accounts: overdrawn })).toBe('account a holds -10')
  const twice = { marks: [{ id: 'p:0', owner: 'p', page: 0, counts: '0200' }] }
  expect(problemsOf(twice)).toBe('an input of p on page 0 was executed 2 times')
  expect(problemsOf({ tallies: [{ id: 'p', inputs: 3 }] })).toBe('p has 2 marks and a tally of 3')
  expect(problemsOf({ tallies: [] })).toBe('p has 2 marks and no tally')
})
