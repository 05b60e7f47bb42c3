/**
 * Conditions are compiled once per job to flat code for a stack machine: pairs of an operation and its argument in one
 * Int32Array. Compared with a tree of closures there is no call per node. Where code may be generated
 * (`generate/`), this is what its expressions are read from.
 */
export const OP = {
  CONST: 0,
  TIME: 1,
  TIME_LEFT: 2,
  GCD: 3,
  HASTE: 4,
  HEALTH: 5,
  POWER: 6,
  POWER_DEFICIT: 7,
  AURA_UP: 8,
  AURA_STACKS: 9,
  AURA_REMAINS: 10,
  AURA_REFRESHABLE: 11,
  COOLDOWN_READY: 12,
  COOLDOWN_REMAINS: 13,
  CHARGES: 14,
  CAST_TIME: 15,
  PREVIOUS: 16,
  ADD: 17,
  SUBTRACT: 18,
  MULTIPLY: 19,
  DIVIDE: 20,
  NEGATE: 21,
  NOT: 22,
  LESS: 23,
  LESS_EQUAL: 24,
  GREATER: 25,
  GREATER_EQUAL: 26,
  EQUAL: 27,
  NOT_EQUAL: 28,
  /** To the argument when the top is 0, which then stays; otherwise the top goes. */
  AND: 29,
  OR: 30,
  END: 31,
} as const

/** Values on the stack at once; expressions that need more are refused. */
export const STACK_DEPTH_MAX = 32
