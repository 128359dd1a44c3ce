// SPDX-License-Identifier: EUPL-1.2
// What the desk shows, and how frames change it: pure, so that it is tested without a server.
import type { Agent, DeskSnapshot, Frame, Interaction, Queue } from '$lib/api/types';
import type { LinkState } from '$lib/live/link';
import type { MicrophoneState } from '$lib/phone/microphone.svelte';
import type { PhoneState } from '$lib/phone/phone.svelte';

export interface View {
  agent?: Agent;
  interaction?: Interaction;
  queues: Queue[];
  pauses: string[];
  journal: 'ok' | 'down';
  /** How the last offer ended, until the next one. */
  ended?: string;
  link: LinkState;
  linkSince: number;
  /** Time of the last frame, RFC 3339. */
  at: string;
  /** Grows when an interaction of ours ends: lists are then read again. */
  turn: number;
  /** Grows with each live channel: what was decided under another is asked for again. */
  channel: number;
  mic: MicrophoneState;
  phone: PhoneState;
  muted: boolean;
}

export const emptyView = (): View => ({
  queues: [], pauses: [], journal: 'ok', link: 'connecting', linkSince: Date.now(), at: '', turn: 0, channel: 0, mic: 'idle', phone: 'none', muted: false,
});

const mine = new Set(['offered', 'connected', 'held', 'parked', 'wrap_up']);

/** Whether an interaction stands on this agent's desk. */
export const onDesk = (i: Interaction, agent: string): boolean => mine.has(i.state) && (!i.agent || i.agent === agent);

/** Queues with those that changed put in their place. */
export function mergeQueues(queues: Queue[], changed: Queue[]): Queue[] {
  const next = new Map(changed.map((q) => [q.id, q]));
  const kept = queues.map((q) => next.get(q.id) ?? q);
  const known = new Set(queues.map((q) => q.id));
  return [...kept, ...changed.filter((q) => !known.has(q.id))];
}

/** The view a snapshot gives. */
export function fromSnapshot(view: View, s: DeskSnapshot, at?: string): void {
  view.agent = s.me;
  view.queues = s.queues ?? [];
  view.pauses = s.pauses ?? [];
  if (s.interaction && onDesk(s.interaction, s.me.id)) view.interaction = s.interaction;
  else delete view.interaction;
  view.at = at ?? new Date().toISOString();
  view.turn++;
  view.channel++;
}

/** The view after a frame. */
export function fromFrame(view: View, f: Frame): void {
  if (f.at) view.at = f.at;
  if (f.agent && f.agent.id === view.agent?.id) view.agent = f.agent;
  if (f.board) {
    const own = new Set(view.queues.map((q) => q.id));
    view.queues = mergeQueues(view.queues, f.board.filter((q) => own.has(q.id)));
  }
  if (f.journal) view.journal = f.journal;
  if (f.interaction) takeInteraction(view, f.interaction);
  if (f.offer_ended && view.interaction?.offer?.id === f.offer_ended.offer && view.interaction.state === 'offered') {
    view.ended = f.offer_ended.outcome;
    delete view.interaction;
  }
}

function takeInteraction(view: View, i: Interaction): void {
  if (onDesk(i, view.agent?.id ?? '')) {
    if (i.state === 'offered') delete view.ended;
    view.interaction = i;
    return;
  }
  if (view.interaction?.id !== i.id) return;
  delete view.interaction;
  view.turn++;
}
