// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import type { Contradiction, Interaction, Me, Queue, Unusual } from '$lib/api/types';
import { percent } from '$lib/i18n/index.svelte';
import { status, total } from '../../control/figures';
import { alertsOf } from '../../control/alerts';
import { mergeContradictions, mergeUnusual, mergeWaiting, sectionsOf } from '../../control/room.svelte';
import { readable } from '../../control/sections/facts';
import { missing, missingText, proposed } from '../../control/settings/sentences';
import { fresh, randomId, refsOf, shapes, tidy, validSlug } from '../../control/settings/shape';

const queue = (over: object = {}, figures: object = {}, agents: object = {}): Queue =>
  ({ id: 'q', waiting: 0, target_s: 20, agents: { ready: 1, offered: 0, engaged: 0, wrap_up: 0, paused: 0, unreachable: 0, ...agents }, figures: { offered: 0, answered: 0, answered_in: 0, abandoned: 0, short: 0, callback: 0, ...figures }, ...over }) as Queue;

test('the day of the vocabulary gives its service level and abandonment over several queues', () => {
  const sum = total([queue({}, { offered: 600, answered: 500, answered_in: 400, abandoned: 100 }), queue({ waiting: 2, oldest: '2026-01-01T10:00:00.000Z' }, { offered: 400, answered: 350, answered_in: 300, abandoned: 50 }), queue({ waiting: 1, oldest: '2026-01-01T09:59:00.000Z' })]);
  expect(percent(sum.answeredIn, sum.answered + sum.abandoned, 'en')).toBe('70.0%');
  expect(percent(sum.abandoned, sum.offered, 'en')).toBe('15.0%');
  expect([sum.waiting, sum.oldest]).toEqual([3, '2026-01-01T09:59:00.000Z']);
});

test.each([
  ['empty', queue(), 0], ['met', queue({}, { answered: 10, answered_in: 8 }), 0], ['watch', queue({}, { answered: 10, answered_in: 7 }), 0], ['missed', queue({ waiting: 1 }, { answered: 10, answered_in: 9 }), 21_000],
  ['nobodyThere', queue({ waiting: 1 }, {}, { ready: 0 }), 1000], ['watch', queue({ waiting: 1 }), 1000],
])('a queue is shown as %s', (want, q, waited) => {
  expect(status(q, waited)).toBe(want);
});

test('the waiting line keeps the order of arrival and loses who is answered', () => {
  const i = (id: string, at: string, state = 'queued'): Interaction => ({ id, state, opened_at: at, queued_at: at }) as Interaction;
  let line = mergeWaiting([], i('b', '2026-01-01T10:00:02Z'));
  line = mergeWaiting(line, i('a', '2026-01-01T10:00:01Z'));
  line = mergeWaiting(line, i('b', '2026-01-01T10:00:02Z', 'offered'));
  expect(line.map((x) => x.id)).toEqual(['a', 'b']);
  expect(mergeWaiting(line, i('a', '2026-01-01T10:00:01Z', 'connected')).map((x) => x.id)).toEqual(['b']);
});

test('a contradicted place is shown once a person, until somebody takes note', () => {
  const c = (account: string, seq: number, noted = false): Contradiction => ({ account, seq, noted }) as Contradiction;
  let list = mergeContradictions([], c('ana', 1));
  list = mergeContradictions(list, c('bob', 2));
  list = mergeContradictions(list, c('ana', 3));
  expect(list.map((x) => x.seq)).toEqual([3, 2]);
  expect(mergeContradictions(list, c('ana', 3, true)).map((x) => x.seq)).toEqual([2]);
});

