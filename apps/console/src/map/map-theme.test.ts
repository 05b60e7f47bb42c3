import { expect, test } from 'vitest'
import { hex, mixColors } from './map-theme.js'

test('colours mix by channel', () => {
  expect(mixColors(0x000000, 0xffffff, 0.5)).toBe(0x808080)
  expect(mixColors(0x102030, 0xffffff, 0)).toBe(0x102030)
  expect(mixColors(0x102030, 0x405060, 1)).toBe(0x405060)
})

test('colours are written with all their digits', () => {
  expect(hex(0x00000f)).toBe('#00000f')
})
