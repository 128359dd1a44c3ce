// SPDX-License-Identifier: EUPL-1.2
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** One app per run, named by APP; `scripts/build.mjs` builds all three. */
const app = process.env.APP ?? 'desk';

export default defineConfig({
  root: resolve(root, app),
  base: `/${app}/`,
  publicDir: false,
  plugins: [svelte({ configFile: resolve(root, 'svelte.config.js') })],
  resolve: { alias: { $lib: resolve(root, 'lib') } },
  build: {
    outDir: resolve(root, 'dist', app),
    emptyOutDir: true,
    // data: URLs are refused by the content security policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
  },
});
