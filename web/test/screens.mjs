// SPDX-License-Identifier: EUPL-1.2
// screens.mjs [only]: every screen in its real states against the mock, in two themes and two languages: axe, overflow at
// 320 px, policy violations, foreign requests, page errors; then what a person does with the keyboard alone, two tabs, a
// reload, a dead server. Pictures go to $SHOTS (test/shots). Exit 1 and one line per fault.
import { mkdirSync } from 'node:fs';
import { axe, launch, loopback, peak, watch } from './browser.mjs';
import * as fx from './fixtures.mjs';
import { createMock } from './mock.mjs';

const shots = process.env.SHOTS || new URL('shots', import.meta.url).pathname;
const only = process.argv[2] ?? '';
mkdirSync(shots, { recursive: true });

// the first two views meet each theme and each language; all four with ALL=1, which takes twice as long
const views = [{ lang: 'fr', theme: 'light' }, { lang: 'en', theme: 'dark' }, ...(process.env.ALL ? [{ lang: 'fr', theme: 'dark' }, { lang: 'en', theme: 'light' }] : [])];
const faults = [];
faults.push = (...all) => { // said at once: a run that is cut short has still said what it saw
  for (const f of all) if (!faults.includes(f)) { faults[faults.length] = f; console.log(f); }
  return faults.length;
};
let seen = 0;

/** Works through a list, each of two lanes in a browser of its own: much of the time a page only waits. */
async function lanes(list, work) {
  const left = [...list];
  await Promise.all([1, 2].map(async () => {
    const browser = await launch();
    while (left.length) await work(left.shift(), browser);
    await browser.close();
  }));
}

