// SPDX-License-Identifier: EUPL-1.2
// The sentences that tell a caller where the agent sits, as they are proposed: in French, since callers hear them.
import type { Place, SettingItem } from '$lib/api/types';
import { lang, t } from '$lib/i18n/index.svelte';

type Evidence = Place['evidence'];

const where: Record<string, string> = {
  FR: 'en France', RE: 'à La Réunion', GP: 'en Guadeloupe', MQ: 'en Martinique', GF: 'en Guyane', YT: 'à Mayotte', NC: 'en Nouvelle-Calédonie', PF: 'en Polynésie française',
  BE: 'en Belgique', LU: 'au Luxembourg', DE: 'en Allemagne', ES: 'en Espagne', IT: 'en Italie', PT: 'au Portugal', RO: 'en Roumanie', BG: 'en Bulgarie', PL: 'en Pologne', CH: 'en Suisse',
  MA: 'au Maroc', TN: 'en Tunisie', DZ: 'en Algérie', SN: 'au Sénégal', CI: 'en Côte d’Ivoire', CM: 'au Cameroun', MG: 'à Madagascar', MU: 'à Maurice', TG: 'au Togo', BJ: 'au Bénin',
};

/** The sentence proposed for a country and an evidence; a country without its preposition here is named after a colon. */
export function proposed(country: string, evidence: Evidence): string {
  if (evidence === 'unknown') return 'Votre appel est pris par un conseiller dont le pays n’est pas vérifié.';
  const name = where[country] ?? `dans le pays suivant : ${new Intl.DisplayNames(['fr'], { type: 'region' }).of(country) ?? country}`;
  return `Votre appel est pris par un conseiller situé ${name}${evidence === 'declared' ? ', selon la déclaration de l’entreprise' : ''}.`;
}

/** What a code of the server says is missing: which sentence, whether only its sound, and whether that is there but cannot be played. */
export function missing(code: string): { evidence: Evidence; silent: boolean; unreadable: boolean } | undefined {
  const m = /^(?:sentence_)?(attested|declared|unknown)(_missing|_silent|_unreadable)?$/.exec(code);
  return m ? { evidence: m[1] as Evidence, silent: m[2] === '_silent' || m[2] === '_unreadable', unreadable: m[2] === '_unreadable' } : undefined;
}

/** The same in words, as a list. */
export function missingText(codes: string[]): string {
  const words = t().control.settings;
  return new Intl.ListFormat(lang()).format(codes.map((code) => {
    const m = missing(code);
    return m ? (m.unreadable ? words.unreadableOf : m.silent ? words.silentOf : words.missingOf)[m.evidence] : code;
  }));
}

/** The prompt of the organisation for places that are not verified (docs/rules.md). */
export const unverified = 'place-unknown';

/** What stands for "no site" in the list of sites: ready when that prompt can be heard. */
export function nowhere(prompts: SettingItem[], name: string): SettingItem {
  const p = prompts.find((x) => x.id === unverified);
  const missing = p?.ready ? [] : [p ? 'sentence_unknown_silent' : 'sentence_unknown_missing'];
  return { id: '', of: 'organisation', version: 0, ready: p?.ready === true, missing, doc: { name, sentence: p ? { unknown: unverified } : {} } };
}
