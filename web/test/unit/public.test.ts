// SPDX-License-Identifier: EUPL-1.2
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fr as staff } from '$lib/i18n/staff.fr';

const root = resolve(import.meta.dirname, '../..');

/** Every source that a page imports, by way of others too; types alone do not count. */
function reach(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const m of readFileSync(file, 'utf8').matchAll(/^\s*import (?!type )[^;]*?'(\$lib\/[^']+|\.[^']+)'/gm)) {
    const path = (m[1] ?? '').startsWith('$lib') ? resolve(root, 'lib', (m[1] ?? '').slice(5)) : resolve(dirname(file), m[1] ?? '');
    const found = [path, `${path}.ts`].find((p) => /\.(ts|svelte)$/.test(p) && (() => { try { readFileSync(p); return true; } catch { return false; } })());
    if (found) reach(found, seen);
  }
  return seen;
}

// A citizen's page does not carry the texts of desk and control room: what it shows must not ask for one.
test('the citizen’s page asks for no text that it does not carry', () => {
  const sources = reach(resolve(root, 'appeler/main.ts'));
  expect(sources.size).toBeGreaterThan(5);
  for (const file of sources) {
    if (file.endsWith('.svelte')) for (const key of Object.keys(staff)) expect(readFileSync(file, 'utf8'), file).not.toContain(`t().${key}.`);
    expect(file).not.toContain('staff');
  }
});