async function open(m, { browser, lang = 'fr', theme = 'light', user, permissions }) {
  const url = await m.listen();
  const context = await browser.newContext({ viewport: { width: 1440, height: 810 }, locale: 'fr-FR', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', ...(permissions && { permissions }) });
  await context.addInitScript(([l, t]) => { localStorage.setItem('rivage.lang', l); localStorage.setItem('rivage.theme', t); }, [lang, theme]);
  await context.addInitScript(loopback);
  if (user) m.user = user;
  const page = async () => {
    const p = await context.newPage();
    const out = [];
    await watch(p, url, out);
    p.setDefaultTimeout(60_000); // two cores may be shared by everybody
    p.faults = out;
    return p;
  };
  return { url, context, page };
}

async function look(page, name, { lang, theme }) {
  if (only && !name.includes(only)) return;
  seen++;
  const at = `${name} ${lang} ${theme}`;
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(200);
  await page.screenshot({ path: `${shots}/${name}-${lang}-${theme}.png` });
  for (const v of await axe(page)) faults.push(`${at}: ${v}`);
  await page.setViewportSize({ width: 320, height: 740 });
  await page.waitForTimeout(120);
  const wide = await page.evaluate(() => (document.documentElement.scrollWidth > 320
    ? [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > 321 && !e.closest('.scroll')).slice(0, 3).map((e) => `${e.tagName}.${e.className}`).join(' ') || 'page' : ''));
  if (wide) faults.push(`${at}: wider than 320 px: ${wide}`);
  const small = await page.evaluate(() => [...document.querySelectorAll('button, a.btn, select, input:not([type=checkbox]):not([type=radio]):not([type=file])')].filter((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.height < 24 || r.width < 24); }).slice(0, 3).map((e) => e.outerHTML.slice(0, 80)).join(' '));
  if (small) faults.push(`${at}: smaller than 24 px: ${small}`);
  if (lang === 'fr') await page.screenshot({ path: `${shots}/${name}-320${theme === 'dark' ? '-dark' : ''}.png`, fullPage: true });
  await page.setViewportSize({ width: 1440, height: 810 });
}

const id = (s) => `[data-testid="${s}"]`;

/** The live channel begins anew, as after a stop. */
async function newChannel(m, p) {
  const asked = () => m.requests.filter((r) => r.startsWith('GET') && r.endsWith('/cards')).length;
  const before = asked();
  m.drop();
  for (let i = 0; i < 50 && asked() === before; i++) await p.waitForTimeout(100);
  await p.waitForSelector(`${id('live')}[data-state=open]`);
  await p.waitForSelector(id('card-key'));
}

async function desk(view) {
  const m = createMock();
  const { url, context, page } = await open(m, view);
  const p = await page();
  try {
    await p.goto(`${url}/desk/`);
    await p.fill(id('login'), 'salma');
    await p.fill(id('password'), 'faux');
    await p.click(id('sign-in'));
    await p.waitForSelector('.note.bad');
    await look(p, 'desk-sign-in', view);
    await p.fill(id('password'), 'vrai');
    await p.click(id('sign-in'));
    await p.waitForSelector(id('idle'));
    await p.waitForTimeout(400);
    await look(p, 'desk-empty', view);
    m.history = fx.history().filter((i) => i.agent === 'me');
    m.callbacks = fx.callbacks();
    await p.click(id('probe'));
    await p.waitForSelector(`${id('microphone')}[data-state=passed]`);
    await p.click(id('ready'));
    await p.waitForSelector(`${id('agent-state')}[data-state=ready]`);
    await p.reload();
    await p.waitForSelector('table');
    await p.waitForSelector(`${id('microphone')}[data-state=passed]`);
    await p.waitForTimeout(300);
    if (m.commands.filter((c) => c.do === 'ready' && c.microphone).length < 2) faults.push('desk: a ready agent who reloads does not tell the server that the microphone is heard: no call would come');
    await look(p, 'desk-ready', view);
    await p.click(id('presence'));
    await look(p, 'desk-presence', view);
    await p.keyboard.press('Escape');
    await p.click(id('user-menu'));
    await look(p, 'desk-menu', view);
    await p.keyboard.press('Escape');
    await p.keyboard.press('Control+k');
    await p.waitForSelector(id('palette'));
    await look(p, 'desk-palette', view);
    await p.keyboard.press('Escape');
    await p.keyboard.press('?');
    await p.waitForSelector(id('keys'));
    await look(p, 'desk-keys', view);
    await p.keyboard.press('Escape');
    m.offer({ deadline: fx.ahead(60) });
    await p.waitForSelector(id('offer'));
    await look(p, 'desk-offer', view);
    await p.click(id('decline'));
    await p.click(id('decline-busy'));
    await p.waitForSelector(id('idle'));
    m.offer({ id: 'zq3hx7m2s5ovb4tyz6c7a2dfpe', deadline: fx.ahead(60), caller: m.remote() });
    await p.waitForSelector(`${id('offer')} ${id('pane-caller')}[data-state=ready]`);
    await look(p, 'desk-offer-remote', view);
    await p.click(id('accept'));
    await p.waitForSelector(`${id('call-bar')}[data-state=connected]`);
    await p.waitForSelector(id('remote-banner'));
    await p.waitForTimeout(600);
    await look(p, 'desk-remote', view);
    await p.click(id('profile-menu'));
    await p.waitForSelector(id('profile-text'));
    await look(p, 'desk-profile', view);
    await p.keyboard.press('Escape');
    m.sources = fx.sources;
    m.record = () => fx.record(m.drawn);
    await newChannel(m, p);
    await p.fill(id('card-key'), '7012345678');
    await p.keyboard.press('Enter');
    await p.waitForSelector(`${id('pane-number')}[data-state=ready]`);
    await look(p, 'desk-card-remote', view);
    if (view.lang === 'fr') {
      const swap = async () => { await p.keyboard.press('Control+k'); await p.keyboard.type('thème'); await p.keyboard.press('Enter'); };
      await swap();
      await p.focus(id('card-key'));
      await p.keyboard.press('Enter');
      await p.waitForSelector(`${id('pane-number')}[data-state=ready]`);
      await look(p, 'desk-card-remote', { lang: 'fr', theme: 'dark' });
      await swap();
    }
    m.setCall({ caller: fx.partly });
    await p.waitForSelector(id('masked'));
    m.setCall({ caller: { ...m.remote(), image: '/api/consultation/gone' } });
    await p.waitForSelector(id('pane-again'));
    await look(p, 'desk-remote-gone', view);
    await p.click(id('hangup'));
    await p.click(id('disposition-information'));
    await p.click(id('dispose'));
    await p.waitForSelector(id('idle'));
    m.offer({ deadline: fx.ahead(60), caller: fx.withheld, class: 'sante', principal_name: 'Mutuelle du Ponant', queue_name: 'Remboursements' });
    await p.waitForSelector(id('offer'));
    await look(p, 'desk-offer-withheld', view);
    await p.click(id('accept'));
    await p.waitForSelector(`${id('call-bar')}[data-state=connected]`);
    await p.waitForTimeout(600);
    await look(p, 'desk-call', view);
    m.file = { unknown: true };
    await p.click(id('person-open'));
    await p.waitForSelector(id('person-sharing'));
    await p.click(id('person-pick'));
    await p.waitForSelector(id('person-choose'));
    await look(p, 'desk-person-pick', view);
    await p.locator(id('person-choose')).first().click();
    await p.waitForSelector(id('person-merge-dialog'));
    await look(p, 'desk-person-merge', view);
    await p.click(id('person-merge-confirm'));
    await p.waitForSelector(id('person-undo'));
    await look(p, 'desk-person', view);
    await p.click(id('person-edit'));
    await p.waitForSelector(id('person-form'));
    await look(p, 'desk-person-edit', view);
    m.file = { drawn: m.drawn };
    await newChannel(m, p);
    await p.click(id('person-open'));
    await p.waitForSelector(`${id('pane-person-name')}[data-state=ready]`);
    await look(p, 'desk-person-remote', view);
    m.record = () => fx.record();
    m.sources = [...fx.sources, fx.contracts];
    await newChannel(m, p);
    await p.fill(id('card-key'), '0000');
    await p.click(id('card-search'));
    await p.waitForSelector(id('card-missing'));
    await look(p, 'desk-card-missing', view);
    for (const [state, troubled] of [['refused', [403, 'denied']], ['tooMany', [429, 'busy']], ['away', [503, 'unavailable']], ['badKey', [422, 'invalid']], ['failed', [500, 'internal']]]) {
      m.troubled = troubled;
      await p.fill(id('card-key'), '7012345678');
      await p.click(id('card-search'));
      await p.waitForSelector(id(`card-${state}`));
      if (state === 'refused') await look(p, 'desk-card-refused', view);
    }
    m.troubled = undefined;
    m.sources = fx.sources;
    await newChannel(m, p);
    await p.fill(id('card-key'), '7012345678');
    await p.click(id('card-search'));
    await p.waitForSelector(id('card'));
    await look(p, 'desk-card', view);
    m.record = () => fx.record(undefined, true);
    await p.click(id('card-search'));
    await p.waitForSelector(id('card-number-withheld'));
    await look(p, 'desk-card-withheld', view);
    await p.click(id('oppose'));
    await p.waitForSelector(id('oppose-dialog'));
    await look(p, 'desk-opposition', view);
    await p.click(id('oppose-confirm'));
    await p.click(id('mute'));
    await p.click(id('hold'));
    await p.waitForSelector(id('call-held'));
    await look(p, 'desk-held', view);
    m.setCall({ state: 'parked', deadline: fx.ahead(19) });
    await p.waitForSelector(id('parked'));
    await look(p, 'desk-parked', view);
    m.setCall({ state: 'connected' });
    await p.click(id('hangup'));
    await p.waitForSelector(id('wrap-up'));
    await p.click(id('dispose'));
    await p.waitForSelector('#disp-missing');
    await look(p, 'desk-wrap-up', view);
    await p.click(id('disposition-information'));
    await p.click(id('dispose'));
    await p.waitForSelector(id('idle'));
    m.setAgent('paused', { reason: 'non-reponse' });
    await p.waitForTimeout(200);
    await look(p, 'desk-no-answer', view);
    m.refuse = true;
    m.drop();
    await p.waitForSelector(`${id('live')}[data-state=lost]`);
    await p.waitForTimeout(1200);
    await look(p, 'desk-interrupted', view);
  } catch (e) { faults.push(`desk ${view.lang} ${view.theme}: ${e.message.split('\n')[0]}`); await p.screenshot({ path: `${shots}/failed-desk-${view.lang}.png` }).catch(() => undefined); }
  faults.push(...p.faults.map((f) => `desk ${view.lang} ${view.theme}: ${f}`));
  await context.close();
  m.close();
}

async function control(view) {
  const m = createMock();
  m.callbacks = fx.callbacks();
  const { url, context, page } = await open(m, { ...view, user: fx.boss() });
  const p = await page();
  const to = async (hash, wait) => { await p.goto(`${url}/control/#/${hash}`); await p.waitForSelector(wait); await p.waitForTimeout(250); };
  try {
    await to('board', id('kpi-waiting'));
    await p.waitForTimeout(900);
    await p.waitForSelector(id('unready-lome'));
    await look(p, 'control-board', view);
    Object.assign(m, { contradictions: fx.contradictions(), unusual: fx.unusual() });
    await p.reload();
    await p.waitForSelector(id('note-alert'));
    await look(p, 'control-alerts', view);
    Object.assign(m, { contradictions: undefined, unusual: undefined });
    await p.reload();
    await p.click(id('formula-sl1-1'));
    await look(p, 'control-formula', view);
    await to('agents', 'table');
    await look(p, 'control-agents', view);
    await to('interactions', 'table');
    await look(p, 'control-interactions', view);
    await p.selectOption(id('filter-state'), 'held');
    await p.waitForSelector('table', { state: 'detached' });
    await look(p, 'control-interactions-none', view);
    await to('interactions/h1', id('why'));
    await p.click(id('reveal-note'));
    await p.click(id('reveal-caller'));
    await p.waitForSelector(id('field-caller-withheld'));
    await p.click(id('play'));
    await p.waitForSelector(id('player'));
    await look(p, 'control-story', view);
    await p.click(id('why-all'));
    await p.waitForSelector(id('why-all-dialog'));
    await look(p, 'control-why-all', view);
    await p.keyboard.press('Escape');
    await p.click(`${id('decision-why')} >> nth=0`);
    await p.waitForSelector(id('decision-layers'));
    await look(p, 'control-decision', view);
    await p.keyboard.press('Escape');
    await to('callbacks', 'table');
    await look(p, 'control-callbacks', view);
    await to('settings/site', id('not-ready-lome'));
    await look(p, 'control-sites', view);
    await p.click(id('repair'));
    await p.waitForSelector(id('repair-dialog'));
    await p.click(id('repair-go'));
    await p.waitForSelector('dialog .note.warn');
    await look(p, 'control-repair', view);
    await p.keyboard.press('Escape');
    for (const [name, hash] of [['queue', 'settings/queue/suivi-colis'], ['new-site', 'settings/site/new'], ['prompt', 'settings/prompt/casablanca-d'], ['flow', 'settings/flow/accueil'], ['card', 'settings/card/colis'], ['new-card', 'settings/card/new'], ['person-field', 'settings/field/formule'], ['trunk', 'settings/trunk/operateur'], ['account', 'accounts/a0'], ['company', 'settings/company/kpalime-appels'], ['safeguard', 'settings/safeguard/cct-lome'], ['new-safeguard', 'settings/safeguard/new'], ['matrix-toml', 'settings/matrix/mutuelle-du-ponant'], ['frame', 'settings/frame/organisation']]) {
      await to(hash, id('editor'));
      await look(p, `control-${name}`, view);
    }
    await to('settings/rules/mutuelle-du-ponant', `${id('matrix')} .cell.no`);
    await p.click(`${id('matrix')} .cell.no`);
    await look(p, 'control-rules', view);
    await p.click(id('try'));
    await p.waitForSelector(id('trial-changes'));
    await look(p, 'control-trial', view);
    await p.keyboard.press('Escape');
    await to('accounts', 'table');
    await look(p, 'control-accounts', view);
    await p.click(id('invite'));
    await p.waitForSelector(id('invitation-dialog'));
    await look(p, 'control-invitation', view);
    await p.keyboard.press('Escape');
    await to('law', id('law-table'));
    await p.click(id('study-souverain'));
    await p.waitForSelector(id('consequences'));
    await look(p, 'control-law-study', view);
    await p.click(id('propose'));
    await p.waitForSelector(id('mine'));
    await look(p, 'control-law-mine', view);
    Object.assign(m.frame, { by: 'Yann Kervella', stopped: ['TG'] });
    await p.reload();
    await p.waitForSelector(id('law-table'));
    await p.waitForSelector(id('confirm-profile'));
    await look(p, 'control-law', view);
    for (const part of ['law-due', 'law-matrix', 'law-companies']) {
      await p.locator(id(part)).evaluate((e) => e.scrollIntoView());
      await look(p, `control-${part}`, view);
    }
    await p.locator(id('stops')).evaluate((e) => e.scrollIntoView());
    await p.selectOption(id('stop-country'), 'MA');
    await look(p, 'control-law-stops', view);
    await p.click(id('stop'));
    await p.waitForSelector(id('stop-dialog'));
    await look(p, 'control-law-stop', view);
    await p.keyboard.press('Escape');
    await p.click(id('lift-TG'));
    await p.waitForSelector(id('stop-dialog'));
    await look(p, 'control-law-lift', view);
    await p.keyboard.press('Escape');
    await p.click(id('confirm-profile'));
    await p.waitForSelector(id('confirm-dialog'));
    await look(p, 'control-law-confirm', view);
    await p.click(id('confirm-sure'));
    await p.waitForSelector(`${id('profile')}[data-profile=souverain]`);
    await p.locator(id('law-matrix')).evaluate((e) => e.scrollIntoView());
    await look(p, 'control-law-souverain', view);
    m.frame = undefined;
    m.quiet = true;
    await p.reload();
    await p.waitForSelector(id('law-table'));
    await p.waitForSelector(id('study-encadre'));
    await look(p, 'control-law-first', view);
    m.frame = { profile: 'encadre', version: 2 };
    m.noOpenings = true;
    await p.reload();
    await p.waitForSelector(id('opening-site'));
    await p.locator(id('law-openings')).evaluate((e) => e.scrollIntoView());
    await look(p, 'control-openings-none', view);
    m.noOpenings = false;
    await to('law/opening/dakar', id('opening-needs'));
    await look(p, 'control-opening', view);
    await to('law/opening/dakar/edit', id('editor'));
    await look(p, 'control-opening-edit', view);
    await to('law/edit/messagerie-du-ponant', id('cell-OTHER-exposed-view'));
    await p.selectOption(id('cell-EU-exposed-view'), 'masked-remote');
    m.invalid = 'five words, want 5';
    await p.click(id('save-matrix'));
    await p.waitForSelector('.note.bad');
    await look(p, 'control-law-edit', view);
    m.matrices.organisation = { ...fx.settings().matrix[2], doc: { text: `# plancher\n\n[public]\n# à revoir avec le délégué\n` } };
    await to('law/edit/organisation', id('unreadable'));
    await look(p, 'control-law-unreadable', view);
    await to('connections', id('ways'));
    await look(p, 'control-connections', view);
    await p.locator(id('supports')).evaluate((e) => e.scrollIntoView());
    await p.click(`${id('support-pending')} ${id('support-confirm')}`);
    await p.waitForSelector(id('support-open'));
    await p.click(`${id('support-none')} ${id('support-ask')}`);
    await p.waitForSelector(id('support-dialog'));
    await look(p, 'control-support', view);
    await p.selectOption(id('support-company'), 'iroise-contact');
    await p.selectOption(id('support-country'), 'FR');
    await p.locator(`${id('support-dialog')} footer ${id('support-send')}`).click();
    await p.waitForSelector(id('support-pending'));
    await look(p, 'control-connections-support', view);
    await to('persons', id('tel'));
    await p.fill(id('tel'), '+33612345678');
    await p.click(id('search-person'));
    await p.click(id('erase'));
    await p.waitForSelector(id('erase-dialog'));
    await look(p, 'control-erase', view);
    await p.check(id('erase-sure'));
    await p.click(id('erase-confirm'));
    await p.waitForSelector(id('erase-dialog'), { state: 'detached' });
    await look(p, 'control-persons', view);
    await to('journal', id('journal-root'));
    await look(p, 'control-journal', view);
    m.user = null;
    await p.goto(`${url}/control/?invitation=Zk3vQ8yTn2LxR7sWc5Hb1MdPfJ6aEuG9`);
    await p.waitForSelector(id('totp-secret'));
    await look(p, 'control-accept-invitation', view);
  } catch (e) { faults.push(`control ${view.lang} ${view.theme}: ${e.message.split('\n')[0]}`); await p.screenshot({ path: `${shots}/failed-control-${view.lang}.png` }).catch(() => undefined); }
  faults.push(...p.faults.map((f) => `control ${view.lang} ${view.theme}: ${f}`));
  await context.close();
  m.close();
}

async function appeler(view) {
  const m = createMock();
  const { url, context, page } = await open(m, view);
  const p = await page();
  try {
    await p.goto(`${url}/appeler/`);
    await p.waitForSelector(id('call-+33298000101'));
    await look(p, 'appeler', view);
    await p.click(id('call-+33298000101'));
    await p.waitForSelector(`${id('call')}[data-state=connected]`);
    await p.click(id('key-5'));
    await p.keyboard.press('#');
    await p.waitForTimeout(500);
    await look(p, 'appeler-call', view);
    const heard = await peak(p);
    if (Math.abs(heard.hz - 1000) > 10) faults.push(`appeler: heard ${heard.hz} Hz, want 1000`);
    await p.click(id('hangup'));
    await p.waitForSelector(id('ended'));
    await look(p, 'appeler-ended', view);
  } catch (e) { faults.push(`appeler ${view.lang} ${view.theme}: ${e.message.split('\n')[0]}`); }
  faults.push(...p.faults.map((f) => `appeler ${view.lang} ${view.theme}: ${f}`));
  await context.close();
  m.close();
}

const checks = [];
const check = (name, body) => checks.push({ name, body });

async function run({ name, body }, browser) {
  if (only && !name.includes(only)) return;
  const m = createMock();
  const out = [];
  let opened;
  try {
    opened = await open(m, { browser, user: fx.me() });
    await body(m, opened, (ok, text) => { if (!ok) out.push(text); });
  } catch (e) { out.push(e.message.split('\n')[0]); }
  for (const page of opened?.context.pages() ?? []) out.push(...(page.faults ?? []).map((f) => `${f}`));
  faults.push(...out.map((f) => `${name}: ${f}`));
  await opened?.context.close();
  m.close();
}

// takeCalls opens a desk whose microphone is heard and whose agent is ready.
async function takeCalls(p, url) {
  await p.goto(`${url}/desk/`);
  await p.click(id('probe'));
  await p.waitForSelector(`${id('microphone')}[data-state=passed]`);
  await p.click(id('ready'));
}

const focusOn = (p) => p.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? document.activeElement?.tagName);
async function tabTo(p, testid, most = 60) {
  for (let i = 0; i < most; i++) {
    if ((await focusOn(p)) === testid) return;
    await p.keyboard.press('Tab');
  }
  throw new Error(`${testid} is not reached by Tab`);
}

