// The layer table of ARCHITECTURE.md as dependency-cruiser rules. Type-only imports count too.

/** A package may import packages with a lower number. */
const LEVELS = {
  core: 0,
  causality: 1,
  combat: 1,
  protocol: 2,
  gamedata: 2,
  engine: 3,
  jobs: 3,
  ledger: 3,
  'store-memory': 4,
  'store-postgres': 4,
  bus: 4,
  gateway: 4,
  client: 5,
  // What a contributor's machine runs, in Node and in browsers, and the server's half of its conversation.
  node: 5,
  // One above the client: the simulator and the checks drive worlds through the client's own code.
  server: 6,
}

/** What these may import is not a matter of level but of what they stand for. */
const ALLOWED = {
  // Runs in browsers, against servers of other versions: it knows the protocol and nothing behind it.
  'packages/client': ['packages/core', 'packages/causality', 'packages/protocol'],
  // Pages read results of combat, and are nodes themselves.
  'apps/[^/]+': [
    'packages/client',
    'packages/combat',
    'packages/core',
    'packages/node',
    'packages/protocol',
    'worlds/[^/]+',
  ],
  // Worlds use what every team's world uses. If one needs more, the public API is wrong.
  'worlds/[^/]+': ['packages/engine', 'packages/client', 'packages/core'],
}

/** They prove the whole on a world of ours, so they play it. */
const MISSION = '^packages/server/src/(simulate/)?mission/'

/** Tests, and what stands in a folder `test-…` or `…-test` for them. */
const TEST_FILE = '(\\.(test|bench)\\.tsx?$|/(test-[^/]+|[^/]+-test)/)'
/** Tests reach for adapters and helpers of any level; what ships does not. */
const SHIPPED = { pathNot: TEST_FILE }

function levelRules() {
  return Object.entries(LEVELS).map(([name, level]) => {
    const tooHigh = Object.keys(LEVELS).filter((other) => other !== name && LEVELS[other] >= level)
    return {
      name: `level-of-${name}`,
      comment: `packages/${name} is on level ${level} and may import only lower levels`,
      severity: 'error',
      from: { path: `^packages/${name}/`, pathNot: [TEST_FILE, MISSION] },
      to: { path: `^(packages/(${[...tooHigh, 'none'].join('|')})|worlds|apps|bench)/` },
    }
  })
}

function allowRules() {
  return Object.entries(ALLOWED).map(([name, allowed]) => ({
    name: `imports-of-${name.replace('/[^/]+', '')}`,
    comment: `may import only itself and ${allowed.join(', ').replaceAll('/[^/]+', '')}`,
    severity: 'error',
    from: { path: `^(${name})/`, ...SHIPPED },
    to: { path: '^(packages|worlds|apps|bench)/', pathNot: [`^($1|${allowed.join('|')})/`] },
  }))
}

export const RULES = [
  ...levelRules(),
  ...allowRules(),
  {
    name: 'the-mission-plays-maglev',
    comment: 'the mission imports what the server may, and the world that it plays',
    severity: 'error',
    from: { path: MISSION, pathNot: TEST_FILE },
    to: { path: '^(worlds|apps|bench)/', pathNot: '^worlds/maglev/' },
  },
  {
    name: 'testing-is-for-tests',
    comment: 'packages/testing is imported by tests, the simulator, the mission and benchmarks only',
    severity: 'error',
    from: {
      path: '^(packages|worlds|apps)/',
      pathNot: [TEST_FILE, '^packages/testing/', '^packages/server/src/simulate/', MISSION],
    },
    to: { path: '^packages/testing/' },
  },
  {
    name: 'testing-is-below-the-server',
    comment: 'packages/testing serves every package, so it imports none that wires others',
    severity: 'error',
    from: { path: '^packages/testing/' },
    to: { path: '^(packages/(client|server)|worlds|apps|bench)/' },
  },
  {
    name: 'no-test-imports',
    comment: 'what ships does not import tests',
    severity: 'error',
    from: SHIPPED,
    to: { path: TEST_FILE },
  },
  {
    name: 'no-cycles',
    comment: 'two files that need each other are one thing in two files',
    severity: 'error',
    from: {},
    // Types may refer to each other: they are gone when the code runs.
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'resolvable',
    comment: 'the import leads nowhere',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true, pathNot: ['^virtual:', '\\?worker$'] },
  },
]

export const OPTIONS = {
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '/(dist|node_modules)/' },
  tsPreCompilationDeps: true,
  combinedDependencies: true,
  enhancedResolveOptions: {
    conditionNames: ['terrane-source', 'types', 'import', 'node', 'default'],
    exportsFields: ['exports'],
    extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
  },
}
