// SPDX-License-Identifier: EUPL-1.2
// The card of the person on the line. It is asked for by the agent.
import { api, Problem } from '$lib/api/client';
import type { PersonCard, PersonChange, PersonField, PersonFound } from '$lib/api/types';
import { forgetPanes } from '$lib/glass.svelte';
import { CallBound } from './bound';

export class PersonFile extends CallBound {
  card = $state.raw<PersonCard>();
  /** Persons to pick from; undefined before a search. */
  found = $state.raw<PersonFound[]>();
  /** There are more than those. */
  more = $state(false);
  /** What is typed to look for somebody. */
  text = $state('');
  busy = $state(false);
  problem = $state.raw<unknown>();
  /** Somebody else changed the card after it was shown: nothing was written, and it is shown anew. */
  changed = $state(false);

  /** Shows the card: an entry for each field. */
  load = (): Promise<boolean> => this.#take(() => api.personCard(this.of));
  save = (changes: PersonChange[]): Promise<boolean> => this.#write((version) => api.keepPerson(this.of, version, changes));
  merge = (person: string): Promise<boolean> => this.#write((version) => api.mergePerson(this.of, version, person));
  undo = (person: string): Promise<boolean> => this.#write((version) => api.undoMerge(this.of, version, person));
  organisation = (siren: string, name: string): Promise<boolean> => this.#write((version) => api.setOrganisation(this.of, version, siren, name));

  /** Looks for persons; by the caller's number when nothing is given. */
  async search(text = this.text.trim()): Promise<void> {
    await this.#ask(() => api.searchPersons(this.of, text), (f) => {
      this.found = f.persons;
      this.more = f.more === true;
    });
  }

  /** Forgets the card, its images and who was found. */
  override forget(): void {
    super.forget();
    this.#drop();
    this.text = '';
    this.busy = false;
    this.problem = undefined;
    this.changed = false;
  }

  /** Writes on the card as it was shown. One that is another by now is shown again: what was typed is for who typed it. */
  async #write(request: (version: string) => Promise<PersonCard>): Promise<boolean> {
    const turn = this.turn;
    if (this.busy) return false;
    this.changed = false;
    if (await this.#take(() => request(this.card?.version ?? ''))) return true;
    if (turn !== this.turn || !(this.problem instanceof Problem) || this.problem.status !== 412) return false;
    await this.load();
    this.changed = turn === this.turn;
    return false;
  }

  /** The card as an answer gives it. One that stays is not shown twice: its images serve once. */
  #take(request: () => Promise<PersonCard>): Promise<boolean> {
    return this.#ask(request, (card) => {
      this.#drop();
      this.card = card;
    });
  }

  async #ask<T>(request: () => Promise<T>, then: (answer: T) => void): Promise<boolean> {
    if (this.busy) return false;
    const turn = this.turn;
    this.busy = true;
    this.problem = undefined;
    try {
      const answer = await request();
      if (turn !== this.turn) return false;
      then(answer);
      return true;
    } catch (e) {
      if (turn === this.turn) this.problem = e;
      return false;
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }

  #drop(): void {
    forgetPanes((this.card?.fields ?? []).flatMap((f) => f.image ?? []));
    this.card = undefined;
    this.found = undefined;
    this.more = false;
  }
}

/** What is typed of a card: of each field that may be changed its value, as it stands. */
export const draftOf = (fields: PersonField[]): Record<string, string> =>
  Object.fromEntries(fields.filter((f) => f.whole && !fixed(f)).map((f) => [f.id, f.value ?? '']));

/** The fields that are not the person's own: those of the customer organisation. */
export const fixed = (f: PersonField): boolean => f.id === 'organisation' || f.id === 'siren';

/** The fields of the customer organisation, as they are typed. */
export const joinOf = (fields: PersonField[]): Record<string, string> =>
  Object.fromEntries(['siren', 'organisation'].map((id) => [id, fields.find((f) => f.id === id)?.value ?? '']));

/** A draft of a card that somebody else changed: what was typed stays, all else is as it stands now. */
export const rebased = (before: PersonField[], now: PersonField[], draft: Record<string, string>): Record<string, string> => {
  const value = (fields: PersonField[], id: string): string => fields.find((f) => f.id === id)?.value ?? '';
  return Object.fromEntries(Object.entries(draft).map(([id, typed]) => [id, typed.trim() === value(before, id) ? value(now, id) : typed]));
};

/** What has to be written of a draft. */
export const changesOf = (fields: PersonField[], draft: Record<string, string>): PersonChange[] =>
  fields.filter((f) => f.id in draft && (draft[f.id] ?? '').trim() !== (f.value ?? '')).map((f) => ({ field: f.id, value: (draft[f.id] ?? '').trim() }));
