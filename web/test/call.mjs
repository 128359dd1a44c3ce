// SPDX-License-Identifier: EUPL-1.2
// A call in Chromium against a real server: the citizen's page rings, the desk answers, both hear one another. Prints
// one JSON line. Usage: node call.mjs URL LOGIN PASSWORD NUMBER CALLER.WAV AGENT.WAV
import { launch, peak, watch } from './browser.mjs';

const [url, login, password, number, callerWav, agentWav] = process.argv.slice(2);
const found = { faults: [], steps: [] };
const id = (page, name) => page.getByTestId(name);
const step = (name, value = true) => found.steps.push({ name, value });

async function open(wav, path) {
  const browser = await launch([`--use-file-for-fake-audio-capture=${wav}`]);
  const context = await browser.newContext({ locale: 'fr-FR', timezoneId: 'Europe/Paris', viewport: { width: 1440, height: 810 } });
  const page = await context.newPage();
  await watch(page, url, found.faults);
  page.on('response', async (r) => { if (r.status() >= 400) found.faults.push(`${r.status()} ${r.url()} ${await r.text().catch(() => '')}`); });
  await page.goto(url + path);
  return { browser, page };
}

/** Waits until a page hears a voice: louder than −60 dB. */
async function heard(page) {
  for (let n = 0; n < 60; n++) {
    const p = await peak(page);
    if (p.db > -60) return p;
    await page.waitForTimeout(250);
  }
  throw new Error('nothing is heard');
}

const desk = await open(agentWav, '/desk/');
const citizen = await open(callerWav, '/appeler/');
await citizen.page.addInitScript(() => { // what its connections went through
  window.__states = [];
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...a) {
      super(...a);
      this.addEventListener('connectionstatechange', () => window.__states.push(this.connectionState));
    }
  };
});
await citizen.page.reload();
try {
  await id(desk.page, 'login').fill(login);
  await id(desk.page, 'password').fill(password);
  await id(desk.page, 'sign-in').click();
  await id(desk.page, 'probe').click();
  await desk.page.locator('[data-testid="microphone"][data-state="passed"]').waitFor({ timeout: 15000 });
  await id(desk.page, 'ready').click();
  await desk.page.locator('[data-testid="idle"]').waitFor();
  step('ready');

  await id(citizen.page, `call-${number}`).click();
  await id(desk.page, 'offer').waitFor({ timeout: 30000 });
  step('offer', (await id(desk.page, 'offer').innerText()).replace(/\s+/g, ' '));
  await desk.page.keyboard.press('Enter');
  await desk.page.locator('[data-testid="call-bar"][data-state="connected"]').waitFor({ timeout: 30000 });
  step('connected');
  step('deskHears', await heard(desk.page));
  step('citizenHears', await heard(citizen.page));

  await id(desk.page, 'hold').click();
  await id(desk.page, 'resume').waitFor();
  step('held');
  await id(desk.page, 'resume').click();
  await id(desk.page, 'hold').waitFor();
  step('resumed');
  await desk.page.reload();
  await desk.page.locator('[data-testid="call-bar"][data-state="connected"]').waitFor({ timeout: 20000 });
  step('rejoined', await heard(desk.page));
  await id(desk.page, 'hangup').click();
  await id(desk.page, 'wrap-up').waitFor();
  await id(citizen.page, 'ended').waitFor();
  const states = await citizen.page.evaluate(() => window.__states);
  if (states.includes('disconnected')) throw new Error(`the citizen's page was told of the end by a silence: ${states}`);
  step('ended', states);
  await desk.page.keyboard.press('1');
  await desk.page.keyboard.press('Control+Enter');
  await desk.page.locator('[data-testid="idle"]').waitFor();
  step('disposed');
} catch (e) {
  found.error = String(e.message ?? e);
  for (const [name, p] of Object.entries({ desk: desk.page, citizen: citizen.page })) {
    if (process.env.SHOTS) await p.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
    found[name] = (await p.locator('body').innerText()).replace(/\s+/g, ' ').slice(0, 1500);
  }
} finally {
  await desk.browser.close();
  await citizen.browser.close();
  console.log(JSON.stringify(found));
}
