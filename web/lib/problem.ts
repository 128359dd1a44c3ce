// SPDX-License-Identifier: EUPL-1.2
// Errors as sentences.
import type { Texts } from './i18n/index.svelte';
import { lang, t } from './i18n/index.svelte';

/**
 * The sentence for an error. The server's own detail, which is French, is more precise than our words for a code: it is
 * shown when the page is in French, or when the app has no words at all.
 */
export function sentence(error: unknown): string {
  const e = (typeof error === 'object' && error !== null ? error : {}) as { code?: string; detail?: string };
  const words = t().error as Record<keyof Texts['error'], string> & Record<string, string | undefined>;
  const known = e.code === undefined ? undefined : words[e.code];
  const own = e.code === 'bad_credentials' || e.code === 'totp_required' || e.code === 'blocked';
  if (e.detail && (!known || (lang() === 'fr' && !own))) return e.detail;
  return known ?? t().error.internal;
}

/** The reason of a decision. What no rule wrote is the server's own French, and is said in the page's language. */
export function decided(reason: string | undefined): string {
  return !reason || reason === 'aucune règle n\'autorise cette opération' ? t().desk.person.noReason : reason;
}
