// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import type { Agent, DeskSnapshot, Interaction, Queue } from '$lib/api/types';
import { emptyView, fromFrame, fromSnapshot, mergeQueues, type View } from '../../desk/view';

const agent = { id: 'me', name: 'Me', state: 'ready', place: { evidence: 'declared' }, device: 'browser' } as Agent;
const call = (state: Interaction['state'], over: Partial<Interaction> = {}): Interaction => ({ id: 'i1', state, agent: 'me', offer: { id: 'o1', device: 'browser', accepted: false, told: false }, ...over }) as Interaction;
const queue = (id: string, waiting: number): Queue => ({ id, waiting }) as Queue;

function desk(interaction?: Interaction): View {
  const v = emptyView();
  fromSnapshot(v, { me: agent, queues: [queue('a', 0)], pauses: [], callbacks: 0, ...(interaction && { interaction }) } as DeskSnapshot);
  return v;
}

test('an offer, its acceptance, the call and its wrap-up stay on the desk until it is closed', () => {
  const v = desk();
  for (const state of ['offered', 'connected', 'held', 'parked', 'wrap_up'] as const) {
    fromFrame(v, { interaction: call(state) });
    expect(v.interaction?.state).toBe(state);
  }
  const turn = v.turn;
  fromFrame(v, { interaction: call('closed') });
  expect(v.interaction).toBeUndefined();
  expect(v.turn).toBe(turn + 1);
});

test('an offer that ends leaves the desk with its outcome, which the next offer clears', () => {
  const v = desk(call('offered'));
  fromFrame(v, { offer_ended: { offer: 'another', outcome: 'withdrawn' } });
  expect(v.interaction).toBeDefined();
  fromFrame(v, { offer_ended: { offer: 'o1', outcome: 'no_answer' } });
  expect([v.interaction, v.ended]).toEqual([undefined, 'no_answer']);
  fromFrame(v, { interaction: call('offered', { id: 'i2' }) });
  expect(v.ended).toBeUndefined();
});

test('a late end of offer does not take away a call that is connected', () => {
  const v = desk(call('connected'));
  fromFrame(v, { offer_ended: { offer: 'o1', outcome: 'failed' } });
  expect(v.interaction?.state).toBe('connected');
});

test('an interaction that goes to somebody else leaves this desk, and others never come on it', () => {
  const v = desk(call('offered'));
  fromFrame(v, { interaction: call('queued') });
  expect(v.interaction).toBeUndefined();
  fromFrame(v, { interaction: call('connected', { id: 'i9', agent: 'other' }) });
  expect(v.interaction).toBeUndefined();
});

test('a snapshot without an interaction clears what a lost connection left', () => {
  const v = desk(call('connected'));
  fromSnapshot(v, { me: agent, queues: [], pauses: [], callbacks: 0 });
  expect(v.interaction).toBeUndefined();
});

test('a board updates the queues of this agent and adds none', () => {
  const v = desk();
  fromFrame(v, { board: [queue('a', 7), queue('foreign', 3)], at: '2026-01-01T00:00:00.000Z', journal: 'down' });
  expect(v.queues).toEqual([queue('a', 7)]);
  expect(v.journal).toBe('down');
});

test('merged queues keep their order and take new ones at the end', () => {
  expect(mergeQueues([queue('a', 1), queue('b', 2)], [queue('b', 5), queue('c', 1)])).toEqual([queue('a', 1), queue('b', 5), queue('c', 1)]);
});

test('only another agent’s presence is ignored', () => {
  const v = desk();
  fromFrame(v, { agent: { ...agent, id: 'other', state: 'paused' } });
  expect(v.agent?.state).toBe('ready');
  fromFrame(v, { agent: { ...agent, state: 'paused' } });
  expect(v.agent?.state).toBe('paused');
});