await lanes(views, async (v, browser) => {
  const view = { ...v, browser };
  if (!only || only.startsWith('desk')) await desk(view);
  if (!only || only.startsWith('control')) await control(view);
  if (!only || only.startsWith('appeler')) await appeler(view);
});

check('keyboard: a call from sign-in to disposition without a mouse', async (m, { url, page }, want) => {
  m.user = null;
  const p = await page();
  await p.goto(`${url}/desk/`);
  await p.waitForSelector(id('login'));
  await tabTo(p, 'login');
  await p.keyboard.type('salma');
  await p.keyboard.press('Tab');
  await p.keyboard.type('vrai');
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('probe'));
  await tabTo(p, 'probe');
  await p.keyboard.press('Enter');
  await p.waitForSelector(`${id('microphone')}[data-state=passed]`);
  await p.keyboard.press('Control+k');
  await p.keyboard.type('rendre dispo');
  await p.keyboard.press('Enter');
  await p.waitForSelector(`${id('agent-state')}[data-state=ready]`);
  m.offer();
  await p.waitForSelector(id('offer'));
  want((await focusOn(p)) === 'accept', `the offer leaves the focus on ${await focusOn(p)}`);
  await p.keyboard.press('Enter');
  await p.waitForSelector(`${id('call-bar')}[data-state=connected]`);
  await tabTo(p, 'note');
  await p.keyboard.type('mhm'); // letters that are shortcuts elsewhere
  want((await p.inputValue(id('note'))) === 'mhm', 'the note lost letters');
  want(!(await p.locator(id('call-held')).count()), 'a letter typed in the note held the call');
  await p.evaluate(() => document.activeElement.blur());
  await p.keyboard.press('m');
  await p.waitForSelector(`${id('mute')}[aria-pressed=true]`);
  await p.keyboard.press('h');
  await p.waitForSelector(id('call-held'));
  await p.keyboard.press('h');
  await p.waitForSelector(id('hold'));
  await p.keyboard.press('Control+Shift+H');
  await p.waitForSelector(id('wrap-up'));
  await p.waitForFunction(() => document.activeElement?.getAttribute('name') === 'disposition', undefined, { timeout: 2000 });
  await p.keyboard.press('3');
  await p.keyboard.press('Control+Enter');
  await p.waitForSelector(id('idle'));
  const sent = m.commands.map((c) => c.do).join();
  want(sent === 'ready,accept,hold,resume,hangup,dispose', `commands: ${sent}`);
  const disposed = m.commands.at(-1);
  want(disposed.disposition === 'reclamation' && disposed.note === 'mhm', `disposed ${disposed.disposition} with “${disposed.note}”`);
});