test('what is unusual is shown once a person and sort, and one’s own is for somebody else to note', () => {
  const u = (account: string, what: Unusual['what'], seq: number, more: Partial<Unusual> = {}): Unusual => ({ account, what, seq, name: account, count: 1, at: '2026-01-01T10:00:00Z', ...more });
  let list = mergeUnusual([], u('ana', 'hours', 1));
  list = mergeUnusual(list, u('ana', 'persons', 2, { persons: 31 }));
  list = mergeUnusual(list, u('ana', 'hours', 3));
  expect(list.map((x) => x.seq)).toEqual([3, 2]);
  expect(mergeUnusual(list, u('ana', 'hours', 3, { noted: true })).map((x) => x.seq)).toEqual([2]);
  const [many, odd] = alertsOf([], [u('ana', 'hours', 3, { mine: true }), u('ana', 'persons', 2, { persons: 120, stopped: true })]);
  expect([odd?.note, odd?.tone, many?.tone]).toEqual([undefined, 'warn', 'bad']);
  expect(many?.text).toContain('120 personnes');
});

test('a role opens its sections and no other', () => {
  const me = (...names: string[]): Me => ({ roles: names.map((name) => ({ name })) }) as Me;
  expect(sectionsOf(me('agent'))).toEqual([]);
  expect(sectionsOf(me('supervisor'))).toEqual(['board', 'agents', 'interactions', 'callbacks']);
  expect(sectionsOf(me('administrator'))).toEqual(['settings', 'accounts', 'law', 'connections']);
  expect(sectionsOf(me('support'))).toEqual(['settings']);
  expect(sectionsOf(me('dpo'))).toEqual(['board', 'agents', 'interactions', 'callbacks', 'settings', 'law', 'connections', 'persons', 'journal']);
});

test('facts are read without ids, durations out of microseconds', () => {
  expect(readable({ interaction: 'x', wait: 22_800_000, complete: true, place: { country: 'PT', evidence: 'attested' }, rank: 5 })).toEqual([['attente', '00:22'], ['entendu jusqu’au bout', 'oui'], ['lieu', 'Portugal · attesté']]);
  expect(readable({ object: 'x', purpose: 'quality', retention_days: 30, until: Date.UTC(2026, 2, 31, 9) * 1000 })).toEqual([['finalité', 'Qualité'], ['conservation (j)', '30'], ['conservé jusqu’au', '31 mars 2026']]);
});

test('ids, documents and forms', () => {
  for (const [id, want] of [['suivi-colis', true], ['a', true], ['', false], ['-a', false], ['a-', false], ['É', false], ['a'.repeat(41), false], ['a'.repeat(40), true]] as const) expect(validSlug(id), id).toBe(want);
  expect(randomId()).toMatch(/^[a-z2-7]{26}$/);
  expect(randomId()).not.toBe(randomId());
  expect(tidy({ a: '', b: 0, c: [{ d: '', e: 'x' }], f: undefined, g: false })).toEqual({ b: 0, c: [{ e: 'x' }], g: false });
  expect(refsOf(shapes.queue).sort()).toEqual(['principal', 'prompt']);
  expect(Object.keys(fresh).sort()).toEqual(Object.keys(shapes).sort());
});

test('what a site lacks is understood, and a sentence is proposed by its evidence', () => {
  expect(missing('sentence_declared_missing')).toEqual({ evidence: 'declared', silent: false, unreadable: false });
  expect(missing('sentence_unknown_silent')).toEqual({ evidence: 'unknown', silent: true, unreadable: false });
  expect(missing('sentence_attested_unreadable')).toEqual({ evidence: 'attested', silent: true, unreadable: true });
  expect(missingText(['sentence_attested_unreadable', 'sentence_unknown_missing'])).toMatch(/attesté.*ne peut plus être lu et la phrase.*non vérifié/);
  expect(missing('something_else')).toBeUndefined();
  expect(proposed('MA', 'attested')).toBe('Votre appel est pris par un conseiller situé au Maroc.');
  expect(proposed('MA', 'declared')).toContain('selon la déclaration de l’entreprise');
  expect(proposed('MA', 'unknown')).not.toContain('Maroc');
});
