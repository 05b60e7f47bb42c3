import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['terrane-source'] },
  ssr: { resolve: { conditions: ['terrane-source', 'node'] } },
  test: {
    globalSetup: ['packages/store-postgres/src/test-server/global-setup.ts'],
    include: ['{packages,worlds,apps}/*/src/**/*.test.ts', 'bench/src/**/*.test.ts'],
    // Two cores: more workers only make real databases and browsers wait for each other.
    maxWorkers: 2,
    retry: 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
