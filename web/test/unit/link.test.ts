// SPDX-License-Identifier: EUPL-1.2
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Frame } from '$lib/api/types';
import { Link, type LinkOptions, type LinkState } from '$lib/live/link';

class FakeSocket {
  sent: string[] = [];
  closed = false;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  send(text: string): void { this.sent.push(text); }
  close(): void { this.closed = true; }
  give(message: object): void { this.onmessage?.({ data: JSON.stringify(message) }); }
  commands(what: string): { id: string; do: string }[] { return this.sent.map((s) => JSON.parse(s) as { id: string; do: string }).filter((c) => c.do === what); }
}

let sockets: FakeSocket[];
const states: LinkState[] = [];
const frames: Frame[] = [];
const snapshots: unknown[] = [];

function link(options: LinkOptions = {}): Link {
  const l = new Link('ws://x', {
    snapshot: (s) => snapshots.push(s), frame: (f) => frames.push(f), state: (s) => states.push(s),
  }, { open: () => { const s = new FakeSocket(); sockets.push(s); return s as unknown as WebSocket; }, ...options });
  l.start();
  return l;
}
const last = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;
const open = (seq = 10): void => last().give({ seq, snapshot: { journal: 'ok' } });

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  states.length = frames.length = snapshots.length = 0;
});
afterEach(() => vi.useRealTimers());

test('frames that follow one another are taken, hidden entries and boards included', () => {
  link();
  open(10);
  last().give({ from: 11, seq: 13 });
  last().give({ from: 14, seq: 14, agent: { id: 'a' } });
  last().give({ board: [], at: '2026-01-01T00:00:00.000Z' });
  last().give({ from: 15, seq: 15 });
  expect(frames).toHaveLength(4);
  expect(sockets).toHaveLength(1);
  expect(states).toEqual(['open']);
});

test.each([['a gap', { from: 12, seq: 12 }], ['a step back', { from: 9, seq: 9 }], ['a repeated frame', { from: 10, seq: 10 }]])('%s means a new snapshot, and nothing of it is shown', (_name, bad) => {
  link();
  open(10);
  last().give(bad);
  expect(frames).toHaveLength(0);
  expect(states).toEqual(['open', 'lost']);
  vi.advanceTimersByTime(200);
  expect(sockets).toHaveLength(2);
  open(12);
  expect(snapshots).toHaveLength(2);
  expect(states).toEqual(['open', 'lost', 'open']);
});

test('a command sent before a cut goes out again under the same id, once answered never again', async () => {
  const l = link();
  open();
  const answer = l.send('accept', { offer: 'o1' });
  const id = last().commands('accept')[0]?.id;
  last().onclose?.({ code: 1006 });
  vi.advanceTimersByTime(200);
  open();
  expect(last().commands('accept').map((c) => c.id)).toEqual([id]);
  last().give({ re: id, seq: 12 });
  await expect(answer).resolves.toEqual({ seq: 12 });
  last().onclose?.({ code: 1006 });
  vi.advanceTimersByTime(500);
  open();
  expect(last().commands('accept')).toHaveLength(0);
});

test('a command that is refused gives the code and the sentence of the server', async () => {
  const l = link();
  open();
  const answer = l.send('ready', { microphone: false });
  last().give({ re: last().commands('ready')[0]?.id, error: { code: 'denied', detail: 'Pas de micro.' } });
  await expect(answer).rejects.toMatchObject({ code: 'denied', detail: 'Pas de micro.' });
});

test('a command without an answer ends with a timeout', async () => {
  const l = link({ patience: 0 });
  open();
  const answer = expect(l.send('hold')).rejects.toMatchObject({ code: 'timeout' });
  vi.advanceTimersByTime(10_001);
  await answer;
});

test('a server that says nothing for 5 s is lost, and found again within 5 s of its return', () => {
  link();
  open();
  vi.advanceTimersByTime(5000);
  expect(states[1]).toBe('lost');
  const tries: number[] = [];
  for (let ms = 0; ms < 40_000; ms += 100) {
    vi.advanceTimersByTime(100);
    if (!last().closed && last().onclose) {
      tries.push(ms);
      last().onclose?.({ code: 1006 });
    }
  }
  const gaps = tries.slice(1).map((t, i) => t - (tries[i] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(5000);
  expect(gaps.length).toBeGreaterThan(10);
});

test('heartbeats go out every 2 s while the link is open only', () => {
  link({ patience: 0 });
  vi.advanceTimersByTime(6000);
  expect(last().commands('heartbeat')).toHaveLength(0);
  open();
  vi.advanceTimersByTime(6000);
  expect(last().commands('heartbeat')).toHaveLength(3);
});

test('a replaced desk and an ended session do not come back by themselves', () => {
  for (const [code, state] of [[4009, 'replaced'], [4001, 'ended']] as const) {
    sockets = [];
    const l = link();
    open();
    last().onclose?.({ code });
    vi.advanceTimersByTime(60_000);
    expect(l.state).toBe(state);
    expect(sockets).toHaveLength(1);
    l.start();
    expect(sockets).toHaveLength(2);
    l.stop();
  }
});