check('sound: A-law and telephone-event only, a tone is heard, mute is silence', async (m, { url, page }, want) => {
  const p = await page();
  await takeCalls(p, url);
  m.offer();
  await p.click(id('accept'));
  await p.waitForSelector(`${id('call-bar')}[data-state=connected]`);
  await p.waitForTimeout(1000);
  const heard = await peak(p);
  want(Math.abs(heard.hz - 1000) < 10 && heard.db > -40, `heard ${heard.hz} Hz at ${heard.db} dB`);
  const codecs = await p.evaluate(() => window.__legs[0].sdp.match(/a=rtpmap:.*/g).map((l) => l.split(' ')[1].trim()).join());
  want(codecs === 'PCMA/8000,telephone-event/8000', `codecs ${codecs}`);
  want((await p.evaluate(() => window.__legs.length)) === 1, 'more than one leg');
  await p.click(id('mute'));
  await p.waitForTimeout(300);
  const enabled = await p.evaluate(() => window.__legs[0].pc.getReceivers()[0].track && true);
  want(enabled, 'no receiver');
});

check('two tabs: one leg, one ring; when the first closes the second leads', async (m, { url, page }, want) => {
  const a = await page();
  await takeCalls(a, url);
  const b = await page();
  await b.goto(`${url}/desk/`);
  await b.waitForSelector(`${id('agent-state')}[data-state=ready]`);
  want(m.sockets.size === 1, `${m.sockets.size} live channels`);
  m.offer();
  await b.waitForSelector(id('offer'));
  await b.click(id('accept'));
  await b.waitForSelector(`${id('call-bar')}[data-state=connected]`);
  want((await a.evaluate(() => window.__legs.length)) === 1 && (await b.evaluate(() => window.__legs.length)) === 0, 'the mirror made a leg');
  await a.close();
  await b.waitForFunction(() => window.__legs.length === 1);
  want(m.sockets.size === 1, `${m.sockets.size} live channels after the first tab closed`);
});

