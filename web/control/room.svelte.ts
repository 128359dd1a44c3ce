// SPDX-License-Identifier: EUPL-1.2
// The control room's live state: queues, agents, who waits; and which sections a role opens.
import type { Agent, Contradiction, ControlSnapshot, Frame, Interaction, Me, Queue, UnreadySite, Unusual } from '$lib/api/types';
import { learn } from '$lib/clock.svelte';
import { Link, liveUrl, type LinkState } from '$lib/live/link';

export type Section = 'board' | 'agents' | 'interactions' | 'callbacks' | 'settings' | 'accounts' | 'law' | 'connections' | 'persons' | 'journal';

const opens: Record<Section, Me['roles'][number]['name'][]> = {
  board: ['supervisor', 'dpo'],
  agents: ['supervisor', 'dpo'],
  interactions: ['supervisor', 'dpo'],
  callbacks: ['supervisor', 'dpo'],
  settings: ['administrator', 'dpo', 'support'],
  accounts: ['administrator'],
  law: ['dpo', 'administrator'],
  connections: ['dpo', 'administrator'],
  persons: ['dpo'],
  journal: ['dpo'],
};

/** Whether an account has one of these roles. */
export const has = (me: Me, ...roles: string[]): boolean => me.roles.some((r) => roles.includes(r.name));

/** The sections an account may open, in the order of the menu. */
export const sectionsOf = (me: Me): Section[] => (Object.keys(opens) as Section[]).filter((s) => has(me, ...opens[s]));

/** The waiting line after an interaction changed: those that wait, in their order of arrival. */
export function mergeWaiting(waiting: Interaction[], i: Interaction): Interaction[] {
  const rest = waiting.filter((w) => w.id !== i.id);
  if (i.state !== 'queued' && i.state !== 'offered') return rest;
  return [...rest, i].sort((a, b) => (a.queued_at ?? a.opened_at).localeCompare(b.queued_at ?? b.opened_at));
}

/** The contradictions of people's places after one came, or somebody took note of it: the newest first, one of each person. */
export function mergeContradictions(list: Contradiction[], c: Contradiction): Contradiction[] {
  const rest = list.filter((x) => x.account !== c.account);
  return c.noted ? rest : [c, ...rest];
}

/** The unusual accesses after one came, or somebody took note of it: the newest first, one of each person and sort. */
export function mergeUnusual(list: Unusual[], u: Unusual): Unusual[] {
  const rest = list.filter((x) => x.account !== u.account || x.what !== u.what);
  return u.noted ? rest : [u, ...rest];
}

/** A board is read every second; one this old is another's. */
const OLD_MS = 2000;

export class Room {
  queues = $state<Queue[]>([]);
  agents = $state<Agent[]>([]);
  waiting = $state<Interaction[]>([]);
  unready = $state<UnreadySite[]>([]);
  contradictions = $state<Contradiction[]>([]);
  unusual = $state<Unusual[]>([]);
  journal = $state<'ok' | 'down'>('ok');
  /** When the certificate of these pages ends, once people have to act. */
  certificateEnds = $state('');
  link = $state<LinkState>('connecting');
  linkSince = $state(Date.now());
  /** When what is shown was read. */
  at = $state('');
  /** The last board could not be read anew: its figures are older than a board may be. */
  old = $state(false);
  /** Grows with each interaction that changed: lists on screen are then read again. */
  turn = $state(0);
  /** The interaction that changed last. */
  changed = $state('');
  readonly #link: Link;

  constructor(onended: () => void) {
    this.#link = new Link(liveUrl('control'), {
      snapshot: (s, at) => this.#snapshot(s as ControlSnapshot, at),
      frame: (f) => this.#frame(f),
      state: (state, since) => {
        this.link = state;
        this.linkSince = since;
        if (state === 'ended') onended();
      },
    }, { heartbeat: 0 });
    this.#link.start();
  }

  /** What is shown is not what is. */
  get stale(): boolean { return this.link === 'lost' || this.old; }

  close(): void {
    this.#link.stop();
  }

  #snapshot(s: ControlSnapshot, at?: string): void {
    learn(at);
    this.queues = s.queues;
    this.agents = s.agents;
    this.waiting = s.waiting;
    this.unready = s.unready ?? [];
    this.contradictions = s.contradictions ?? [];
    this.unusual = s.unusual ?? [];
    this.journal = s.journal;
    this.certificateEnds = s.certificate_ends ?? '';
    this.at = at ?? new Date().toISOString();
    this.old = false;
    this.turn++;
  }

  #frame(f: Frame): void {
    learn(f.at);
    if (f.at) this.at = f.at;
    if (f.board) {
      this.#board(f.board, f.age_ms ?? 0);
      this.unready = f.unready ?? [];
      this.certificateEnds = f.certificate_ends ?? ''; // with each board: it is renewed while we watch
    }
    if (f.journal) this.journal = f.journal;
    if (f.agent) this.#agent(f.agent);
    if (f.contradiction) this.contradictions = mergeContradictions(this.contradictions, f.contradiction);
    if (f.unusual) this.unusual = mergeUnusual(this.unusual, f.unusual);
    if (f.interaction) {
      this.waiting = mergeWaiting(this.waiting, f.interaction);
      this.changed = f.interaction.id;
      this.turn++;
    }
  }

  #board(queues: Queue[], age: number): void {
    this.queues = queues;
    this.old = age >= OLD_MS;
    if (this.old) this.at = new Date(Date.parse(this.at) - age).toISOString();
  }

  #agent(a: Agent): void {
    const i = this.agents.findIndex((x) => x.id === a.id);
    if (i >= 0) this.agents[i] = a;
    else this.agents.push(a);
  }
}
