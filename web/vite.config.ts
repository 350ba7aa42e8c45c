import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { shell } from './vite/shell.ts';

/** Where `npm run dev` finds a running server. */
const server = process.env['MYNA_DEV_SERVER'] ?? 'http://localhost:8080';

export default defineConfig({
  base: './', // works below any path: the server puts that into <base>
  plugins: [svelte({ compilerOptions: { runes: true } }), shell('node_modules/.myna/chunks.json')],
  build: {
    outDir: '../internal/webui/dist',
    emptyOutDir: true, // placeholder.html comes back from public/
    target: 'es2024',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // the first with light-dark(), which must not be compiled away: the sidebar is dark in both themes
    sourcemap: false,
    assetsInlineLimit: 0, // data: URLs would cost twice and hide from the cache
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw.ts' },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], environment: 'node' },
});
