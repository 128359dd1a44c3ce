// SPDX-License-Identifier: EUPL-1.2
// The record that was looked up for the call in hand.
import { api } from '$lib/api/client';
import type { Card, CardSource, Interaction } from '$lib/api/types';
import { forgetPanes } from '$lib/glass.svelte';
import { CallBound } from './bound';
import type { View } from './view';

/** Whether records can be looked up for a call: its agent is there. */
export const inHand = (call: Interaction | undefined): boolean => call?.state === 'connected' || call?.state === 'held' || call?.state === 'wrap_up';

/** Why there is no record, as the desk says it; any other code is said as everywhere. */
const known = { not_found: 'missing', denied: 'refused', role: 'refused', busy: 'tooMany', blocked: 'tooMany', too_many_requests: 'tooMany', unavailable: 'away', invalid: 'badKey' } as const;
export type Trouble = (typeof known)[keyof typeof known];

/** The trouble that an error is, if the desk has words of its own for it. */
export const troubleOf = (e: unknown): Trouble | undefined => (known as Record<string, Trouble | undefined>)[(e as { code?: string }).code ?? ''];

export class Lookup extends CallBound {
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

  override follow(view: Pick<View, 'interaction' | 'link' | 'channel'>): boolean {
    const may = super.follow(view);
    if (may && inHand(view.interaction) && !this.sources && !this.unread) void this.load();
    return may;
  }

  /** Reads where records can be looked up. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    this.unread = false;
    this.sources = [];
    try {
      const list = (await api.cardSources(this.of)).sources;
      if (turn !== this.turn) return;
      this.sources = list;
      this.source = list[0]?.id ?? '';
    } catch (e) {
      if (turn !== this.turn) return;
      this.unread = troubleOf(e) !== 'missing' && troubleOf(e) !== 'refused'; // those have nothing to look up
    }
  }

  /** Looks a record up; what was shown before is forgotten first. */
  async search(key = this.key.trim()): Promise<void> {
    if (!key || this.searching) return;
    this.#drop();
    const turn = ++this.turn;
    this.#asked = key;
    this.searching = true;
    try {
      const card = await api.card(this.of, this.source, key);
      if (turn === this.turn) this.card = card;
    } catch (e) {
      if (turn === this.turn) this.problem = e;
    }
    if (turn === this.turn) this.searching = false;
  }

  /** Looks the same record up again: its images serve once. */
  again(): Promise<void> {
    return this.search(this.#asked);
  }

  /** Forgets the record, its images, the key and where it was looked up. */
  override forget(): void {
    super.forget();
    this.#drop();
    this.key = '';
    this.source = '';
    this.sources = undefined;
    this.unread = false;
  }

  #drop(): void {
    forgetPanes((this.card?.fields ?? []).flatMap((f) => f.image ?? []));
    this.card = undefined;
    this.problem = undefined;
    this.searching = false;
    this.#asked = '';
  }
}
