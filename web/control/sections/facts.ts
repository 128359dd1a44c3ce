// SPDX-License-Identifier: EUPL-1.2
// The facts of an entry, as people read them: our words for keys, durations out of microseconds, no random ids.
import { country, day, list, number, phone, t, timer, word } from '$lib/i18n/index.svelte';

const durations = new Set(['wait', 'waited', 'talk', 'hold', 'held', 'wrap', 'idle', 'extra']); // µs
const hidden = /^(interaction|offer|person|subject|agent|leg|caller_leg|prompt|audio|cipher|object|rank|flow|flow_version|trunk|runners_up|set_aside|sentence|session|account|deadline|queued_at|since|site|return|returns|new|known|settings|area|owed)$/;

/** Whose these are random ids, or say nothing that the kind does not. */
const persons = new Set(['PersonKept', 'PersonsMerged', 'MergeUndone']);
const hiddenOfPersons = /^(by|from|into|card|over)$/;

/** A field of a person's card, "person.name" or as the card calls it. */
const fieldOf = (name: string): string => word(t().desk.file.field, name.replace(/^person\./, ''));

/** The facts worth a line, in order: name and value. Queues are called what people call them. */
export function readable(facts: Record<string, unknown>, queues: Record<string, string> = {}, kind = ''): [string, string][] {
  const names = t().fact as Record<string, string>;
  const owed = { ...t().value, area: t().desk.callbacks.reason.area };
  const out: [string, string][] = [];
  for (const [key, value] of Object.entries(facts)) {
    if (persons.has(kind) && hiddenOfPersons.test(key)) continue;
    if (hidden.test(key) || value === '' || value === null || value === undefined) continue;
    const text = key === 'queue' ? (queues[String(value)] ?? String(value)) : kind === 'CallbackPromised' && key === 'reason' ? word(owed, String(value)) : valueOf(key, value);
    if (text) out.push([names[key] ?? key, text]);
  }
  return out;
}

function valueOf(key: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? t().common.yes : t().common.no;
  if (typeof value === 'number') {
    if (durations.has(key)) return timer(value / 1000);
    if (key === 'jitter') return `${number(Math.round(value / 100) / 10)} ms`;
    if (key === 'mos') return number(value / 100);
    if (key === 'until') return day(value / 1000); // µs
    return number(value);
  }
  if (typeof value === 'string') return key === 'number' ? phone(value) : key === 'country' ? country(value) : key === 'evidence' ? word(t().evidence, value) : key === 'class' ? word(t().class, value) : value.startsWith('person.') ? fieldOf(value) : key === 'purpose' ? word(t().control.purpose, value) : word(t().value, value);
  if ((key === 'set' || key === 'cleared') && Array.isArray(value)) return list(value.map((v) => fieldOf(String(v))));
  if (key === 'place') {
    const p = value as { country?: string; evidence?: string };
    return p.evidence === 'unknown' ? t().place.nowhere : `${country(p.country)} · ${word(t().evidence, p.evidence)}`;
  }
  return '';
}
