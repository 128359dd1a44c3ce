// SPDX-License-Identifier: EUPL-1.2
// What is unusual or contradicted about people's sessions, in words, with how to take note of it.
import { api } from '$lib/api/client';
import type { Contradiction, Unusual } from '$lib/api/types';
import { clock, country, moment, number, say, t } from '$lib/i18n/index.svelte';

export interface Alert {
  key: string;
  tone: 'bad' | 'warn';
  text: string;
  count: number;
  /** Takes note; none of one's own. */
  note?: () => Promise<unknown>;
}

/** When it was: with the day, unless it is today. */
const when = (at: string): string => (new Date(at).toDateString() === new Date().toDateString() ? clock(at) : moment(at));

const contradicted = (c: Contradiction): Alert => {
  const at = { name: c.name, site: c.site_name ?? c.site ?? '–', at: when(c.at), country: country(c.seen) };
  const text = say(c.seen ? t().contradiction.seen : c.lost ? t().contradiction[c.lost] : t().contradiction.network, at);
  return { key: `place ${c.account}`, tone: 'bad', text, count: c.count, note: () => api.noteContradiction(c.account, c.seq) };
};

const unusual = (u: Unusual): Alert => {
  const words = t().control.unusual;
  const at = { name: u.name, site: u.site_name ?? u.site ?? words.nowhere, at: when(u.at), n: number(u.persons ?? 0) };
  const text = say(u.stopped ? words.stopped : words[u.what], at);
  return {
    key: `${u.what} ${u.account}`, tone: u.stopped ? 'bad' : 'warn', text, count: u.count,
    ...(!u.mine && { note: () => api.noteUnusual(u.account, u.what, u.seq) }),
  };
};

/** The contradictions first: what they concern is closed already. One's own last: there is nothing to do about them here. */
export const alertsOf = (contradictions: Contradiction[], odd: Unusual[]): Alert[] =>
  [...contradictions.map(contradicted), ...odd.filter((u) => !u.mine).map(unusual), ...odd.filter((u) => u.mine).map(unusual)];
