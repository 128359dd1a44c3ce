// SPDX-License-Identifier: EUPL-1.2
// Consequences and deadlines, as people read them.
import type { Consequence, Due } from '$lib/api/types';

/** Answers that change alike: the same way, for the same reason, by the same actions. */
export interface Change { allowed: boolean; reason: string; classes: string[]; actions: string[] }
export interface SiteChanges { site: string; name: string; country: string; changes: Change[] }

/** What changes for each client organisation, site by site, in the order in which it comes. */
export function grouped(list: readonly Consequence[]): { principal: string; sites: SiteChanges[] }[] {
  const principals = new Map<string, Map<string, Consequence[]>>();
  for (const c of list) {
    const sites = principals.get(c.principal) ?? new Map<string, Consequence[]>();
    principals.set(c.principal, sites.set(c.site, [...(sites.get(c.site) ?? []), c]));
  }
  return [...principals].map(([principal, sites]) => ({
    principal,
    sites: [...sites].map(([site, own]) => ({ site, name: own[0]?.site_name || site, country: own[0]?.country ?? '', changes: alike(own) })),
  }));
}

function alike(list: Consequence[]): Change[] {
  const byClass = new Map<string, Change>();
  for (const c of list) {
    const key = `${c.class}/${c.allowed}/${c.reason ?? ''}`;
    const change = byClass.get(key) ?? { allowed: c.allowed, reason: c.reason ?? '', classes: [c.class], actions: [] };
    change.actions.push(c.action);
    byClass.set(key, change);
  }
  const merged = new Map<string, Change>();
  for (const c of byClass.values()) {
    const key = `${c.allowed}/${c.reason}/${c.actions.join()}`;
    const same = merged.get(key);
    if (same) same.classes.push(...c.classes);
    else merged.set(key, c);
  }
  return [...merged.values()];
}

export type DueState = 'over' | 'd7' | 'd30' | 'd90';

/** How near the end of a safeguard is. */
export const dueState = (d: Pick<Due, 'days' | 'warning'>): DueState => (d.days < 0 ? 'over' : d.warning <= 7 ? 'd7' : d.warning <= 30 ? 'd30' : 'd90');
