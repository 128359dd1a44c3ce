// SPDX-License-Identifier: EUPL-1.2
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { api, Problem } from '$lib/api/client';
import { fetchPane, forgetPanes, pane } from '$lib/glass.svelte';
import type { Card, Interaction } from '$lib/api/types';
import { readable } from '../../control/sections/facts';
import { Lookup, troubleOf } from '../../desk/card.svelte';
import type { View } from '../../desk/view';

type Seen = Pick<View, 'interaction' | 'link' | 'channel'>;
const seen = (state: Interaction['state'] | '', over: Partial<Seen> = {}, id = 'i1'): Seen => ({ link: 'open', channel: 1, ...(state && { interaction: { id, state } as Interaction }), ...over });
const card: Card = { source: 'colis', name: 'Colis', fields: [{ name: 'number', label: 'Numéro', class: 'suivi', allowed: true, remote: true, image: '/api/consultation/a' }] };
let asked: string[] = [];
let answer: () => Promise<Card>;

beforeEach(() => {
  asked = [];
  answer = () => Promise.resolve(card);
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.stubGlobal('createImageBitmap', () => Promise.resolve({ width: 640, height: 80, close: () => undefined }));
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path);
    return Promise.resolve(new Response('png'));
  });
  vi.spyOn(api, 'cardSources').mockImplementation((id) => {
    asked.push(`sources ${id}`);
    return Promise.resolve({ sources: [{ id: 'colis', name: 'Colis', key_label: 'Numéro de colis' }] });
  });
  vi.spyOn(api, 'card').mockImplementation((id, source, key) => {
    asked.push(`card ${id} ${source} ${key}`);
    return answer();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  forgetPanes();
});

/** A card on the desk, with its image. */
async function shown(): Promise<Lookup> {
  const l = new Lookup();
  l.follow(seen('connected'));
  await vi.waitFor(() => expect(l.source).toBe('colis'));
  l.key = ' 7012 ';
  await l.search();
  expect(l.card?.name).toBe('Colis');
  fetchPane('/api/consultation/a');
  await vi.waitFor(() => expect(pane('/api/consultation/a')?.state).toBe('ready'));
  return l;
}
const gone = (l: Lookup): void => {
  expect([l.card, l.key, l.problem, l.searching]).toEqual([undefined, '', undefined, false]);
  expect(pane('/api/consultation/a')).toBeUndefined();
};

test('sources are asked for once the call is there, once', async () => {
  const l = new Lookup();
  l.follow(seen('offered'));
  expect(asked).toEqual([]);
  for (const state of ['connected', 'held', 'connected'] as const) l.follow(seen(state));
  await vi.waitFor(() => expect(l.source).toBe('colis'));
  expect(asked).toEqual(['sources i1']);
});

test('a card stays while its call is held and wrapped up', async () => {
  const l = await shown();
  for (const state of ['held', 'connected', 'wrap_up'] as const) l.follow(seen(state));
  expect(l.card?.name).toBe('Colis');
  expect(l.key).toBe(' 7012 ');
  expect(pane('/api/consultation/a')?.state).toBe('ready');
});

test.each<[string, Seen]>([
  ['another call', seen('connected', {}, 'i2')],
  ['the end of the call', seen('')],
  ['a new channel', seen('connected', { channel: 2 })],
  ['a channel that is gone', seen('connected', { link: 'lost' })],
  ['a desk opened elsewhere', seen('connected', { link: 'replaced' })],
  ['the end of the session', seen('connected', { link: 'ended' })],
])('a card, its images and its key are forgotten with %s', async (_name, next) => {
  const l = await shown();
  l.follow(next);
  gone(l);
});

test('signing out forgets all', async () => {
  const l = await shown();
  l.forget();
  gone(l);
  expect(l.sources).toBeUndefined();
});

test('a new search replaces the card and its images at once', async () => {
  const l = await shown();
  answer = () => Promise.reject(new Problem(404, 'not_found'));
  const done = l.search('8');
  expect([l.card, l.searching]).toEqual([undefined, true]);
  expect(pane('/api/consultation/a')).toBeUndefined();
  await done;
  expect(troubleOf(l.problem)).toBe('missing');
  answer = () => Promise.resolve(card);
  await l.again();
  expect([l.card?.name, asked.at(-1)]).toEqual(['Colis', 'card i1 colis 8']);
});

test('an answer that comes after the channel began anew is for nobody', async () => {
  const l = await shown();
  let late: (c: Card) => void = () => undefined;
  answer = () => new Promise((r) => { late = r; });
  const done = l.search('9');
  await vi.waitFor(() => expect(asked.filter((a) => a.startsWith('card'))).toHaveLength(2));
  l.follow(seen('connected', { channel: 2 }));
  late(card);
  await done;
  gone(l);
});

test('an image that comes after it was forgotten is not kept', async () => {
  let late: (b: unknown) => void = () => undefined;
  const closed = vi.fn();
  vi.stubGlobal('createImageBitmap', () => new Promise((r) => { late = r; }));
  fetchPane('/api/consultation/b');
  await vi.waitFor(() => expect(asked).toContain('/api/consultation/b'));
  await new Promise((r) => setTimeout(r));
  forgetPanes(['/api/consultation/b']);
  late({ close: closed });
  await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  expect(pane('/api/consultation/b')).toBeUndefined();
});

test('nothing is asked for without a key', async () => {
  const l = await shown();
  l.key = '   ';
  await l.search();
  expect(asked.filter((a) => a.startsWith('card'))).toHaveLength(1);
});

test.each([['not_found', 'missing'], ['denied', 'refused'], ['busy', 'tooMany'], ['unavailable', 'away'], ['invalid', 'badKey'], ['internal', undefined]])('%s is %s', (code, want) => {
  expect(troubleOf({ code })).toBe(want);
});

test('the choice of a place is told in the story', () => {
  expect(readable({ outcome: 'withdrawn', reason: 'area' }, {}, 'OfferEnded')).toContainEqual(['motif', 'l’appelant a choisi un autre lieu']);
  expect(readable({ reason: 'area' }, {}, 'CallbackPromised')[0]?.[1]).toContain('personne n’y était en poste');
  expect(readable({ area: 'FR', owed: true }, {}, 'AreaChosen')).toEqual([]);
});
