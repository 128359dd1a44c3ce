// SPDX-License-Identifier: EUPL-1.2
// build.mjs: builds the three apps into dist/ and fails when the first page of one weighs too much.
import { readFileSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';

const root = new URL('..', import.meta.url).pathname;
const budget = { desk: 120_000, control: 160_000, appeler: 60_000 }; // bytes of JavaScript, gzip

let failed = false;
for (const [app, limit] of Object.entries(budget)) {
  const run = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit', env: { ...process.env, APP: app } });
  if (run.status !== 0) process.exit(run.status ?? 1);
  const assets = `${root}dist/${app}/assets/`;
  const js = readdirSync(assets).filter(f => f.endsWith('.js')).reduce((n, f) => n + gzipSync(readFileSync(assets + f)).length, 0);
  const heavy = js > limit;
  failed ||= heavy;
  console.log(`${app}: ${(js / 1000).toFixed(1)} kB of JavaScript, gzip (at most ${limit / 1000})${heavy ? ': TOO MUCH' : ''}`);
}
process.exit(failed ? 1 : 0);