check('reload inside a call: the call and its note come back', async (m, { url, page }, want) => {
  const p = await page();
  await takeCalls(p, url);
  m.offer();
  await p.click(id('accept'));
  await p.waitForSelector(`${id('call-bar')}[data-state=connected]`);
  await p.fill(id('note'), 'à garder');
  await p.reload();
  await p.waitForSelector(`${id('call-bar')}[data-state=connected]`);
  await p.waitForFunction(() => window.__legs.length === 1);
  want((await p.inputValue(id('note'))) === 'à garder', 'the note is lost');
  want(!m.commands.some((c) => c.do === 'offline' || c.do === 'pause'), 'the reload changed presence');
});

check('dead server inside a call: said, and taken up again by itself', async (m, { url, page }, want) => {
  const p = await page();
  await p.goto(`${url}/desk/`);
  await p.waitForSelector(`${id('live')}[data-state=open]`);
  m.answering = false; // it hangs: no close, no frame
  await p.waitForSelector(`${id('live')}[data-state=lost]`, { timeout: 20000 });
  m.answering = true;
  await p.waitForSelector(`${id('live')}[data-state=open]`, { timeout: 20000 });
});

check('roles: an agent does not enter the control room, a supervisor sees no settings', async (m, { url, page }, want) => {
  const p = await page();
  await p.goto(`${url}/control/`);
  await p.waitForSelector('a[href="/desk/"]');
  m.user = fx.boss(['supervisor']);
  await p.reload();
  await p.waitForSelector(id('nav-board'));
  want(!(await p.locator(id('nav-settings')).count()) && !(await p.locator(id('nav-journal')).count()), 'sections beyond the role');
});

