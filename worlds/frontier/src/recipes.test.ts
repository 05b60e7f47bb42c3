import { expect, test } from 'vitest'
import { BLUEPRINTS, STRUCTURE_KINDS } from './blueprints.js'
import { HOLD_MASS_MAX } from './bounds.js'
import { CONTENT, contentOfBill, massOfBill, RESOURCES } from './goods.js'
import { RECIPE_NAMES, recipeOf } from './recipes.js'
import { refundOf } from './structures.js'

test.each(RECIPE_NAMES)('recipe %s: what goes in is what comes out and what is wasted', (name) => {
  const recipe = recipeOf(name)
  const used = contentOfBill(recipe.uses)
  for (const resource of RESOURCES) {
    expect(CONTENT[recipe.makes][resource] + recipe.waste[resource]).toBe(used[resource])
  }
})

test.each(STRUCTURE_KINDS)('%s: fits in a hold, and its refund is less than its cost', (kind) => {
  const { cost } = BLUEPRINTS[kind]
  const refund = refundOf(BLUEPRINTS[kind])
  expect(massOfBill(cost)).toBeLessThan(HOLD_MASS_MAX)
  const [spent, back] = [contentOfBill(cost), contentOfBill(refund)]
  for (const resource of RESOURCES) expect(back[resource]).toBeLessThanOrEqual(spent[resource])
  expect(massOfBill(refund)).toBeLessThan(massOfBill(cost))
})
