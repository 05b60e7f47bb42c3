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
    // Ends what hangs. It judges no speed: machines that also do other things are slow.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