check('remote viewing: one request, described, the value nowhere; once it is gone the field is asked for again', async (m, { url, page }, want) => {
  const p = await page();
  const bodies = [];
  p.on('response', (r) => { if (/json/.test(r.headers()['content-type'] ?? '')) void r.text().then((t) => bodies.push(t)).catch(() => undefined); });
  await takeCalls(p, url);
  const caller = m.remote();
  m.offer({ deadline: fx.ahead(60), caller });
  await p.waitForSelector(`${id('offer')} ${id('pane-caller')}[data-state=ready]`);
  await p.click(id('accept'));
  await p.waitForSelector(`${id('call-bar')}[data-state=connected]`);
  m.setCall({ muted: true }); // another frame with the same field
  await p.waitForTimeout(300);
  want(m.requests.filter((r) => r.endsWith(caller.image)).length === 1, 'the image was not asked for once');
  want((await p.locator('canvas').getAttribute('aria-label')) === 'Numéro\u00a0: affiché en image', 'the image is not described');
  want((await p.locator(id('remote-banner')).count()) === 1, 'not one banner');
  want((await p.textContent(id('call-caller'))) === 'Numéro affiché en image', 'the call bar does not say that the number is an image');
  const shown = await p.locator('canvas').evaluate((c) => ({ w: c.getBoundingClientRect().width, dark: new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size }));
  want(shown.w > 290 && shown.w <= 320 && shown.dark > 1, `the canvas is ${shown.w} px wide with ${shown.dark} levels`);
  const leak = async () => /6[\s.]?12[\s.]?34/.test(`${await p.content()} ${await p.locator('body').ariaSnapshot()} ${bodies.join(' ')} ${await p.title()}`);
  want(!(await leak()), 'the number is in the page, its accessibility tree or an answer');
  want(await p.locator('canvas').evaluate((c) => !c.dispatchEvent(new MouseEvent('contextmenu', { cancelable: true, bubbles: true }))), 'the image has a context menu');
  m.setCall({ caller: { ...caller, image: '/api/consultation/gone' } });
  await p.waitForSelector(`${id('pane-caller')}[data-state=failed]`);
  m.remoteOnly = true;
  await tabTo(p, 'pane-again');
  await p.keyboard.press('Enter');
  await p.waitForSelector(`${id('pane-caller')}[data-state=ready]`);
  want(m.requests.filter((r) => r.endsWith('/fields')).length === 1, 'the field was not asked for once');
  m.setCall({ caller: { ...caller, image: undefined, remote: undefined, value: '+33 6 12 34' } });
  await p.waitForSelector(id('field-caller'));
  want(await leak(), 'the search for leaks finds nothing at all');
  want(!(await p.locator(id('remote-banner')).count()), 'the banner stays without a field');
});

check('person: by keyboard alone, picked, undone, changed; nothing of it outlives the call', async (m, { url, page }, want) => {
  m.file = { unknown: true };
  m.sources = fx.sources;
  const p = await page();
  await takeCalls(p, url);
  m.offer({ deadline: fx.ahead(60) });
  await p.waitForSelector(id('offer'));
  want(!(await p.locator(id('person-panel')).count()) && !m.requests.some((r) => r.includes('/person')), 'a person before the call');
  await p.click(id('accept'));
  await p.waitForSelector(id('person-panel'));
  want(!m.requests.some((r) => r.includes('/person')), 'the card is shown before anybody asked');
  await p.keyboard.press('p');
  await p.waitForSelector(id('person-sharing'));
  want((await focusOn(p)) === 'person-pick', 'P does not go to what is to be done');
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('person-choose'));
  want(m.asked.text === '', 'the pick list is not that of the number');
  await p.locator(id('person-choose')).nth(1).focus();
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('person-merge-dialog'));
  want(!m.requests.some((r) => r.endsWith('/merge')), 'merged without a confirmation');
  await p.focus(id('person-merge-confirm'));
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('person-undo'));
  want(m.asked.person === 'p3' && m.asked.confirm === true, `merged ${JSON.stringify(m.asked)}`);
  await p.focus(id('person-undo'));
  await p.keyboard.press('Enter');
  await p.focus(id('person-undo-confirm'));
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('person-undo'), { state: 'detached' });
  want(m.asked.person === 'p2', 'another merge was undone');
  await p.focus(id('person-edit'));
  await p.keyboard.press('Enter');
  want((await focusOn(p)) === 'person-edit-name', 'the form has not the focus');
  want(!(await p.locator(id('person-edit-soin')).count()), 'what is not seen can be changed');
  await p.fill(id('person-edit-phones'), '06 12 34 56 78');
  m.personTrouble = [422, 'invalid', 'Non.'];
  await p.click(id('person-save'));
  await p.waitForSelector(id('person-problem'));
  want((await p.inputValue(id('person-edit-phones'))) === '06 12 34 56 78', 'what was typed is lost with the error');
  m.personTrouble = undefined;
  m.personMoved = '+33611111111';
  await p.click(id('person-save'));
  await p.waitForSelector(id('person-changed'));
  want((await p.inputValue(id('person-edit-phones'))) === '06 12 34 56 78', 'what was typed is lost with what somebody else wrote');
  want(/\+33611111111/.test(await p.textContent(id('person-stands-phones'))), 'what stands on the card is not shown beside what was typed');
  await p.click(id('person-save'));
  await p.waitForSelector(id('person-form'), { state: 'detached' });
  want(JSON.stringify(m.asked) === JSON.stringify({ changes: [{ field: 'phones', value: '06 12 34 56 78' }] }), `saved ${JSON.stringify(m.asked)}`);
  m.hangup('caller');
  await p.waitForSelector(`${id('wrap-up')} ${id('person-card')}`);
  await newChannel(m, p);
  want(!(await p.locator(id('person-card')).count()), 'the card outlives the channel');
});

