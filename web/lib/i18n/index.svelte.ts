// SPDX-License-Identifier: EUPL-1.2
// The user's language, its texts, and numbers, dates and durations by Intl. No sentence is made by joining words.
import { en } from './en';
import { fr } from './fr';
import type { fr as staff } from './staff.fr';

export type Lang = 'fr' | 'en';
type Staff = typeof staff;
export type Texts = typeof fr & Staff;
export type Plural = { one: string; other: string };

// what a citizen's page does not carry is added by furnish
const texts = { fr, en } as unknown as Record<Lang, Texts>;

/** Adds the texts of the desk and the control room. */
export function furnish(more: Record<Lang, Staff>): void {
  texts.fr = { ...texts.fr, ...more.fr };
  texts.en = { ...texts.en, ...more.en };
}
const locales: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' };

const stored = (): Lang | undefined => {
  const l = typeof localStorage === 'undefined' ? null : localStorage.getItem('rivage.lang');
  return l === 'fr' || l === 'en' ? l : undefined;
};

const state = $state<{ lang: Lang }>({ lang: stored() ?? 'fr' });

/** The language shown. */
export const lang = (): Lang => state.lang;

/** Switches the language of the page; chosen says that the user did so, and is remembered. */
export function setLang(l: string | undefined, chosen = false): void {
  if (l !== 'fr' && l !== 'en') return;
  if (!chosen && stored()) return;
  state.lang = l;
  if (chosen) localStorage.setItem('rivage.lang', l);
}

/** The texts of the language shown; reading them in a template follows the language. */
export const t = (): Texts => texts[state.lang];

/** A text with its {arguments} put in. */
export function say(text: string, args: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in args ? String(args[name]) : whole));
}

/** The form that n takes in the language shown: in French, 0 is singular. */
export function plural(forms: Plural, n: number, l: Lang = state.lang): string {
  const one = new Intl.PluralRules(locales[l]).select(n) === 'one';
  return say(one ? forms.one : forms.other, { n: number(n, l) });
}

/** The text of a closed list, or the code itself when the app has no words for it (an organisation's own). */
export function word(list: Record<string, string>, code: string | undefined): string {
  if (!code) return '';
  return list[code] ?? code;
}

const cache = new Map<string, Intl.DateTimeFormat>();

function format(l: Lang, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = l + key;
  let f = cache.get(id);
  if (!f) cache.set(id, (f = new Intl.DateTimeFormat(locales[l], options)));
  return f;
}

type When = string | number | Date | undefined;

/** A time by a format; a dash when it is not known. */
const show = (f: Intl.DateTimeFormat, at: When): string => (at === undefined ? t().common.none : f.format(new Date(at)));

/** 10:45:12 */
export const clock = (at: When): string => show(format(state.lang, 'clock', { hour: '2-digit', minute: '2-digit', second: '2-digit' }), at);

/** 10:45 */
export const hour = (at: When): string => show(format(state.lang, 'hour', { hour: '2-digit', minute: '2-digit' }), at);

/** lundi 3 mars, 10:45 */
export const moment = (at: When): string =>
  show(format(state.lang, 'moment', { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }), at);

/** 3 mars 2027 */
export const day = (at: When): string => show(format(state.lang, 'day', { day: 'numeric', month: 'long', year: 'numeric' }), at);

/** A day of the calendar, "2036-01-11", whatever the user's zone: 11 janvier 2036. */
export const date = (d: string): string => show(format(state.lang, 'date', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }), Number.isNaN(Date.parse(d)) ? undefined : d);

/** Words as a list, "a, b et c" or "a, b ou c". */
export const list = (words: string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string => new Intl.ListFormat(locales[state.lang], { type }).format(words);

/** A whole or decimal number. */
export const number = (n: number, l: Lang = state.lang): string => new Intl.NumberFormat(locales[l]).format(n);

/**
 * A ratio in percent, half up to 0.1 point; 100 % and 0 % are printed only if exact, an empty denominator is a dash
 * (docs/figures.md).
 */
export function percent(part: number, whole: number, l: Lang = state.lang): string {
  if (whole === 0) return t().common.none;
  let tenths = Math.floor((part * 1000) / whole + 0.5);
  if (tenths === 1000 && part !== whole) tenths = 999;
  if (tenths === 0 && part !== 0) tenths = 1;
  const digits = tenths % 10 === 0 && (tenths === 1000 || tenths === 0) ? 0 : 1;
  return new Intl.NumberFormat(locales[l], { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: 1 }).format(tenths / 1000);
}

/** A running time as a clock: 04:12, 1:02:03. */
export function timer(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h > 0 ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${two(Math.floor(s / 60))}:${two(s % 60)}`;
}

const regions = new Map<Lang, Intl.DisplayNames>();

/** A country by its name in the language shown. */
export function country(code: string | undefined): string {
  if (!code) return t().common.unknown;
  try {
    let names = regions.get(state.lang);
    if (!names) regions.set(state.lang, (names = new Intl.DisplayNames([locales[state.lang]], { type: 'region' })));
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** A telephone number as people read it; only France's is grouped, others are kept as they are. */
export function phone(tel: string): string {
  const m = /^\+33(\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(tel);
  return m ? `+33 ${m.slice(1).join(' ')}`.replaceAll(' ', '\u00a0') : tel;
}
