// SPDX-License-Identifier: EUPL-1.2
// drive.mjs <url> <login> <password> [options]: one call in Chromium at the desk of a real server, one JSON line on stdout.
//   --totp=123456        the code of an account that needs one
//   --wav=file           what the agent says: 48 kHz, 16 bit; without it Chromium's own beeps
//   --wait=seconds       how long to wait for an offer (60)
//   --disposition=code   what to close with (the first of the list)
//   --shots=dir          pictures of each step
//   --loopback           the far end of the call is played inside the page: against test/mock.mjs, which has no media
// The line: errors, violations, foreign requests, milliseconds of each step, what was shown, and the tone that was heard.
// Exit 1 when a step failed or anything was violated.
import { launch, loopback, peak, watch } from './browser.mjs';

const [url, login, password, ...rest] = process.argv.slice(2);
const option = Object.fromEntries(rest.map((o) => { const [k, v = true] = o.replace(/^--/, '').split('='); return [k, v]; }));
const id = (s) => `[data-testid="${s}"]`;
const out = { steps: {}, faults: [] };
const browser = await launch(option.wav ? [`--use-file-for-fake-audio-capture=${option.wav}`] : []);
const context = await browser.newContext({ viewport: { width: 1440, height: 810 }, locale: 'fr-FR', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', ignoreHTTPSErrors: true });
if (option.loopback) await context.addInitScript(loopback);
const page = await context.newPage();
page.setDefaultTimeout(15_000);

let start = performance.now();
async function step(name, what) {
  start = performance.now();
  out.step = name;
  const got = await what();
  out.steps[name] = Math.round(performance.now() - start);
  if (option.shots) await page.screenshot({ path: `${option.shots}/${Object.keys(out.steps).length}-${name}.png` });
  return got;
}
const state = (s) => page.waitForSelector(`${id('call-bar')}[data-state=${s}]`);
const text = async (s) => (await page.locator(id(s)).first().textContent())?.trim();

try {
  await watch(page, new URL(url).origin, out.faults);
  await step('sign_in', async () => {
    await page.goto(new URL('/desk/', url).href);
    await page.fill(id('login'), login);
    await page.fill(id('password'), password);
    await page.click(id('sign-in'));
    if (option.totp) {
      await page.fill(id('totp'), option.totp);
      await page.click(id('sign-in'));
    }
    await page.waitForSelector(`${id('live')}[data-state=open]`);
  });
  await step('probe', async () => {
    // an agent who was already ready gets the probe by itself
    if (await page.locator(id('probe')).count()) await page.click(id('probe'));
    await page.waitForSelector(`${id('microphone')}[data-state=passed]`);
  });
  await step('ready', async () => {
    await page.click(id('ready'));
    await page.waitForSelector(`${id('agent-state')}:not([data-state=offline]):not([data-state=paused])`);
  });
  await step('offer', () => page.waitForSelector(id('offer'), { timeout: 1000 * Number(option.wait ?? 60) }));
  out.offer = { queue: await text('offer-queue'), principal: await text('offer-principal'), caller: await text('offer-caller'), told: await text('told-panel') };
  await step('connected', async () => {
    await page.keyboard.press('Enter');
    await state('connected');
  });
  await page.waitForTimeout(800);
  out.heard = await peak(page);
  out.recording = await page.getAttribute(id('recording'), 'data-state');
  await step('mute', async () => {
    await page.click(id('mute'));
    await page.waitForSelector(`${id('mute')}[aria-pressed=true]`);
    await page.click(id('mute'));
    await page.waitForSelector(`${id('mute')}[aria-pressed=false]`);
  });
  await step('hold', async () => {
    await page.click(id('hold'));
    await state('held');
  });
  await step('resume', async () => {
    await page.click(id('resume'));
    await state('connected');
  });
  await step('hang_up', async () => {
    await page.keyboard.press('Control+Shift+H');
    await page.waitForSelector(id('wrap-up'));
  });
  await step('dispose', async () => {
    await page.locator(option.disposition ? id(`disposition-${option.disposition}`) : '[name=disposition]').first().check();
    await page.fill(id('wrap-note'), 'Essai de bout en bout.');
    await page.click(id('dispose'));
    await page.waitForSelector(id('wrap-up'), { state: 'detached' });
  });
  delete out.step;
} catch (e) {
  out.faults.push(`${out.step}: ${e.message.split('\n')[0]}`);
  out.notices = await page.locator(id('notices')).textContent().catch(() => undefined);
  if (option.shots) await page.screenshot({ path: `${option.shots}/failed.png` }).catch(() => undefined);
} finally {
  await browser.close();
}
console.log(JSON.stringify(out));
process.exit(out.faults.length ? 1 : 0);
