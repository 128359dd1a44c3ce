// SPDX-License-Identifier: EUPL-1.2
// remote.mjs URL AGENT.WAV: a desk in Chromium that does what it is told, one JSON array [verb, ...words] a line on
// stdin, one JSON line of answer: {ok} or {error, screen}. At the end of stdin it says its faults, {faults}, and closes.
import { createInterface } from 'node:readline';
import { launch, peak, watch } from './browser.mjs';
import { record } from './capture.mjs';
import { plants } from './plants.mjs';

const [url, wav] = process.argv.slice(2);
const faults = [];
const browser = await launch([`--use-file-for-fake-audio-capture=${wav}`]);
const context = await browser.newContext({ locale: 'fr-FR', timezoneId: 'Europe/Paris', viewport: { width: 1440, height: 810 }, ignoreHTTPSErrors: true });
const page = await context.newPage();
page.setDefaultTimeout(60_000);
await watch(page, url, faults);
const id = (name, state) => page.locator(`[data-testid="${name}"]${state ? `[data-state="${state}"]` : ''}`);

let recorded; // what came to the page, once it is asked for

const mark = () => page.evaluate(() => { window.__page = 'the same'; });

const verbs = {
  async signIn(login, password) {
    await page.goto(`${url}/desk/`);
    await mark();
    await id('login').fill(login);
    await id('password').fill(password);
    await id('sign-in').click();
    await id('live', 'open').waitFor();
  },
  async ready() {
    await id('probe').click();
    await id('microphone', 'passed').waitFor();
    await id('ready').click();
    await id('idle').waitFor();
  },
  wait: (name, state) => id(name, state).first().waitFor(),
  gone: (name) => id(name).first().waitFor({ state: 'detached' }),
  fill: (name, text) => id(name).first().fill(text),
  click: (name) => id(name).first().click(),
  press: (key) => page.keyboard.press(key),
  hears: () => peak(page),
  async reload() {
    await page.reload();
    await mark();
  },
  /** Records all that comes from now on, and writes it into a file with what stands then. */
  async record() { recorded = await record(page); },
  capture: (file) => recorded.write(file),
  /** The status of an answer to the page's own session. */
  status: (method, path) => page.evaluate(async ([method, path]) => {
    const answer = await fetch(path, { method });
    await answer.arrayBuffer();
    return answer.status;
  }, [method, path]),
  /** Plants a leak in the page. */
  plant: (name, value) => plants[name](page, value),
  /** What the page does with a right click on something, and with dragging it. */
  holdsBack: (name) => id(name).locator('canvas').first().evaluate((canvas) => ['contextmenu', 'dragstart', 'selectstart', 'copy'].every((type) => !canvas.dispatchEvent(new Event(type, { bubbles: true, cancelable: true })))),
  /** Whether the page's own search finds a text. */
  finds: (text) => page.evaluate((text) => { const found = window.find(text); getSelection().removeAllRanges(); return found; }, text),
  /** Whether the page was loaded by us only. */
  same: () => page.evaluate(() => window.__page === 'the same'),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...words] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ ok: (await verbs[verb](...words)) ?? true }));
  } catch (e) {
    const screen = await page.locator('body').innerText().catch(() => '');
    console.log(JSON.stringify({ error: `${line}: ${String(e.message ?? e).split('\n')[0]}`, screen: screen.replace(/\s+/g, ' ').slice(0, 1500), faults }));
  }
}
await browser.close();
console.log(JSON.stringify({ faults }));
