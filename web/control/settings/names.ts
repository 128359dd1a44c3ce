// SPDX-License-Identifier: EUPL-1.2
import type { SettingItem } from '$lib/api/types';

const string = (v: unknown): string => (typeof v === 'string' ? v : '');

/** What people call a configured thing. */
export function nameOf(i: SettingItem): string {
  return i.name || string(i.doc.name) || string(i.doc.number) || string(i.doc.reference) || string(i.doc.label) || (i.doc.source ? short(string(i.doc.text)) : '') || i.id;
}

/** A long text, cut between words. */
const short = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 80).replace(/\s+\S*$/, '')}…`);
