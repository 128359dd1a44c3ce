// SPDX-License-Identifier: EUPL-1.2
// The record that was looked up for the call in hand. It stands on this page only, and no longer than the call or the live
// channel: what may be seen was decided for both.
import { api } from '$lib/api/client';
import type { Card, CardSource, Interaction } from '$lib/api/types';
import { forgetPanes } from '$lib/glass.svelte';
import type { View } from './view';

/** Whether records can be looked up for a call: its agent is there. */
export const inHand = (call: Interaction | undefined): boolean => call?.state === 'connected' || call?.state === 'held' || call?.state === 'wrap_up';

/** Why there is no record, as the desk says it; any other code is said as everywhere. */
const known = { not_found: 'missing', denied: 'refused', role: 'refused', busy: 'tooMany', blocked: 'tooMany', too_many_requests: 'tooMany', unavailable: 'away', invalid: 'badKey' } as const;
export type Trouble = (typeof known)[keyof typeof known];

/** The trouble that an error is, if the desk has words of its own for it. */
export const troubleOf = (e: unknown): Trouble | undefined => (known as Record<string, Trouble | undefined>)[(e as { code?: string }).code ?? ''];

export class Lookup {
  /** Where records can be looked up; undefined until it is known. */
  sources = $state.raw<CardSource[]>();
  /** The sources could not be read. */
  unread = $state(false);
  source = $state('');
  /** What is typed. */
  key = $state('');
  card = $state.raw<Card>();
  searching = $state(false);
  problem = $state.raw<unknown>();
  #asked = ''; // the key of the record shown
  #of = ''; // the interaction that all this is for
  #channel = -1; // the live channel that it was asked under
  #turn = 0; // grows when an answer that is under way is for nobody any more

  /** Keeps to the call and the channel: when either is another, nothing of before stays. */
  follow(view: Pick<View, 'interaction' | 'link' | 'channel'>): void {
    const id = view.interaction?.id ?? '';
    const cut = view.link === 'lost' || view.link === 'ended' || view.link === 'replaced'; // nothing could say that it has to go
    if (id !== this.#of || view.channel !== this.#channel || cut) this.forget();
    if (cut) return;
    this.#of = id;
    this.#channel = view.channel;
    if (inHand(view.interaction) && !this.sources && !this.unread) void this.load();
  }

  /** Reads where records can be looked up. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.unread = false;
    this.sources = [];
    try {
      const list = (await api.cardSources(this.#of)).sources;
      if (turn !== this.#turn) return;
      this.sources = list;
      this.source = list[0]?.id ?? '';
    } catch (e) {
      if (turn !== this.#turn) return;
      this.unread = troubleOf(e) !== 'missing' && troubleOf(e) !== 'refused'; // those have nothing to look up
    }
  }

  /** Looks a record up; what was shown before is forgotten first. */
  async search(key = this.key.trim()): Promise<void> {
    if (!key || this.searching) return;
    this.#drop();
    const turn = ++this.#turn;
    this.#asked = key;
    this.searching = true;
    try {
      const card = await api.card(this.#of, this.source, key);
      if (turn === this.#turn) this.card = card;
    } catch (e) {
      if (turn === this.#turn) this.problem = e;
    }
    if (turn === this.#turn) this.searching = false;
  }

  /** Looks the same record up again: its images serve once. */
  again(): Promise<void> {
    return this.search(this.#asked);
  }

  /** Forgets the record, its images, the key and where it was looked up. */
  forget(): void {
    this.#turn++;
    this.#drop();
    this.key = '';
    this.source = '';
    this.sources = undefined;
    this.unread = false;
    this.#of = '';
    this.#channel = -1;
  }

  #drop(): void {
    forgetPanes((this.card?.fields ?? []).flatMap((f) => f.image ?? []));
    this.card = undefined;
    this.problem = undefined;
    this.searching = false;
    this.#asked = '';
  }
}
