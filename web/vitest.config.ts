// SPDX-License-Identifier: EUPL-1.2
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

export default defineConfig({
  plugins: [svelte({ configFile: resolve(root, 'svelte.config.js') })],
  resolve: { alias: { $lib: resolve(root, 'lib') }, conditions: ['browser'] },
  test: { include: ['test/unit/**/*.test.ts'], environment: 'jsdom', setupFiles: ['lib/i18n/staff.ts'] },
});