check('card: by keyboard alone; nothing of it outlives a new channel or the call', async (m, { url, page }, want) => {
  m.sources = fx.sources;
  m.record = () => fx.record(m.drawn);
  const p = await page();
  await takeCalls(p, url);
  m.offer({ deadline: fx.ahead(60) });
  await p.waitForSelector(id('offer'));
  want(!(await p.locator(id('card-panel')).count()) && !m.requests.some((r) => r.endsWith('/cards')), 'a card before the call');
  await p.click(id('accept'));
  await p.waitForSelector(id('card-panel'));
  await p.keyboard.press('f');
  want((await focusOn(p)) === 'card-key' && (await p.inputValue(id('card-key'))) === '', 'F does not go to the key');
  await p.keyboard.type('7012 fmh');
  await p.keyboard.press('Enter');
  await p.waitForSelector(`${id('pane-number')}[data-state=ready]`);
  want(m.looked.key === '7012 fmh' && m.looked.source === 'colis', `looked up ${JSON.stringify(m.looked)}`);
  want(!(await p.locator(id('call-held')).count()), 'a letter of the key held the call');
  want((await p.locator(id('remote-banner')).count()) === 1, 'not one banner');
  want((await p.locator(`${id('card')} canvas`).first().getAttribute('aria-label')) === 'Numéro\u00a0: affiché en image', 'the image is not described');
  want((await p.textContent(id('card-expected-absent'))) === '–', 'a field that is absent is no dash');
  const inPage = async () => /7012345678|Landerneau/.test(`${await p.content()} ${await p.locator('body').ariaSnapshot()}`);
  want(!(await inPage()), 'a remote value is in the page');
  m.setCall({ state: 'held', held_at: new Date().toISOString() });
  await p.waitForSelector(id('call-held'));
  want((await p.locator(`${id('pane-number')}[data-state=ready]`).count()) === 1, 'the card does not stay while the call is held');
  m.hangup('caller');
  await p.waitForSelector(id('wrap-up'));
  want((await p.locator(`${id('wrap-up')} ${id('pane-number')}[data-state=ready]`).count()) === 1, 'the card does not stay in the wrap-up');
  m.record = () => fx.record();
  await p.keyboard.press('f');
  want((await focusOn(p)) === 'card-key', 'F does not go to the key in the wrap-up');
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('card-status'));
  want(await inPage(), 'the search for what must not be there finds nothing at all');
  want(!(await p.locator(id('remote-banner')).count()), 'the banner stays without a field');
  m.drop();
  await p.waitForSelector(id('card'), { state: 'detached' });
  await p.waitForSelector(id('card-panel'));
  want((await p.inputValue(id('card-key'))) === '', 'the key outlives the channel');
  await p.fill(id('card-key'), '7012');
  m.slow = 400;
  await p.click(id('card-search'));
  await p.click(id('disposition-information'));
  await p.click(id('dispose'));
  await p.waitForSelector(id('idle'));
  m.offer({ id: 'yq3hx7m2s5ovb4tyz6c7a2dfpe', deadline: fx.ahead(60) });
  await p.click(id('accept'));
  await p.waitForSelector(id('card-panel'));
  await p.waitForTimeout(600);
  want(!(await p.locator(id('card')).count()) && (await p.inputValue(id('card-key'))) === '', 'the card of another call');
});

check('stop: a country stopped and lifted by one person, what is proposed stays', async (m, { url, page }, want) => {
  m.user = fx.boss(['dpo']);
  m.frame = { profile: 'encadre', version: 2, proposed: 'souverain', by: 'Yann Kervella' };
  const p = await page();
  await p.goto(`${url}/control/#/law`);
  await p.waitForSelector(id('stops'));
  want(await p.isDisabled(id('stop')), 'a stop of no country');
  want((await p.locator(`${id('stop-country')} optgroup`).first().locator('option').allTextContents()).join() === 'France,La Réunion,Maroc,Portugal,Togo', 'the countries of the sites do not come first');
  await p.selectOption(id('stop-country'), 'FR');
  await tabTo(p, 'stop');
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('stop-here'));
  want(!m.frame.stopped, 'stopped without a confirmation');
  await p.keyboard.press('Escape');
  await p.selectOption(id('stop-country'), 'TG');
  await p.click(id('stop'));
  await p.click(id('stop-sure'));
  await p.waitForSelector(id('stopped-TG'));
  want(m.frame.stopped.join() === 'TG' && m.frame.profile === 'encadre' && m.frame.proposed === 'souverain' && m.frame.by === 'Yann Kervella', `kept ${JSON.stringify(m.frame)}`);
  await p.click(id('lift-TG'));
  await p.click(id('stop-sure'));
  await p.waitForSelector(id('stopped-TG'), { state: 'detached' });
  want(!m.frame.stopped?.length && m.frame.proposed === 'souverain', `kept ${JSON.stringify(m.frame)}`);
  m.frame = undefined;
  await p.reload();
  await p.selectOption(id('stop-country'), 'TG');
  await p.click(id('stop'));
  await p.click(id('stop-sure'));
  await p.waitForSelector(id('stopped-TG'));
  want(m.frame.profile === 'souverain' && m.frame.version === 1, `the first frame is ${JSON.stringify(m.frame)}`);
  m.user = { ...m.user, roles: [{ name: 'dpo', principals: ['messagerie-du-ponant'], queues: ['*'], sites: ['*'] }] };
  await p.reload();
  await p.waitForSelector(id('law-table'));
  want(!(await p.locator(id('stops')).count()), 'one of a single client organisation stops a country');
});

check('alerts: what is unusual is taken note of, one’s own by somebody else', async (m, { url, page }, want) => {
  m.user = fx.boss();
  Object.assign(m, { contradictions: fx.contradictions(), unusual: fx.unusual() });
  const p = await page();
  await p.goto(`${url}/control/#/board`);
  await p.waitForSelector(id('note-alert'));
  const alerts = p.locator(`${id('alerts')} > div`);
  const all = () => p.locator(id('alerts')).innerText();
  want((await alerts.count()) === 3 && /Koffi/.test(await alerts.first().innerText()), `three at once, the contradiction first: ${await all()}`);
  want(/arrêté à 120 personnes/.test(await alerts.nth(1).innerText()), 'what was stopped says so');
  await alerts.nth(1).locator('button').click();
  await p.waitForFunction(() => !document.querySelector('[data-testid="alerts"]').innerText.includes('Sam Le Bihan'));
  await p.waitForFunction(() => document.querySelector('[data-testid="alerts"]').innerText.includes('Maëlle Kerguelen'));
  want((await alerts.nth(2).locator('button').count()) === 0 && /3 fois/.test(await alerts.nth(2).innerText()), `one’s own comes last, without a button: ${await all()}`);
});

