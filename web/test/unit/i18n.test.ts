// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { en as publicEn } from '$lib/i18n/en';
import { fr as publicFr } from '$lib/i18n/fr';
import { percent, phone, plural, say, timer } from '$lib/i18n/index.svelte';
import { en as staffEn } from '$lib/i18n/staff.en';
import { fr as staffFr } from '$lib/i18n/staff.fr';

const en = { ...publicEn, ...staffEn };
const fr = { ...publicFr, ...staffFr };

type Tree = { [key: string]: string | Tree };

function walk(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([k, v]) => (typeof v === 'string' ? [[`${path}${k}`, v] as [string, string]] : walk(v, `${path}${k}.`)));
}
const placeholders = (text: string): string => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();

test('both languages have the same texts, none empty, with the same arguments', () => {
  const english = new Map(walk(en));
  const french = walk(fr);
  expect([...english.keys()].sort()).toEqual(french.map(([k]) => k).sort());
  for (const [key, text] of french) {
    expect(text.trim(), key).not.toBe('');
    expect(english.get(key)?.trim(), key).not.toBe('');
    expect(placeholders(english.get(key) ?? ''), key).toBe(placeholders(text));
  }
});

test('French typography: no plain space before : ; ! ? »', () => {
  for (const [key, text] of walk(fr)) expect(text, key).not.toMatch(/ [:;!?»]/);
});

test('no text claims what a program cannot prove', () => {
  const never = /100 %|aucun transfert|sans transfert|certifié|SecNumCloud|HDS|conforme (au )?RGPD|ne quitt|hors d’atteinte|no transfer|certified|GDPR[- ]compliant|never leaves?|beyond the reach/i;
  for (const [key, text] of [...walk(fr), ...walk(en)]) expect(text, key).not.toMatch(never);
});

test('zero is singular in French and plural in English', () => {
  expect(plural(fr.desk.day.handled, 0, 'fr')).toBe('0 appel pris');
  expect(plural(fr.desk.day.handled, 2, 'fr')).toBe('2 appels pris');
  expect(plural(en.desk.day.handled, 0, 'en')).toBe('0 calls taken');
  expect(plural(en.desk.day.handled, 1, 'en')).toBe('1 call taken');
});

test('a percentage is 100 % or 0 % only if exact, and a dash without a denominator', () => {
  for (const [part, whole, want] of [[850, 1000, '85.0%'], [700, 1000, '70.0%'], [9999, 10_000, '99.9%'], [1, 10_000, '0.1%'], [10, 10, '100%'], [0, 10, '0%'], [0, 0, '–'], [167, 208, '80.3%']] as const) {
    expect(percent(part, whole, 'en'), `${part}/${whole}`).toBe(want);
  }
});

test('durations, telephone numbers and arguments read as people write them', () => {
  expect(timer(252_000)).toBe('04:12');
  expect(timer(3_723_000)).toBe('1:02:03');
  expect(timer(-5)).toBe('00:00');
  expect(phone('+33298000101')).toBe('+33\u00a02\u00a098\u00a000\u00a001\u00a001');
  expect(phone('+212522000000')).toBe('+212522000000');
  expect(say('{a} sur {b}', { a: 1, b: 2 })).toBe('1 sur 2');
});
