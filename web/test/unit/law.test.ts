// SPDX-License-Identifier: EUPL-1.2
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import type { Consequence, Pack, PackRow } from '$lib/api/types';
import { fetchPane, forgetPanes, pane, renewPane } from '$lib/glass.svelte';
import { date, setLang } from '$lib/i18n/index.svelte';
import { decided, ruled, ruleName } from '$lib/problem';
import { dueState, grouped } from '../../control/law/group';
import { holding, scopeOf } from '../../control/law/packs';
import { changes, choices, keyOf, readToml, refuse, refusing, writeToml, type Fault, type Table } from '../../control/law/toml';
import { shapes } from '../../control/settings/shape';

afterEach(() => {
  setLang('fr', true);
  vi.unstubAllGlobals();
  forgetPanes();
});

const packRow = (id: string, standing: PackRow['standing'], more: Partial<PackRow>): PackRow => ({ id, standing, jurisdiction: 'FR', legal_ref: 'art. 1', text: '', status: 'unverified', confidence: 'memory_high', source: '', effect: 'none', ...more });

const folder = `${process.cwd()}/../cmd/rivage/demo/settings/matrices/`;
const files = readdirSync(folder).filter((f) => f.endsWith('.toml'));
const demo = readFileSync(`${folder}messagerie.toml`, 'utf8');
const table = (text: string): Table => {
  const t = readToml(text);
  if ('what' in t) throw new Error(`line ${t.line}: ${t.what}`);
  return t;
};

test('there are matrices to read', () => expect(files).toContain('organisation.toml'));

test.each(files)('%s is read, and written again byte for byte', (file) => {
  const text = readFileSync(folder + file, 'utf8');
  const read = table(text);
  expect(Object.keys(read.cells)).toHaveLength(6 * 8 * 2 * 5);
  expect(writeToml(read)).toBe(text);
});

test('a matrix says what its file says, and one cell changed is one word changed', () => {
  const read = table(demo);
  expect(read.cells[keyOf('suivi', 'OTHER', 'exposed', 'view')]).toBe('remote');
  expect(read.cells[keyOf('suivi', 'OTHER', 'exposed', 'copy')]).toBe('refused');
  const cells = { ...read.cells, [keyOf('suivi', 'OTHER', 'none', 'view')]: 'masked-remote' as const };
  expect(changes(cells, read.cells)).toBe(1);
  const text = writeToml({ head: read.head, cells });
  expect(text).toContain('OTHER.none               = ["full",     "masked-remote", "refused",  "refused",  "refused"]');
  expect(table(text).cells).toEqual(cells);
});

test('what starts from nothing refuses everything', () => {
  const none = refusing();
  expect(new Set(Object.values(none.cells))).toEqual(new Set(['refused']));
  expect(table(writeToml(none))).toEqual(none);
  const read = table(demo);
  refuse(read.cells, 'suivi');
  expect(Object.entries(read.cells).filter(([k, v]) => k.startsWith('suivi.') && v !== 'refused')).toEqual([]);
  expect(read.cells[keyOf('public', 'FR', 'none', 'voice')]).toBe('full');
});

test('only a view is masked or remote', () => {
  expect(choices('view')).toHaveLength(5);
  for (const c of ['voice', 'copy', 'admin', 'rest'] as const) expect(choices(c)).toEqual(['full', 'refused']);
});

const row = 'FR.none                  = ["full",     "full",     "full",     "full",     "full"]';
test.each<[string, (text: string) => string, Fault['what']]>([
  ['another way to write a row', (t) => t.replace('FR.none  ', '"FR".none'), 'row'],
  ['a comment in the middle', (t) => t.replace('FR.exposed', '# à revoir\nFR.exposed'), 'row'],
  ['a comment at the end of a row', (t) => t.replace(row, `${row} # à revoir`), 'row'],
  ['a row before any class', (t) => `${row}\n${t}`, 'row'],
  ['a class that does not exist', (t) => t.replace('[suivi]', '[secret]'), 'class'],
  ['a class twice', (t) => t.replace('[suivi]', '[public]'), 'class'],
  ['a zone that does not exist', (t) => t.replace('FR_RUP.none ', 'FR_DOM.none '), 'zone'],
  ['a row twice', (t) => t.replace(row, `${row}\n${row}`), 'zone'],
  ['four words', (t) => t.replace(row, 'FR.none = ["full", "full", "full", "full"]'), 'words'],
  ['an unknown word', (t) => t.replace(row, row.replace('"full"', '"some"')), 'word'],
  ['a voice that is masked', (t) => t.replace(row, row.replace('"full"', '"masked"')), 'word'],
  ['a row that is missing', (t) => t.replace(row, ''), 'missing'],
  ['a class that is missing', (t) => t.slice(0, t.indexOf('[sante]')), 'absent'],
])('a text with %s is not read', (_name, spoil, what) => {
  const bad = spoil(demo);
  expect(bad).not.toBe(demo);
  expect(readToml(bad)).toMatchObject({ what });
});

test('consequences are grouped by client organisation and site, those that change alike together', () => {
  const c = (over: Partial<Consequence>): Consequence => ({ principal: 'a', site: 'lome', site_name: 'Lomé', country: 'TG', class: 'suivi', action: 'offer', allowed: false, reason: 'r', ...over });
  const list = [c({}), c({ action: 'leg' }), c({ class: 'public' }), c({ class: 'public', action: 'leg' }), c({ action: 'field', allowed: true, reason: '' }), c({ site: 'brest', site_name: 'Brest', country: 'FR' }), c({ principal: 'b' })];
  const groups = grouped(list);
  expect(groups.map((g) => [g.principal, g.sites.map((s) => s.site)])).toEqual([['a', ['lome', 'brest']], ['b', ['lome']]]);
  expect(groups[0]?.sites[0]?.changes).toEqual([
    { allowed: false, reason: 'r', classes: ['suivi', 'public'], actions: ['offer', 'leg'] },
    { allowed: true, reason: '', classes: ['suivi'], actions: ['field'] },
  ]);
});