check('law: a profile by two persons, a matrix by its cells', async (m, { url, page }, want) => {
  m.user = fx.boss(['dpo']);
  m.frame.stopped = ['TG'];
  const p = await page();
  await p.goto(`${url}/control/#/law`);
  await p.waitForSelector(id('law-table'));
  want(!(await p.locator(id('propose')).count()), 'a profile can be proposed unseen');
  await tabTo(p, 'study-souverain');
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('consequences'));
  await tabTo(p, 'propose');
  await p.keyboard.press('Enter');
  await p.waitForSelector(id('mine'));
  want(!(await p.locator(id('confirm-profile')).count()), 'who proposed can confirm');
  want(m.frame.proposed === 'souverain' && m.frame.profile === 'encadre', `kept ${JSON.stringify(m.frame)}`);
  m.user = { ...fx.boss(['dpo']), account: 'second', name: 'Yann Kervella' };
  await p.reload();
  await p.click(id('confirm-profile'));
  await p.click(id('confirm-sure'));
  await p.waitForSelector(`${id('profile')}[data-profile=souverain]`);
  want(m.frame.profile === 'souverain' && !m.frame.proposed && m.frame.stopped?.join() === 'TG', `kept ${JSON.stringify(m.frame)}`);
  const before = fx.settings().matrix[0].doc.text;
  await p.goto(`${url}/control/#/law/edit/messagerie-du-ponant`);
  await p.waitForSelector(id('cell-OTHER-none-view'));
  want((await p.locator(`${id('cell-OTHER-none-voice')} option`).count()) === 2 && (await p.locator(`${id('cell-OTHER-none-view')} option`).count()) === 5, 'a voice can be masked');
  want(await p.isDisabled(id('save-matrix')), 'nothing changed can be saved');
  await p.selectOption(id('cell-OTHER-none-view'), 'refused');
  await p.click(id('save-matrix'));
  await p.waitForFunction(() => document.querySelector('[data-testid="save-matrix"]')?.disabled);
  const after = m.matrices['messagerie-du-ponant'].doc;
  const lines = after.text.split('\n').map((l, i) => [l, before.split('\n')[i]]).filter(([a, b]) => a !== b);
  want(lines.length === 1 && /^OTHER\.none\s+= \["full",\s+"refused"/.test(lines[0][0]), `changed ${JSON.stringify(lines)}`);
  want(after.principal === 'messagerie-du-ponant', 'the matrix lost its owner');
});

check('settings: who saves a site is told that a dossier keeps it closed, and no other', async (m, { url, page }, want) => {
  m.user = fx.boss();
  const p = await page();
  const save = async (hash) => {
    await p.goto(`${url}/control/#/settings/site/${hash}`);
    await p.waitForSelector(id('editor'));
    if (hash === 'new') await p.fill(id('setting-id'), 'dakar');
    await p.getByLabel('Nom', { exact: true }).fill('Un site');
    await p.locator(id('editor')).evaluate((f) => { f.noValidate = true; });
    await p.click(id('save'));
    await p.waitForFunction(() => document.querySelector('[data-testid="notices"]').innerText.includes('nregistré'));
    return p.locator(id('notices')).innerText();
  };
  const closed = await save('new');
  want(/fermé jusqu’à la décision/.test(closed), `a site that a dossier closes: ${closed}`);
  await p.reload();
  const open = await save('brest');
  want(!/fermé/.test(open), `a site that is open: ${open}`);
});

check('law: the opening of a site is decided by who is signed in', async (m, { url, page }, want) => {
  m.user = fx.boss(['dpo']);
  const p = await page();
  await p.goto(`${url}/control/#/law`);
  await p.click(id('opening-dakar'));
  await p.waitForSelector(id('opening-needs'));
  await p.fill(id('opening-reason'), 'Le dossier n’est pas complet.');
  want(await p.isDisabled(id('opening-go')), 'go is possible while an opinion is awaited');
  await p.click(id('opening-edit'));
  await p.waitForSelector(id('editor'));
  await p.getByLabel('Sens de l’avis').nth(1).selectOption('favourable');
  await p.click(id('save'));
  await p.waitForSelector(id('opening-reason'));
  want(!(await p.locator(id('opening-needs')).count()) && m.openings.dakar.scope.agents === 2, `kept ${JSON.stringify(m.openings.dakar)}`);
  await p.fill(id('opening-reason'), 'Essai de trois mois.');
  await tabTo(p, 'opening-go');
  await p.keyboard.press('Enter');
  await p.click(id('opening-sure'));
  await p.waitForSelector(id('opening-decided'));
  want(m.openings.dakar.decision.verdict === 'go' && !m.openings.dakar.decision.by, `decided ${JSON.stringify(m.openings.dakar.decision)}`);
  const said = await p.textContent(id('step-clients'));
  want(/délai jusqu’au/.test(said) && /opposition/.test(said), `a client organisation that may object is open: ${said}`);
  await p.click(id('opening-withdraw'));
  await p.click(id('opening-sure'));
  await p.waitForSelector(id('opening-reason'));
  want(!m.openings.dakar.decision, 'the decision stands');
});

check('the checks themselves catch a bad page', async (m, { url, context, page }, want) => {
  const p = await page();
  await p.route('**/bad', (r) => r.fulfill({ contentType: 'text/html', headers: { 'Content-Security-Policy': "default-src 'none'; style-src 'self'" }, body: '<!doctype html><title>x</title><p style="color:red">x<img src="https://example.invalid/a.png">' }));
  await p.goto(`${url}/bad`);
  await p.waitForTimeout(300);
  const caught = p.faults.splice(0).join(' ');
  want(/policy: style-src/.test(caught), 'an inline style was not caught');
  want(/foreign request/.test(caught) || /img-src/.test(caught), 'a foreign request was not caught');
  want((await axe(p)).some((v) => v.includes('image-alt')), 'an image without alt was not caught');
  void context;
});

await lanes(checks, run); // in new browsers: an old one slows its timers down
console.log(`${seen} screens looked at, ${faults.length} faults; pictures in ${shots}`);
process.exit(faults.length ? 1 : 0);
