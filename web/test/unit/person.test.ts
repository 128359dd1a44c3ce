// SPDX-License-Identifier: EUPL-1.2
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { api, Problem } from '$lib/api/client';
import { forgetPanes } from '$lib/glass.svelte';
import type { Interaction, PersonCard, PersonField } from '$lib/api/types';
import { readable } from '../../control/sections/facts';
import { changesOf, draftOf, joinOf, PersonFile, rebased } from '../../desk/person.svelte';
import type { View } from '../../desk/view';

type Seen = Pick<View, 'interaction' | 'link' | 'channel'>;
const seen = (over: Partial<Seen> = {}, id = 'i1'): Seen => ({ link: 'open', channel: 1, interaction: { id, state: 'connected' } as Interaction, ...over });
const field = (id: string, over: Partial<PersonField> = {}): PersonField => ({ id, class: 'courant', kind: 'text', allowed: true, whole: true, ...over }) as PersonField;
const card: PersonCard = { person: 'p1', version: 'v1', known: true, fields: [field('name', { value: 'Ana' })], merged: [], history: [] };
let answer: () => Promise<PersonCard>;

beforeEach(() => {
  answer = () => Promise.resolve(card);
  vi.spyOn(api, 'personCard').mockImplementation(() => answer());
  vi.spyOn(api, 'searchPersons').mockImplementation(() => Promise.resolve({ persons: [{ person: 'p2', fields: [] }], more: true }));
});
afterEach(() => {
  vi.restoreAllMocks();
  forgetPanes();
});

async function shown(): Promise<PersonFile> {
  const f = new PersonFile();
  f.follow(seen());
  await f.load();
  await f.search('ana');
  expect([f.card?.person, f.found?.length, f.more]).toEqual(['p1', 1, true]);
  return f;
}

test.each([
  ['another call', seen({}, 'i2')], ['no call', { link: 'open', channel: 1 } as Seen], ['another channel', seen({ channel: 2 })],
  ['a lost channel', seen({ link: 'lost' })], ['a channel taken over', seen({ link: 'replaced' })],
])('card and persons found are forgotten with %s', async (_name, next) => {
  const f = await shown();
  f.text = 'ana';
  f.follow(next);
  expect([f.card, f.found, f.more, f.text]).toEqual([undefined, undefined, false, '']);
});

test('an answer for a call that is over is for nobody', async () => {
  let late: (c: PersonCard) => void = () => undefined;
  answer = () => new Promise((r) => { late = r; });
  const f = new PersonFile();
  f.follow(seen());
  const asked = f.load();
  f.follow(seen({}, 'i2'));
  late(card);
  expect([await asked, f.card, f.busy]).toEqual([false, undefined, false]);
});

test('an error leaves the card that is there, and says so', async () => {
  const f = await shown();
  answer = () => Promise.reject(new Problem(409, 'conflict'));
  expect([await f.load(), f.card?.person, (f.problem as Problem).code]).toEqual([false, 'p1', 'conflict']);
});

test.each([['save', (f: PersonFile) => f.save([{ field: 'name', value: 'X' }])], ['merge', (f: PersonFile) => f.merge('p2')], ['undo', (f: PersonFile) => f.undo('p2')], ['organisation', (f: PersonFile) => f.organisation('356000000', '')]])(
  '%s of a card that somebody else changed is refused, and the card is shown anew', async (_name, write) => {
    const f = await shown();
    const versions: string[] = [];
    const refuse = (_id: string, version: string): Promise<PersonCard> => {
      versions.push(version);
      return version === 'v2' ? Promise.resolve({ ...card, version: 'v3' }) : Promise.reject(new Problem(412, 'stale'));
    };
    for (const name of ['keepPerson', 'mergePerson', 'undoMerge', 'setOrganisation'] as const) vi.spyOn(api, name).mockImplementation(refuse);
    answer = () => Promise.resolve({ ...card, version: 'v2', fields: [field('name', { value: 'Anne' })] });
    expect([await write(f), f.changed, f.problem, f.card?.fields[0]?.value]).toEqual([false, true, undefined, 'Anne']);
    expect([await write(f), f.changed, f.card?.version]).toEqual([true, false, 'v3']);
    expect(versions).toEqual(['v1', 'v2']);
  });

test('a card that somebody else changed and that cannot be read says so', async () => {
  const f = await shown();
  vi.spyOn(api, 'keepPerson').mockImplementation(() => Promise.reject(new Problem(412, 'stale')));
  answer = () => Promise.reject(new Problem(0, 'network'));
  expect([await f.save([]), f.changed, (f.problem as Problem).code, f.card?.person]).toEqual([false, true, 'network', 'p1']);
});

test('what was typed is kept, and nothing else is written over', () => {
  const before = [field('name', { value: 'Ana' }), field('email', { value: 'a@b' }), field('contrat'), field('siren', { value: '356000000' })];
  const now = [field('name', { value: 'Anne' }), field('email', { value: 'new@b' }), field('contrat', { value: 'C-2' }), field('siren', { value: '732829320' })];
  const draft = rebased(before, now, { ...draftOf(before), name: 'Ana B.' });
  expect(draft).toEqual({ name: 'Ana B.', email: 'new@b', contrat: 'C-2' });
  expect(changesOf(now, draft)).toEqual([{ field: 'name', value: 'Ana B.' }]);
  expect(rebased(before, now, { ...joinOf(before), organisation: 'Client' })).toEqual({ siren: '732829320', organisation: 'Client' });
});

test('only what is seen whole and was changed is written', () => {
  const fields = [
    field('name', { value: 'Ana' }), field('email', { value: 'a@b' }), field('contrat'), field('soin', { allowed: false, whole: false }),
    field('phones', { remote: true, whole: false, image: '/x' }), field('siren', { value: '356000000' }),
  ];
  const draft = draftOf(fields);
  expect(Object.keys(draft)).toEqual(['name', 'email', 'contrat']);
  draft['name'] = ' Ana B. ';
  draft['email'] = '';
  expect(changesOf(fields, draft)).toEqual([{ field: 'name', value: 'Ana B.' }, { field: 'email', value: '' }]);
  expect(changesOf(fields, draftOf(fields))).toEqual([]);
});

test('a story tells which fields were written, and no random id', () => {
  expect(readable({ person: 'p1', subject: 's1', set: ['name', 'contrat'], cleared: ['email'], source: 'desk', by: 'a1', card: true }, {}, 'PersonKept')).toEqual([
    ['écrit', 'Nom et contrat'], ['retiré', 'E-mail'], ['source', 'poste'],
  ]);
  expect(readable({ from: 'p1', into: 'p2', by: 'a1' }, {}, 'PersonsMerged')).toEqual([]);
  expect(readable({ field: 'person.phones', allowed: true }, {}, 'FieldShown')[0]?.[1]).toBe('Numéros');
});
