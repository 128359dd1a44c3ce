// SPDX-License-Identifier: EUPL-1.2
// Errors as sentences.
import type { Texts } from './i18n/index.svelte';
import { lang, say, t, word } from './i18n/index.svelte';

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
  const exact = e.code === 'invalid' && /\(.+\)$/s.exec(e.detail ?? ''); // where and what, as the server wrote it
  if (exact) return `${known} ${exact[0]}`;
  return known ?? t().error.internal;
}

type Refusal = keyof Texts['refusal'];

/** The refusals that the server writes itself, by how they begin; what follows names a safeguard. */
const refusals: [string, Refusal][] = [
  ['Profil souverain', 'souverain'], ['Profil encadré', 'encadre'], ['La matrice de l\'organisation', 'floor'], ['La matrice du donneur', 'matrix'],
  ['Garantie manquante', 'missing'], ['Garantie expirée', 'past'], ['aucun cadre', 'none'], ['Arrêt', 'stopped'], ['le cadre ne se lit pas', 'closed'],
  ['L\'appelant a demandé', 'area'], ['Connexion non déclarée', 'undeclared'], ['La déclaration de cette connexion ne', 'early'], ['La déclaration de cette connexion est', 'over'], ['Cette classe de données', 'class'], ['Ce cas ne se consulte', 'byEar'], ['La part minimale', 'share'],
  ['Ouverture du site : pas encore', 'undecided'], ['Ouverture du site : refusée', 'notOpened'], ['Ouverture du site : ce donneur d\'ordre n\'a pas', 'untold'], ['Ouverture du site : le délai', 'deadline'], ['Ouverture du site : ce donneur d\'ordre s\'y', 'objected'], ['Ouverture du site : hors', 'outside'],
];

/** The safeguards, by how the server begins their names. */
const safeguards: [string, keyof Texts['safeguard']][] = [
  ['clauses', 'clauses'], ['analyse', 'assessment'], ['autorisation', 'authorisation'], ['information', 'notice'], ['preuve', 'scope'], ['validation', 'review'], ['dérogation', 'derogation'],
];

/** The reason of a decision. What no rule wrote is the server's own French, and is said in the page's language. */
export function decided(reason: string | undefined): string {
  if (!reason || reason === 'aucune règle n\'autorise cette opération') return t().desk.person.noReason;
  const refusal = refusals.find(([start]) => reason.startsWith(start))?.[1];
  if (!refusal) return reason;
  const kind = safeguards.find(([start]) => reason.includes(` : ${start}`))?.[1];
  const area = reason.includes('la France') ? 'FR' : reason.includes('l\'Union') ? 'EU' : 'EEA';
  return say(t().refusal[refusal], { area: t().area[area], kind: kind ? t().safeguard[kind] : '' });
}

/** What stands above the rules and decides by itself, by the ids that the server gives it. */
function above(rule: string): string | undefined {
  const [layer, of] = rule.split(':');
  const names = t().frameRule;
  switch (layer) {
    case 'profil': return word({ souverain: t().profile.souverain, encadre: t().profile.encadre }, of);
    case 'matrice': return of === 'organisation' ? names.floor : names.matrix;
    case 'paquet': return say(names.pack, { pack: of });
    case 'garantie': return say(names.safeguard, { kind: word(t().safeguardShort, of) });
    case 'arret': return names.stop;
    case 'connexion': return names.connection;
    case 'ouverture': return names.opening;
    case 'conservation': return names.rest;
    case 'choix': return names.choice;
    case 'lecteur-d-ecran': return names.byEar;
    case 'part': return names.share;
    default: return undefined;
  }
}

/** Whether no rule decided, but what stands above them. */
export const framed = (rule: string | undefined): boolean => !!rule && above(rule) !== undefined;

/** A rule by its id, what stands above the rules by its name. */
export const ruleName = (rule: string): string => above(rule) ?? rule;

/** What decided: “Rule x”, or “Frame: y”, or what is neither. */
export function ruled(rule: string): string {
  if (rule === 'choix' || rule === 'lecteur-d-ecran' || rule.startsWith('part:')) return ruleName(rule);
  return say(framed(rule) ? t().frameRule.of : t().desk.person.rule, { rule: ruleName(rule) });
}
