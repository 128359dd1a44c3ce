// SPDX-License-Identifier: EUPL-1.2
// What the content security policy and the licence ask of every source file.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const files = ['lib', 'desk', 'control', 'appeler', 'scripts', 'test'].flatMap((dir) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((f) => `${dir}/${f}`)).filter((f) => /\.(ts|mjs|svelte|css)$/.test(f) && !f.includes('/shots/'));

test('there are files to look at', () => expect(files.length).toBeGreaterThan(60));

test.each(files)('%s', (file) => {
  const text = readFileSync(file, 'utf8');
  expect(text.split('\n').slice(0, 1).join(), 'licence on the first line').toMatch(/SPDX-License-Identifier: EUPL-1\.2/);
  if (file.endsWith('.svelte')) expect(text, 'a static style attribute is refused by the policy').not.toMatch(/\sstyle="/);
  if (!file.startsWith('test/') && !file.endsWith('.d.ts')) {
    expect(text, 'no other host').not.toMatch(/https?:\/\/(?!localhost|\$\{)[a-z]/);
    expect(text, 'no HTML from strings').not.toMatch(/\{@html|innerHTML/);
    expect(text, 'icons are imported one by one').not.toMatch(/from '@lucide\/svelte'/);
  }
});
