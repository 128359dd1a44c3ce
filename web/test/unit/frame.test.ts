// SPDX-License-Identifier: EUPL-1.2
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const answers: { profile: string; due: never[]; stopped?: boolean }[] = [];
const asked = { n: 0 };
vi.mock('../../lib/api/client', () => ({ api: { frame: () => { asked.n++; return Promise.resolve(answers[0]); } } }));
const { followFrame, stopped, watchClosely } = await import('../../lib/frame.svelte');

beforeEach(() => {
  vi.useFakeTimers();
  asked.n = 0;
  answers[0] = { profile: 'encadre', due: [] };
});
afterEach(() => { vi.useRealTimers(); });

test('a stop is seen within seconds while a record stands on the screen, and within the minute otherwise', async () => {
  const end = followFrame();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(asked.n).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked.n).toBe(2);
  const closed = watchClosely();
  answers[0] = { profile: 'encadre', due: [], stopped: true };
  await vi.advanceTimersByTimeAsync(4_000);
  expect(stopped()).toBe(true);
  closed();
  const n = asked.n;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked.n).toBe(n);
  end();
  expect(stopped()).toBe(false);
});
