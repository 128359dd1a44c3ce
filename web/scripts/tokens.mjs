// SPDX-License-Identifier: EUPL-1.2
// tokens.mjs [--check]: tokens.json → lib/tokens.css; with --check, fails when the file is stale.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const tokens = JSON.parse(readFileSync(new URL('tokens.json', root), 'utf8'));

const colours = (theme, pad) => Object.entries(tokens[theme]).map(([k, v]) => `${pad}--${k}: ${v};`).join('\n');
const list = (name, values) => values.map((v, i) => `  --${name}${i + 1}: ${v}px;`).join('\n');
const type = Object.entries(tokens.type).filter(([, v]) => /^\d+\/\d+$/.test(v))
  .map(([k, v]) => `  --f-${k}: ${v.replace(/(\d+)\/(\d+)/, (_, a, b) => `${a / 16}rem/${b / 16}rem`)};`).join('\n');

const css = `/* SPDX-License-Identifier: EUPL-1.2 */
/* Made by scripts/tokens.mjs from tokens.json: change that file. */
:root {
  color-scheme: light;
${colours('light', '  ')}
${list('s', tokens.space)}
${list('r', tokens.radius)}
${Object.entries(tokens.row).map(([k, v]) => `  --row-${k}: ${v}px;`).join('\n')}
  --control-height: ${tokens.control['min-height']}px;
  --family: '${tokens.type.family}', 'Source Sans 3', system-ui, sans-serif;
${type}
}
:root[data-theme='dark'] {
  color-scheme: dark;
${colours('dark', '  ')}
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme]) {
    color-scheme: dark;
${colours('dark', '    ')}
  }
}
`;

const out = new URL('lib/tokens.css', root);
if (process.argv.includes('--check')) {
  if (readFileSync(out, 'utf8') !== css) {
    console.error('lib/tokens.css is stale: run `node scripts/tokens.mjs`');
    process.exit(1);
  }
} else writeFileSync(out, css);
