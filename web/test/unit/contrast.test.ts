// SPDX-License-Identifier: EUPL-1.2
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const tokens = JSON.parse(readFileSync(`${process.cwd()}/tokens.json`, 'utf8')) as Record<'light' | 'dark', Record<string, string>>;

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a: string, b: string): number {
  const [hi = 0, lo = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

// text 7, secondary and status 4.5, borders of controls and focus 3
const pairs: [string, string, number][] = [
  ...['bg', 'surface', 'sunken'].flatMap((bg) => ([['text', 7], ['muted', 4.5], ['accent', 4.5], ['control', 3], ['focus', 3], ['ok', 4.5], ['warn', 4.5], ['danger', 4.5], ['info', 4.5]] as const).map(([fg, min]): [string, string, number] => [fg, bg, min])),
  ...['ok', 'warn', 'danger', 'info', 'accent'].map((c): [string, string, number] => [c, `${c}-soft`, 4.5]),
  ['text', 'accent-soft', 7], ['on-accent', 'accent', 4.5], ['on-danger', 'danger', 4.5],
];

test('35 pairs in two themes have their contrast', () => {
  expect(pairs).toHaveLength(35);
  for (const theme of ['light', 'dark'] as const) for (const [fg, bg, min] of pairs) {
    expect(ratio(tokens[theme][fg] ?? '', tokens[theme][bg] ?? ''), `${theme}: ${fg} on ${bg}`).toBeGreaterThanOrEqual(min);
  }
});
