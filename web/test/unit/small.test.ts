// SPDX-License-Identifier: EUPL-1.2
import { afterEach, expect, test, vi } from 'vitest';
import { handle, keysOf, label } from '$lib/actions';
import { problemOf } from '$lib/api/client';
import { setLang } from '$lib/i18n/index.svelte';
import { decibels, rms, step } from '$lib/phone/level';
import { sentence } from '$lib/problem';
import { setLetters } from '$lib/settings.svelte';

afterEach(() => {
  setLang('fr', true);
  setLetters(true);
  document.body.innerHTML = '';
});

test('loudness: silence lights nothing, full scale lights all', () => {
  expect(step(decibels(rms(new Float32Array(64))))).toBe(0);
  expect(step(decibels(rms(new Float32Array(64).fill(0.5))))).toBe(16);
  expect(step(decibels(rms(new Float32Array(64).fill(0.01))))).toBe(7);
});

test('an error is a sentence in the language shown; the server’s detail is shown when we have no words', () => {
  expect(sentence(problemOf(401, { code: 'bad_credentials', detail: 'x' }))).toBe('Identifiant ou mot de passe inexact.');
  expect(sentence(problemOf(422, { code: 'invalid', detail: 'Le nom manque.' }))).toBe('Le nom manque.');
  expect(sentence(problemOf(409, { code: 'brand_new', detail: 'Phrase du serveur.' }))).toBe('Phrase du serveur.');
  expect(sentence(problemOf(503, null))).toContain('pas disponible');
  expect(sentence(new Error('secret'))).not.toContain('secret');
  setLang('en', true);
  expect(sentence(problemOf(422, { code: 'invalid', detail: 'Le nom manque.' }))).toBe('The request is not valid.');
});

test('chords act everywhere; single letters are dead in inputs and when switched off', () => {
  const run = vi.fn();
  const actions = [{ name: 'hang up', keys: 'Ctrl+Shift+H', run }, { name: 'mute', keys: 'm', run }];
  const press = (target: Element, init: KeyboardEventInit): boolean => {
    let done = false;
    const listen = (e: Event): void => { done = handle(e as KeyboardEvent, actions); };
    addEventListener('keydown', listen, { once: true });
    target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
    return done;
  };
  const input = document.body.appendChild(document.createElement('textarea'));
  expect(press(document.body, { key: 'm' })).toBe(true);
  expect(press(input, { key: 'm' })).toBe(false);
  expect(press(input, { key: 'H', ctrlKey: true, shiftKey: true })).toBe(true);
  setLetters(false);
  expect(press(document.body, { key: 'm' })).toBe(false);
  expect(press(document.body, { key: 'h', ctrlKey: true, shiftKey: true })).toBe(true);
  expect(run).toHaveBeenCalledTimes(3);
});

test('keys are named the same from any keyboard state', () => {
  expect(keysOf(new KeyboardEvent('keydown', { key: '?', shiftKey: true }))).toBe('?');
  expect(keysOf(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }))).toBe('Ctrl+Enter');
  expect(label('m')).toBe('M');
});
