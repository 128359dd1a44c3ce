// SPDX-License-Identifier: EUPL-1.2
// api.mjs [--check]: edge/api/openapi.json → lib/api/schema.d.ts; with --check, fails when the file is stale.
import openapiTS, { astToString } from 'openapi-typescript';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const source = new URL('../edge/api/openapi.json', root);
const out = new URL('lib/api/schema.d.ts', root);

if (!existsSync(source)) {
  console.error('edge/api/openapi.json is missing: the server writes it (go generate ./edge/api)');
  process.exit(1);
}
const text = '// SPDX-License-Identifier: EUPL-1.2\n// Made by scripts/api.mjs from edge/api/openapi.json: change the server.\n' + astToString(await openapiTS(source));
if (process.argv.includes('--check')) {
  if (!existsSync(out) || readFileSync(out, 'utf8') !== text) {
    console.error('lib/api/schema.d.ts is stale: run `npm run api`');
    process.exit(1);
  }
} else writeFileSync(out, text);
