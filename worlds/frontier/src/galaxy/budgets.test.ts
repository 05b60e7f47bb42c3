import { expect, test } from 'vitest'
import { bandNamed, bandOf, SIZE_BANDS } from './budgets.js'

test('the table: first and last row as published, those between derived from the last', () => {
  const rows = SIZE_BANDS.map(({ name, spacing, budget }) => {
    const text = Object.entries(budget).map(([sort, [least, most]]) => `${sort} ${least}–${most}`)
    return `${name}: ${spacing} hops; ${text.join(', ')}`
  })
  expect(rows).toMatchInlineSnapshot(`
    [
      "100–300: 3 hops; total 0–1",
      "301–600: 5 hops; bubble 2–3, tunnel 2–2, dead_end 3–3, blister 1–2, escape_hatch 1–1, warp_sink 1–2, backdoor_per_bubble 1–1",
      "601–800: 5 hops; bubble 3–3, tunnel 2–3, dead_end 3–4, blister 1–2, escape_hatch 1–1, warp_sink 1–2, backdoor_per_bubble 1–1",
      "801–1,200: 5 hops; bubble 3–4, tunnel 2–3, dead_end 4–5, blister 2–2, escape_hatch 1–2, warp_sink 2–2, backdoor_per_bubble 1–2",
      "1,201–1,500: 5 hops; bubble 4–5, tunnel 3–4, dead_end 5–6, blister 2–3, escape_hatch 1–2, warp_sink 2–3, backdoor_per_bubble 1–2",
    ]
  `)
})

test.each([
  [100, '100–300'],
  [300, '100–300'],
  [301, '301–600'],
  [600, '301–600'],
  [601, '601–800'],
  [801, '801–1,200'],
  [1_200, '801–1,200'],
  [1_201, '1,201–1,500'],
  [1_500, '1,201–1,500'],
])('%i sectors are in the band %s', (sectors, name) => {
  expect(bandOf(sectors)).toBe(bandNamed(name))
})

test.each([99, 1_501, 5_000, 0, -1, 300.5, Number.NaN])('%d sectors are refused', (sectors) => {
  expect(() => bandOf(sectors)).toThrow(expect.objectContaining({ code: 'galaxy_region_size' }))
})

test('a band that there is not is refused, with those that there are', () => {
  expect(() => bandNamed('600–700')).toThrow(expect.objectContaining({ code: 'galaxy_band' }))
})