test.each([[-12, 0, 'over'], [0, 7, 'd7'], [5, 7, 'd7'], [8, 30, 'd30'], [31, 90, 'd90'], [90, 90, 'd90']] as const)('%i days, warned at %i: %s', (days, warning, want) => {
  expect(dueState({ days, warning })).toBe(want);
});

test('a day of the calendar is the same day in every zone', () => {
  expect(date('2036-01-11')).toBe('11 janvier 2036');
});

test('what the frame refuses is said in the page’s language', () => {
  const past = "Garantie expirée : clauses contractuelles types (CCT).";
  expect(decided(past)).toContain('clauses contractuelles types (CCT)');
  expect(decided("Profil souverain : rien ne sort de l'EEE, consultation comprise.")).toContain('rien ne sort de l’EEE');
  setLang('en', true);
  expect(decided(past)).toBe('Safeguard expired: standard contractual clauses (SCC).');
  expect(decided("Garantie manquante : preuve que l'importateur est couvert par l'adéquation.")).toBe('Safeguard missing: proof of adequacy (importer in scope).');
  expect(decided("La part minimale de la journée prise en charge depuis l'EEE (70 %) ne serait plus tenue.")).toBe('The least part of the day (EEA) would no longer be kept.');
  expect(decided("La matrice de l'organisation le refuse.")).toBe('The organisation’s matrix refuses it.');
  expect(decided('le cadre ne se lit pas : tout est refusé jusqu\'à ce qu\'il soit réparé')).toContain('cannot be read');
  expect(decided("Ouverture du site : ce donneur d'ordre n'a pas été prévenu.")).toBe('Opening of the site: this client organisation was not told.');
  expect(decided('Ouverture du site : pas encore décidée.')).toContain('not decided yet');
  expect(decided('ce que la règle dit')).toBe('ce que la règle dit');
});

test('what stands above the rules is called by its name', () => {
  expect(ruleName('profil:encadre')).toBe('Profil encadré');
  expect(ruleName('garantie:clauses')).toBe('garantie (CCT)');
  expect(ruleName('matrice:organisation')).toBe('matrice de l’organisation');
  expect(ruleName('matrice:messagerie')).toBe('matrice du donneur d’ordre');
  for (const rule of ['arret', 'choix', 'lecteur-d-ecran', 'part:FR', 'ouverture:dakar', 'connexion:classe']) expect(ruleName(rule)).not.toBe(rule);
  expect(ruled('arret')).toMatch(/^Cadre/);
  expect(ruled('choix')).toBe('choix de l’appelant');
  expect(ruled('sante-hors-ue')).toBe('Règle sante-hors-ue');
});

const packs: Pack[] = [
  { id: 'fr', on: true, rows: [packRow('a', 'verified', {}), packRow('b', 'proposal', {}), packRow('c', 'unverified', { classes: ['sante'], columns: ['rest'] })] },
  { id: 'us', on: false, rows: [packRow('d', 'unverified', {})] },
];

test('what decides nothing is shown as a preview, apart', () => {
  expect(holding(packs, true).map((r) => r.row.id)).toEqual(['a', 'c']);
  expect(holding(packs, false).map((r) => r.row.id)).toEqual(['b', 'd']);
  expect(scopeOf(packs[0]!.rows[2]!)).toEqual([['sante'], ['rest']]);
  expect(ruled('paquet:fr/SOV-03')).toMatch(/^Cadre.+paquet de règles fr\/SOV-03$/);
});

test('a safeguard asks for what its kind needs', () => {
  const asked = (kind: string): string[] => shapes.safeguard.filter((f) => !f.when || f.when({ kind })).map((f) => f.key);
  expect(asked('clauses')).toContain('module');
  expect(asked('assessment')).not.toContain('module');
  expect(asked('derogation')).not.toContain('company');
  expect(asked('derogation')).not.toContain('country');
});

test('an image is fetched once for all who show it, renewed under the same field, and a few are kept', async () => {
  const asked: string[] = [];
  const closed: number[] = [];
  let n = 0;
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path);
    return Promise.resolve(path.includes('gone') ? new Response('{}', { status: 404 }) : new Response('png'));
  });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('createImageBitmap', () => { const id = n++; return Promise.resolve({ id, width: 640, height: 80, close: () => closed.push(id) }); });
  fetchPane('/api/consultation/a');
  fetchPane('/api/consultation/a');
  await vi.waitFor(() => expect(pane('/api/consultation/a')?.state).toBe('ready'));
  expect(asked).toEqual(['/api/consultation/a']);

  fetchPane('/api/consultation/gone');
  await vi.waitFor(() => expect(pane('/api/consultation/gone')?.state).toBe('failed'));
  fetchPane('/api/consultation/gone');
  expect(asked).toHaveLength(2);
  await renewPane('/api/consultation/gone', '/api/consultation/b');
  expect(pane('/api/consultation/gone')?.state).toBe('ready');

  for (let i = 0; i < 120; i++) fetchPane(`/api/consultation/more${i}`);
  await vi.waitFor(() => expect(pane('/api/consultation/more119')?.state).toBe('ready'));
  expect(pane('/api/consultation/a')).toBeUndefined();
  expect(closed).toContain(0);
  forgetPanes();
  expect(pane('/api/consultation/more119')).toBeUndefined();
});
