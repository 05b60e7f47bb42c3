import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const treeshake = {
  // The page takes a world's rules and none of its code: modules of worlds and packages only define things.
  moduleSideEffects: [{ test: /\/(worlds|packages)\//, sideEffects: false }],
  // Schemas of messages are for the server: with them zod would come, which probes for `eval` and so
  // breaks the page's content security policy.
  manualPureFunctions: ['z'],
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // Workspace packages come from their sources, so that the page needs no build of theirs.
  resolve: { conditions: ['terrane-source', 'module', 'browser', 'import', 'default'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rolldownOptions: { treeshake },
  },
  // Workers are bundles of their own.
  worker: { format: 'es', rolldownOptions: { treeshake } },
})
