// SPDX-License-Identifier: EUPL-1.2
// A fictitious floor in the shapes of the API, for fast tests and pictures only.
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

export const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
export const ahead = (s) => new Date(Date.now() + s * 1000).toISOString();
const midnight = () => new Date().setHours(0, 0, 0, 0);
/** s seconds ago, but today: pictures taken after midnight still have a day. */
const today = (s) => new Date(Math.max(midnight() + 60_000, Date.now() - s * 1000)).toISOString();

export const places = {
  brest: { site: 'brest', site_name: 'Brest', company: 'iroise-contact', company_name: 'Iroise Contact', country: 'FR', zone: 'FR', evidence: 'attested' },
  reunion: { site: 'saint-denis', site_name: 'Saint-Denis', company: 'piton-services', company_name: 'Piton Services', country: 'RE', zone: 'FR_RUP', evidence: 'attested' },
  lisbonne: { site: 'lisbonne', site_name: 'Lisbonne', company: 'tejo-relacao', company_name: 'Tejo Relação', country: 'PT', zone: 'EU', evidence: 'attested' },
  casablanca: { site: 'casablanca', site_name: 'Casablanca', company: 'atlas-voix', company_name: 'Atlas Voix', country: 'MA', zone: 'OTHER', evidence: 'declared' },
  lome: { site: 'lome', site_name: 'Lomé', company: 'kpalime-appels', company_name: 'Kpalimé Appels', country: 'TG', zone: 'OTHER', evidence: 'declared' },
  nowhere: { evidence: 'unknown' },
};

const presence = (ready, engaged, wrap_up = 0, paused = 0) => ({ ready, offered: 0, engaged, wrap_up, paused, unreachable: 0 });
export const queues = () => [
  { id: 'suivi-colis', principal: 'messagerie-du-ponant', principal_name: 'Messagerie du Ponant', name: 'Suivi de colis', class: 'suivi', waiting: 4, oldest: ago(48), agents: presence(0, 9, 2, 1), figures: { offered: 212, answered: 196, answered_in: 167, abandoned: 12, short: 3, callback: 0, sl1: 803, ab1: 57, asa_ms: 14200, aht_ms: 241000, disc_delay_ms: 310 }, target_s: 20 },
  { id: 'reclamations', principal: 'messagerie-du-ponant', principal_name: 'Messagerie du Ponant', name: 'Réclamations', class: 'commercial', waiting: 0, agents: presence(2, 3), figures: { offered: 41, answered: 40, answered_in: 38, abandoned: 1, short: 0, callback: 0, sl1: 927, ab1: 24, asa_ms: 8100, aht_ms: 402000, disc_delay_ms: 260 }, target_s: 30 },
  { id: 'remboursements', principal: 'mutuelle-du-ponant', principal_name: 'Mutuelle du Ponant', name: 'Remboursements', class: 'sante', waiting: 2, oldest: ago(9), agents: presence(1, 4, 1), figures: { offered: 88, answered: 82, answered_in: 60, abandoned: 4, short: 1, callback: 0, sl1: 698, ab1: 45, asa_ms: 21900, aht_ms: 355000, disc_delay_ms: 200 }, target_s: 20 },
  { id: 'devis', principal: 'mutuelle-du-ponant', principal_name: 'Mutuelle du Ponant', name: 'Devis', class: 'courant', waiting: 0, agents: presence(3, 0), figures: { offered: 0, answered: 0, answered_in: 0, abandoned: 0, short: 0, callback: 0 }, target_s: 20 },
];

const dispositions = [
  { code: 'colis-localise', label: 'Colis localisé' }, { code: 'nouvelle-livraison', label: 'Nouvelle livraison programmée' }, { code: 'reclamation', label: 'Réclamation ouverte' },
  { code: 'information', label: 'Information donnée' }, { code: 'transmis', label: 'Transmis au dépôt' }, { code: 'faux-numero', label: 'Faux numéro' },
];
const value = (tel) => ({ field: 'caller', class: 'suivi', asked: true, allowed: true, value: tel, rule: 'fr-voix-suivi', basis: 'RGPD art. 6.1.b' });
/** A field for remote viewing: where its image is, once. */
export const remote = (image) => ({ field: 'caller', class: 'suivi', asked: true, allowed: true, remote: true, image, rule: 'colis-casablanca', basis: 'CCT 2021/914 module 2 (fictif)' });
export const partly = { field: 'caller', class: 'suivi', asked: true, allowed: true, masked: true, value: '+33 ••• 78', rule: 'fr-voix-suivi', basis: 'RGPD art. 6.1.b' };
export const withheld = { field: 'caller', class: 'sante', asked: true, allowed: false, reason: 'les données de santé restent dans l’Union', rule: 'sante-hors-ue', basis: 'RGPD art. 9' };
/** The card of the person on the line: known or not, as images (drawn makes one), with a merge to undo. */
export const person = ({ drawn, unknown, merged, phones = '+33612345678\n+33298000001' } = {}) => {
  const value = (text) => (unknown || text === undefined ? {} : drawn ? { image: drawn(text) } : { value: text });
  const f = (id, kind, text, over = {}) => ({ id, class: 'courant', kind, allowed: true, whole: !drawn, ...(drawn && { remote: true }), rule: 'france', ...value(text), ...over });
  const refused = { allowed: false, whole: false, value: undefined, image: undefined, remote: undefined, reason: 'Les données de santé restent en France.', rule: 'sante-france' };
  return {
    person: 'p1', version: 'v1', known: !unknown, ...(unknown && { sharing: 2 }), merged: merged ? [{ person: 'p2', at: '2026-03-02T09:12:00.000Z' }] : [],
    fields: [
      f('name', 'name', 'Maëlys Kerbrat-Le Goff'), f('phones', 'phones', phones), f('email', 'email', 'maelys.kerbrat@client.example'),
      f('formule', 'choice', 'Confort', { label: 'Formule', choices: ['Essentielle', 'Confort'] }),
      f('naissance', 'date', '1984-05-12', { label: 'Date de naissance' }),
      f('soin', 'text', 'x', { label: 'Soin en cours', class: 'sante', ...refused }),
      f('organisation', 'name', 'Conserverie du Ponant'), f('siren', 'text', '356000000'),
    ],
    organisation: unknown ? undefined : 'o1',
    history: unknown || drawn ? [] : [
      { at: '2026-03-01T10:20:00.000Z', channel: 'voice', state: 'closed', queue_name: 'Suivi de colis', disposition: 'Colis retrouvé', site_name: 'Brest' },
      { at: '2026-02-11T16:41:00.000Z', channel: 'voice', state: 'abandoned', queue_name: 'Suivi de colis' },
    ],
    ...(drawn && { withheld: true }),
  };
};
const candidate = (person, name, phones) => ({ person, fields: [{ id: 'name', class: 'courant', kind: 'name', allowed: true, whole: true, value: name }, { id: 'phones', class: 'courant', kind: 'phones', allowed: true, whole: true, value: phones }] });
export const candidates = { persons: [candidate('p1', 'Maëlys Kerbrat-Le Goff', '+33612345678'), candidate('p3', 'Ewen Kerbrat', '+33612345678\n+33298000001')] };

/** Where records can be looked up, and a record as the gate decided it: whole, for remote viewing (drawn makes an image), or not at all. */
export const sources = [{ id: 'colis', name: 'Suivi des colis', key_label: 'Numéro de colis' }];
export const contracts = { id: 'contrats', name: 'Contrats', key_label: 'Numéro de contrat' };
const parcel = [
  ['number', 'Numéro', 'suivi', '7012345678'], ['status', 'État', 'suivi', 'En cours de livraison, dépôt de Landerneau'], ['town', 'Ville de destination', 'suivi', 'Saint-Pol-de-Léon'], ['expected', 'Livraison prévue', 'suivi', undefined],
  ['recipient.name', 'Destinataire', 'courant', 'Gaëlle Abgrall'], ['recipient.address', 'Adresse', 'courant', '12, rue des Remparts\n29250 Saint-Pol-de-Léon'], ['recipient.phone', 'Téléphone', 'courant', '+33 ••• 21'], ['content_value', 'Valeur déclarée', 'commercial', ''],
];
const outside = { allowed: false, reason: 'La matrice du donneur d\'ordre le refuse.', rule: 'matrice:messagerie-du-ponant' };
export const record = (drawn, nothing) => ({
  source: 'colis', name: 'Suivi des colis',
  fields: parcel.map(([name, label, cls, text]) => {
    const f = { name, label, class: cls, allowed: true, rule: 'colis-casablanca', basis: 'RGPD art. 6.1.b' };
    if (nothing || (drawn && cls !== 'suivi')) return { ...f, basis: undefined, ...outside, ...(cls === 'commercial' && { reason: 'le montant reste au siège', rule: 'commercial-siege' }) };
    if (drawn) return { ...f, remote: true, ...(text && { image: drawn(text) }) };
    return { ...f, ...(name === 'recipient.phone' && { masked: true }), ...(name === 'content_value' ? { ...outside, reason: 'le montant reste au siège', rule: 'commercial-siege' } : { value: text }) };
  }),
});
const masked = (field, cls = 'suivi') => ({ field, class: cls, asked: false, allowed: true });

const sentence = { attested: (w) => `Votre appel est pris par un conseiller situé ${w}.`, declared: (w) => `Votre appel est pris par un conseiller situé ${w}, selon la déclaration de l’entreprise.` };
export const told = (complete) => ({ text: sentence.declared('au Maroc'), evidence: 'declared', country: 'MA', complete });

/** An interaction offered to the desk's agent. */
export const offered = (over = {}) => ({
  id: 'kq3hx7m2s5ovb4tyz6c7a2dfpe', principal: 'messagerie-du-ponant', principal_name: 'Messagerie du Ponant', queue: 'suivi-colis', queue_name: 'Suivi de colis', class: 'suivi', channel: 'voice',
  state: 'offered', number: '+33298000101', opened_at: ago(61), queued_at: ago(48), offered_at: ago(0), deadline: ahead(15), extended: false, dispositions, wrap_more_s: 60,
  agent: 'me', agent_name: 'Salma Bennani', place: places.casablanca, offer: { id: 'o7w2c5nrx4vk3jq6hzy2p7mtsa', device: 'browser', accepted: false, told: false },
  told: told(false), recording: { state: 'none' }, caller: value('+33612345678'), ...over,
});

export const me = (over = {}) => ({
  account: 'me', name: 'Salma Bennani', login: 'salma', lang: 'fr', roles: [{ name: 'agent', principals: ['*'], queues: ['*'], sites: ['*'] }], agent: { device: { kind: 'browser' } },
  place: places.casablanca, secure: true, demo: true, organisation: 'Ponant Relation Client', ...over,
});
export const boss = (roles = ['supervisor', 'administrator', 'dpo']) => me({
  account: 'boss', name: 'Gwenaëlle Le Goff', login: 'gwen', agent: undefined, place: places.brest, roles: roles.map((name) => ({ name, principals: ['*'], queues: ['*'], sites: ['*'] })),
});

const names = ['Nolwenn Quéré', 'Erwan Le Bihan', 'Youssef El Amrani', 'Salma Bennani', 'Afi Mensah', 'Kodjo Agbeko', 'Inês Carvalho', 'Marie-Laure Hoarau', 'Tiago Nunes', 'Maïwenn Riou', 'Hicham Tazi', 'Loïc Prigent'];
const spots = ['brest', 'brest', 'casablanca', 'casablanca', 'lome', 'lome', 'lisbonne', 'reunion', 'lisbonne', 'brest', 'casablanca', 'nowhere'];
const states = ['engaged', 'engaged', 'engaged', 'ready', 'ready', 'ready', 'engaged', 'wrap_up', 'paused', 'offered', 'paused', 'unreachable'];
export const agents = () => names.map((name, i) => ({
  id: `a${i}`, name, state: states[i], ...(states[i] === 'paused' && { reason: i === 8 ? 'repas' : 'non-reponse' }), since: ago(35 + i * 47), place: places[spots[i]], device: i === 6 ? 'sip' : 'browser',
  ...(states[i] === 'engaged' && { interaction: 'kq3hx7m2s5ovb4tyz6c7a2dfpe' }),
}));

export const waiting = () => [48, 37, 21, 9].map((s, i) => offered({
  id: `w${i}`, state: 'queued', queued_at: ago(s), opened_at: ago(s + 12), offer: undefined, told: undefined, agent: undefined, agent_name: undefined, place: undefined, caller: masked('caller'),
  ...(i > 1 && { queue: 'remboursements', queue_name: 'Remboursements', principal: 'mutuelle-du-ponant', principal_name: 'Mutuelle du Ponant', class: 'sante', number: '+33298000201' }),
}));

export const history = () => {
  const list = [];
  const outs = ['closed', 'closed', 'abandoned', 'closed', 'connected', 'closed', 'callback_owed', 'closed', 'deflected', 'closed', 'closed', 'failed'];
  for (let i = 0; i < 12; i++) {
    const s = 120 + i * 410;
    const talked = outs[i] === 'closed' || outs[i] === 'connected';
    list.push(offered({
      id: `h${i}`, state: outs[i], opened_at: today(s), queued_at: today(s - 12), offered_at: undefined, deadline: undefined, offer: undefined, wait_ms: 4000 + i * 2100, talk_ms: talked ? 61_000 + i * 17_300 : undefined,
      answered_at: talked ? today(s - 24) : undefined, disposition: outs[i] === 'closed' && i !== 3 ? dispositions[i % 6].code : undefined, caller: masked('caller'), note: talked ? masked('note') : undefined,
      agent: talked ? 'me' : undefined, agent_name: talked ? names[i] : undefined, place: talked ? places[spots[i]] : undefined, told: talked ? told(true) : undefined, recording: { state: talked ? 'ended' : 'none' },
      ...(outs[i] === 'callback_owed' && { reason: 'area' }), person: 'p5x2n7k4w3j6qzt2vh7mycdsra',
    }));
  }
  return list;
};

export const callbacks = () => history().filter((i) => i.state === 'callback_owed').map((i) => ({ ...i, queued_at: ago(780), caller: value('+33687654321') }));

const hash = (n) => (n * 2654435761 >>> 0).toString(16).padStart(8, '0').repeat(8);
export const detail = (id) => {
  const i = { ...(history().find((h) => h.id === id) ?? history()[0]), id, state: 'closed', agent_name: 'Inês Carvalho', place: places.lisbonne, told: { text: sentence.attested('au Portugal'), evidence: 'attested', country: 'PT', complete: true }, principal_name: 'Mutuelle du Ponant', principal: 'mutuelle-du-ponant', queue_name: 'Remboursements', class: 'sante', disposition: 'information' };
  const t0 = Date.parse(i.opened_at);
  const at = (s) => new Date(t0 + s * 1000).toISOString();
  let seq = 48210;
  const e = (s, kind, facts = {}, over = {}) => ({ seq: seq += 3, at: at(s), kind, facts, leaf_hash: hash(seq), ...over });
  return {
    interaction: i,
    story: [
      e(0, 'InteractionOpened', { interaction: id, channel: 'voice', number: '+33298000201', class: 'sante', trunk: 'operateur', flow: 'accueil' }),
      e(0.4, 'PromptPlayed', { prompt: 'accueil-mutuelle', source: 'recorded', frames: 240, complete: true }),
      e(5.2, 'InteractionQueued', { queue: 'remboursements', priority: 0 }),
      e(11.8, 'InteractionOffered', { queue: 'remboursements', waited: 6_600_000, idle: 51_000_000, candidates: 3, device: 'browser', place: places.casablanca }, { country: 'MA', evidence: 'declared', rule: 'ue', basis: 'RGPD art. 9.2.h', mode: 'voice', outcome: 'allowed', class: 'sante' }),
      e(14.2, 'AreaChosen', { interaction: id, queue: 'remboursements', area: 'EU', waited: 9_000_000, owed: true }, { role: 'caller', outcome: 'chosen' }),
      e(14.2, 'OfferEnded', { outcome: 'withdrawn', reason: 'area' }), e(14.2, 'CallbackPromised', { reason: 'area' }),
      e(23.5, 'InteractionOffered', { queue: 'remboursements', waited: 18_300_000, idle: 64_000_000, candidates: 2, device: 'browser', place: places.lisbonne }, { country: 'PT', evidence: 'attested', rule: 'sante-ue', basis: 'RGPD art. 9.2.h', mode: 'voice', outcome: 'allowed', class: 'sante' }),
      e(26.1, 'OfferAccepted', {}),
      e(27.9, 'DisclosurePlayed', { source: 'recorded', frames: 212, complete: true, country: 'PT', evidence: 'attested' }, { country: 'PT', evidence: 'attested' }),
      e(28.0, 'InteractionAnswered', { wait: 22_800_000, extra: 1_900_000, place: places.lisbonne }, { country: 'PT', evidence: 'attested', rule: 'sante-ue', basis: 'RGPD art. 9.2.h', mode: 'voice', outcome: 'allowed' }),
      e(31.2, 'RecordingStarted', { purpose: 'quality', retention_days: 90 }),
      e(102, 'InteractionHeld', {}), e(141, 'InteractionResumed', { held: 39_000_000 }),
      e(214, 'InteractionEnded', { by: 'caller', cause: 'bye', talk: 147_000_000, hold: 39_000_000 }),
      e(214.3, 'RecordingEnded', { outcome: 'complete', seconds: 183, bytes: 2_931_200, dropped: 0 }),
      e(214.5, 'LegMeasured', { in: 9188, out: 9301, lost: 4, jitter: 2100, mos: 431 }),
      e(246, 'InteractionClosed', { disposition: 'information', wrap: 32_000_000 }),
    ],
    offers: [{
      offer: 'o1', seq: 48222, at: at(23.5), agent: 'a6', agent_name: 'Inês Carvalho', site: 'Lisbonne', idle_ms: 64_000, candidates: 2, rules: hash(77),
      runners_up: [{ agent: 'a9', name: 'Maïwenn Riou', site: 'Brest', idle_ms: 21_000 }],
      set_aside: [
        { reason: 'policy', rule: 'sante-hors-ue', rule_reason: 'les données de santé restent dans l’Union', site: 'lome', site_name: 'Lomé', n: 2 },
        { reason: 'policy', rule: 'sante-hors-ue', rule_reason: 'les données de santé restent dans l’Union', site: 'casablanca', site_name: 'Casablanca', n: 1 },
        { reason: 'policy', rule: 'choix', rule_reason: "L'appelant a demandé à être pris en charge dans une autre zone.", site: 'casablanca', site_name: 'Casablanca', n: 2 },
        { reason: 'policy', rule: 'garantie:clauses', rule_reason: 'Garantie expirée : clauses contractuelles types (CCT).', site: 'lome', site_name: 'Lomé', n: 1 },
        { reason: 'busy', site: 'brest', site_name: 'Brest', n: 3 }, { reason: 'paused', site: 'lisbonne', site_name: 'Lisbonne', n: 1 },
      ],
    }],
    recordings: [{ object: 'r1', state: 'complete', started_at: at(31.2), seconds: 183, purpose: 'quality', retention_until: ahead(86400 * 90), allowed: true }, { object: 'r2', state: 'destroyed', started_at: at(20), seconds: 0, allowed: false }, { object: 'r3', state: 'expired', started_at: at(10), seconds: 42, purpose: 'quality', retention_until: ahead(-60), allowed: false }],
  };
};

export const why = () => ({
  ...detail('h0').offers[0],
  all: [
    { agent: 'a4', name: 'Afi Mensah', site: 'Lomé', country: 'TG', evidence: 'declared', idle_ms: 512_000, eligible: false, reason: 'policy', rule: 'sante-hors-ue', rule_reason: 'les données de santé restent dans l’Union' },
    { agent: 'a5', name: 'Kodjo Agbeko', site: 'Lomé', country: 'TG', evidence: 'declared', idle_ms: 301_000, eligible: false, reason: 'policy', rule: 'sante-hors-ue', rule_reason: 'les données de santé restent dans l’Union' },
    { agent: 'a6', name: 'Inês Carvalho', site: 'Lisbonne', country: 'PT', evidence: 'attested', idle_ms: 64_000, eligible: true, chosen: true },
    { agent: 'a9', name: 'Maïwenn Riou', site: 'Brest', country: 'FR', evidence: 'attested', idle_ms: 21_000, eligible: true },
    { agent: 'a8', name: 'Tiago Nunes', site: 'Lisbonne', country: 'PT', evidence: 'attested', eligible: false, reason: 'paused' },
    { agent: 'a11', name: 'Loïc Prigent', evidence: 'unknown', eligible: false, reason: 'policy', rule: '' },
  ],
});

/** A number that the rules keep from a supervisor: the one that forbids it, and one that a purpose keeps out. */
export const decision = (seq) => ({
  seq, kind: 'FieldShown', at: ago(64), action: 'field', class: 'suivi', mode: 'view', purpose: 'quality', field: 'caller', site: 'lome', site_name: 'Lomé', company: 'Golfe Contact', country: 'TG', evidence: 'attested',
  outcome: 'refused', rule: 'lome-champs', hash: hash(7), agrees: true,
  again: { allowed: false, rule: 'lome-champs', reason: 'À Lomé, le numéro de l’appelant n’est pas montré.', basis: 'AITD du 12/01/2026 (fictif)', rules: hash(7) },
  bounds: [
    { layer: 'profile', outcome: 'full' }, { layer: 'floor', outcome: 'full' }, { layer: 'matrix', outcome: 'remote' },
    { layer: 'safeguard', outcome: 'refused', reason: 'Garantie expirée : analyse d\'impact du transfert (AITD).' },
  ],
  rules: [
    { rule: 'lome-champs', effect: 'forbid', reason: 'À Lomé, le numéro de l’appelant n’est pas montré.', basis: 'AITD du 12/01/2026 (fictif)', applies: true, decides: true },
    { rule: 'colis-lome', effect: 'allow', reason: 'Le suivi de colis peut être traité à Lomé (base fictive).', basis: 'CCT 2021/914 module 2 (fictif)', applies: false, decides: false, misses: ['purposes'] },
  ],
  in_force: [{ type: 'rules', id: 'messagerie-du-ponant', version: 4, seq: 88, at: ago(86_400) }, { type: 'frame', id: 'organisation', version: 2, seq: 61, at: ago(200_000) }],
});

export const trial = () => ({
  days: 30, changed: 3, decisions: 18_412,
  refused: [{ principal: 'messagerie-du-ponant', action: 'offer', rule: 'garantie:assessment', n: 214 }, { principal: 'messagerie-du-ponant', action: 'field', n: 96 }],
  changes: [
    { principal: 'messagerie-du-ponant', site: 'lome', evidence: 'attested', class: 'suivi', action: 'offer', purpose: 'service', from: { allowed: true, rule: 'colis-lome' }, to: { allowed: false, rule: 'garantie:assessment', reason: 'Garantie manquante : analyse d\'impact du transfert (AITD).' } },
    { principal: 'messagerie-du-ponant', site: 'lome', evidence: 'attested', class: 'suivi', action: 'field', purpose: 'service', field: 'colis.ville', from: { allowed: true, remote: true, rule: 'colis-lome' }, to: { allowed: false, reason: 'aucune règle n\'autorise cette opération' } },
    { principal: 'messagerie-du-ponant', site: 'casablanca', evidence: 'declared', class: 'courant', action: 'field', purpose: 'service', field: 'caller', from: { allowed: true, rule: 'colis-casablanca' }, to: { allowed: true, masked: true, rule: 'colis-casablanca' } },
  ],
});

const item = (id, of, doc, over = {}) => ({ id, of, version: 1, doc: { id, ...doc }, ...over });
export const settings = () => ({
  principal: [item('messagerie-du-ponant', 'organisation', { name: 'Messagerie du Ponant' }), item('mutuelle-du-ponant', 'organisation', { name: 'Mutuelle du Ponant' })],
  company: Object.values(places).filter((p) => p.company).map((p) => item(p.company, 'organisation', { name: p.company_name, country: p.country })),
  site: Object.values(places).filter((p) => p.site).map((p) => item(p.site, 'organisation', { name: p.site_name, company: p.company, country: p.country, networks: p.evidence === 'attested' ? ['192.0.2.0/24'] : [], sentence: p.site === 'lome' ? { attested: 'lome-atteste' } : { attested: `${p.site}-a`, declared: `${p.site}-d`, unknown: 'inconnu' } }, p.site === 'lome' ? { ready: false, missing: ['sentence_declared_missing', 'sentence_unknown_missing'], version: 3 } : { ready: true })),
  queue: queues().map((q) => item(q.id, q.principal, { principal: q.principal, name: q.name, class: q.class, skills: {}, priority: 0, priority_step: 60, offer_timeout: 15, wrap_up: 60, wrap_up_more: 60, target: q.target_s, position_every: 90, max_waiting: 200, dispositions: dispositions.slice(0, 4), recording: { purpose: 'quality', retention_days: 90, notice: 'avis', opposition_key: '9' }, ...(q.id === 'suivi-colis' && { choice: { area: 'FR', key: '1', prompt: 'brest-a', accepted: 'brest-a', later: 'avis' } }) }, { version: 4 })),
  account: names.map((n, i) => item(`a${i}`, 'organisation', { lang: 'fr', roles: [{ name: i === 0 ? 'supervisor' : 'agent', principals: ['*'], queues: ['*'], sites: ['*'] }], agent: { site: places[spots[i]].site ?? '', queues: ['suivi-colis'], device: { kind: i === 6 ? 'sip' : 'browser' } } }, { name: n, login: n.split(' ')[0].toLowerCase() })),
  trunk: [item('operateur', 'organisation', { name: 'Opérateur fictif', provider: 'iroise-contact', country: 'FR', declared: { purpose: 'service', classes: ['suivi', 'courant', 'sante'], basis: 'Contrat d’acheminement (fictif)', from: '2026-01-01', until: '2030-12-31' }, networks: ['127.0.0.0/8'], media: ['127.0.0.0/8'], transport: 'udp', max_calls: 100 })],
  number: [item('colis', 'messagerie-du-ponant', { principal: 'messagerie-du-ponant', number: '+33298000101', flow: 'accueil' })],
  flow: [item('accueil', 'messagerie-du-ponant', { principal: 'messagerie-du-ponant', name: 'Accueil colis', steps: [{ do: 'announce', prompt: 'brest-a' }, { do: 'queue', queue: 'suivi-colis' }] })],
  rules: ['messagerie-du-ponant', 'mutuelle-du-ponant'].map((p) => item(p, p, { principal: p, text: '[[rule]]\nid = "sante-hors-ue"\neffect = "forbid"\nclasses = ["sante"]\nzones = ["OTHER"]\nreason = "les données de santé restent dans l’Union"\nbasis = "RGPD art. 9"\nfrom = 2026-01-01\n\n[[rule]]\nid = "ue"\neffect = "allow"\nclasses = ["suivi", "courant"]\nzones = ["FR", "FR_RUP", "EU"]\nreason = "traitement dans l’Union"\nbasis = "RGPD art. 6.1.b"\n' })),
  prompt: [item('brest-a', 'organisation', { principal: 'organisation', lang: 'fr', text: sentence.attested('en France'), source: 'recorded', audio: hash(3) }, { version: 2 }), item('casablanca-d', 'organisation', { principal: 'organisation', lang: 'fr', text: told(true).text, source: 'synthesis', audio: hash(4) }), item('avis', 'organisation', { principal: 'organisation', lang: 'fr', text: 'Cet appel est enregistré pour en contrôler la qualité. Faites le 9 pour vous y opposer.', source: 'recorded' })],
  frame: [item('organisation', 'organisation', { profile: 'encadre' }, { version: 2 })],
  pack: [], rest: [item('base', 'organisation', { name: 'Base de données, Brest', what: 'database', site: 'brest' })],
  matrix: Object.keys(matrices).map((p) => item(p, p, { principal: p, text: matrices[p] }, { version: 2 })),
  field: [item('formule', 'messagerie-du-ponant', { principal: 'messagerie-du-ponant', label: 'Formule', class: 'commercial', kind: 'choice', choices: ['Essentielle', 'Confort'], rank: 1 })],
  card: [item('colis', 'messagerie-du-ponant', { principal: 'messagerie-du-ponant', name: 'Suivi des colis', provider: 'iroise-contact', country: 'FR', declared: { purpose: 'service', classes: ['suivi', 'courant', 'commercial'], basis: 'Contrat d’acheminement (fictif)', from: '2026-01-01', until: '2030-12-31' }, networks: ['127.0.0.1/32'], url: 'http://127.0.0.1:5073/parcels/{key}', secret: 'colis', key_label: 'Numéro de colis', timeout: 3, per_hour: 120, fields: parcel.map(([name, label, cls]) => ({ name, label, class: cls })) })],
  opening: [item('dakar', 'organisation', dossier)],
  safeguard: safeguards.map(([id, kind, company, country, days, classes, modes]) => item(id, 'messagerie-du-ponant', { principal: 'messagerie-du-ponant', kind, company, country, ...(kind === 'clauses' && { module: 2 }), reference: `${id} du 12/01/2026 (fictif)`, from: '2026-01-12', until: dayOf(days), classes, modes })),
});

// what bounds the rules: the demo's own matrices, under other names
const demo = (name) => readFileSync(new URL(`../../cmd/rivage/demo/settings/matrices/${name}.toml`, import.meta.url), 'utf8');
const matrices = { 'messagerie-du-ponant': demo('messagerie'), 'mutuelle-du-ponant': demo('mutuelle'), organisation: demo('organisation') };
const dayOf = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const safeguards = [
  ['information-lome', 'notice', 'kpalime-appels', 'TG', -12, ['public', 'suivi']], ['aitd-casablanca', 'assessment', 'atlas-voix', 'MA', 5, ['public', 'suivi']],
  ['cct-lome', 'clauses', 'kpalime-appels', 'TG', 24, ['public', 'suivi'], ['voice', 'view']], ['lieu-non-verifie', 'derogation', undefined, undefined, 81, ['public', 'suivi'], ['voice']],
  ['cct-casablanca', 'clauses', 'atlas-voix', 'MA', 400, ['public', 'suivi']], ['autorisation-casablanca', 'authorisation', 'atlas-voix', 'MA', 700],
];

// a site abroad on its way: one client organisation may still object, one opinion is awaited
const dossier = {
  scope: { queues: ['suivi-colis'], classes: ['public', 'suivi'], modes: ['voice', 'view'], agents: 2, from: dayOf(-5), until: dayOf(85) },
  notice: { text: 'Ce que le droit du pays laisse atteindre aux autorités, d’après une étude fictive.', source: 'Étude 12 (fictive)', date: dayOf(-30) },
  clients: [{ principal: 'messagerie-du-ponant', told_on: dayOf(-10), objection_until: dayOf(20) }, { principal: 'mutuelle-du-ponant', told_on: dayOf(-10), objection_until: dayOf(20), answer: 'objected', answered_on: dayOf(-2), reference: 'Courrier 9' }],
  opinions: [{ of: 'CSE', opinion: 'reserved', on: dayOf(-8), reference: 'Procès-verbal 7' }, { of: 'RSSI' }],
};

/** The dossiers as GET /api/openings tells them. */
export const openings = (docs, who) => ({
  openings: Object.entries(docs).map(([id, doc]) => ({
    id, name: 'Dakar', country: 'SN', company: 'Téranga Contact', agents: 1, scope: doc.scope, notice: doc.notice, opinions: doc.opinions ?? [],
    clients: (doc.clients ?? []).map((c) => ({ ...c, name: c.principal, standing: !doc.decision ? 'undecided' : doc.decision.verdict === 'no-go' ? 'refused' : c.answer === 'objected' ? 'objected' : 'deadline', ...(doc.decision?.verdict === 'go' && !c.answer && { until: c.objection_until }) })),
    missing: [...(doc.scope ? [] : ['scope']), ...(doc.notice ? [] : ['notice']), ...(doc.clients?.length ? [] : ['clients']), ...(doc.opinions?.length && doc.opinions.every((o) => o.opinion) ? [] : ['opinions'])],
    ...(doc.decision && { decision: { ...doc.decision, on: dayOf(0), by_name: who } }),
  })),
  without: [places.brest, places.casablanca].map((p) => ({ id: p.site, name: p.site_name, country: p.country, abroad: p.country === 'MA' })),
});

/** What bounds the rules, as GET /api/frame tells it to those who answer for it. */
export const frame = (doc, me) => ({
  profile: doc?.profile ?? 'souverain', ...(doc?.proposed && { proposed: doc.proposed, proposed_by: doc.by, mine: doc.by === me, consequences: consequences(doc.proposed) }),
  due: [{ id: 'dakar', principal: 'mutuelle-du-ponant', kind: 'objection', name: 'Dakar', company: 'atlas-relation', country: 'SN', reference: '', until: dayOf(5), days: 5, warning: 7 }, ...safeguards.filter((s) => s[4] <= 90).map(([id, kind, company, country, days]) => ({ id, principal: 'messagerie-du-ponant', kind, company, country, reference: `${id} du 12/01/2026 (fictif)`, until: dayOf(days), days, warning: days < 0 ? 0 : days <= 7 ? 7 : days <= 30 ? 30 : 90 }))].sort((a, b) => a.days - b.days),
});

/** The rule packs, as GET /api/packs lists them. */
export const packs = () => {
  const row = (id, standing, more) => ({ id, jurisdiction: 'FR', legal_ref: 'C. conso. L223-1', text: 'Un texte de loi, en une phrase.', status: standing === 'verified' ? 'in_force' : standing, confidence: standing === 'verified' ? 'verified_official' : 'verified_secondary', source: 'legifrance.gouv.fr', review_due: '2027-02-21', effect: 'none', standing, ...more });
  return [
    { id: 'fr', on: true, rows: [row('CONSO-02', 'verified', { valid_from: '2026-08-11' }), row('SOV-03', 'unverified', { legal_ref: 'CSP L1111-8 ; décret 2026-209', effect: 'refuse', classes: ['sante'], zones: ['ADEQUATE', 'OTHER'], columns: ['rest'] })] },
    { id: 'us', on: false, rows: [row('LOC-06', 'proposal', { legal_ref: 'S.2495 / H.R.4954' })] },
  ];
};

export const consequences = (profile) => [places.casablanca, places.lome].flatMap((p) => ['public', 'suivi'].flatMap((cls) => ['offer', 'leg', 'field'].map((action) => ({
  principal: 'messagerie-du-ponant', site: p.site, site_name: p.site_name, country: p.country, class: cls, action, allowed: profile === 'encadre',
  ...(profile === 'souverain' && { reason: "Profil souverain : rien ne sort de l'EEE, consultation comprise." }),
}))));

const zones = ['FR', 'FR_RUP', 'FR_OM_HORS_UE', 'EU', 'EEA', 'ADEQUATE', 'ADEQUATE_PARTIAL', 'OTHER'];
const needed = { FR_OM_HORS_UE: [['review']], ADEQUATE_PARTIAL: [['scope'], ['clauses', 'assessment']], OTHER: [['clauses', 'assessment', 'authorisation', 'notice']] };
export const law = (principal, profile) => ({
  profile,
  cells: ['public', 'suivi', 'courant', 'commercial', 'bancaire', 'sante'].flatMap((cls) => zones.flatMap((zone) => ['none', 'exposed'].flatMap((exposure) => {
    const words = (text) => text.split(`[${cls}]`)[1].split('\n').find((l) => l.startsWith(`${zone}.${exposure} `)).match(/"[a-z-]+"/g).map((w) => w.slice(1, -1));
    const [floor, own] = [words(matrices.organisation), words(matrices[principal])];
    const outside = !['FR', 'FR_RUP', 'EU', 'EEA'].includes(zone);
    return ['voice', 'view', 'copy', 'admin', 'rest'].map((column, i) => {
      const layer = profile === 'souverain' && outside ? 'profile' : floor[i] === 'refused' ? 'floor' : own[i] === 'refused' ? 'matrix' : undefined;
      const needs = layer ? undefined : needed[zone] ?? (profile === 'souverain' && exposure === 'exposed' ? [['review']] : undefined);
      return { class: cls, zone, exposed: exposure === 'exposed', column, outcome: layer ? 'refused' : floor[i] === 'full' ? own[i] : floor[i], layer, needs };
    });
  }))),
  companies: Object.values(places).filter((p) => p.company).map((p) => {
    const exposures = p.country === 'TG' ? ['EXP_UNASSESSED', 'EXP_US'] : p.country === 'MA' ? ['EXP_UNASSESSED'] : ['EXP_NONE_EU'];
    return { id: p.company, name: p.company_name, country: p.country, exposures, exposed: exposures[0] !== 'EXP_NONE_EU' };
  }).sort((a, b) => a.name.localeCompare(b.name)),
});

const glyphs = { 0: 'ehhhhhe', 1: '4c4444e', 2: 'eh1248v', 3: 'v2421he', 4: '26aiv22', 5: 'vgu11he', 6: '68guhhe', 7: 'v124888', 8: 'ehhehhe', 9: 'ehhf12c', '+': '044v440', ' ': '0000000' };
const crc = (b) => { let c = ~0; for (const x of b) { c ^= x; for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1)); } return ~c >>> 0; };
const chunk = (type, data) => { const b = Buffer.concat([Buffer.from(type), data]); const out = Buffer.alloc(b.length + 8); out.writeUInt32BE(data.length, 0); b.copy(out, 4); out.writeUInt32BE(crc(b), b.length + 4); return out; };
/** A number as the server draws one: 640 × 80, the text over a slanted watermark. */
export const drawn = (text, dark) => {
  const [w, h, size] = [640, 80, 5];
  const ink = (x, y) => {
    const [cx, row] = [Math.floor((x - 20) / (size * 6)), Math.floor((y - 22) / size)];
    const bits = x < 20 ? undefined : glyphs[text[cx]]?.[row];
    const col = Math.floor((x - 20 - cx * size * 6) / size);
    return bits !== undefined && col < 5 && (parseInt(bits, 32) >> (4 - col)) & 1 ? 1 : (x + 3 * y) % 90 < 4 ? 0.2 : 0;
  };
  const pixels = Buffer.alloc(h * (w + 1));
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) pixels[y * (w + 1) + 1 + x] = Math.round(dark ? 26 + 205 * ink(x, y) : 255 - 230 * ink(x, y));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(w, 0); header.writeUInt32BE(h, 4); header[8] = 8;
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]);
};

export const matrix = () => {
  const classes = ['public', 'suivi', 'courant', 'commercial', 'bancaire', 'sante'];
  const actions = ['offer', 'leg', 'record', 'playback', 'field', 'export'];
  const ok = (p, c) => (p.evidence !== 'unknown' && (p.zone !== 'OTHER' ? c !== 'bancaire' : c === 'suivi' || c === 'public'));
  return {
    classes, actions,
    rows: Object.values(places).map((p) => ({
      company: p.company, site: p.site ?? '', site_name: p.site_name ?? '–', country: p.country, zone: p.zone ?? 'OTHER', evidence: p.evidence,
      cells: classes.flatMap((c) => actions.map((action) => (ok(p, c) && action !== 'export'
        ? { class: c, action, mode: 'voice', allowed: true, rule: p.zone === 'OTHER' ? 'hors-ue-suivi' : 'ue', reason: 'traitement prévu au contrat', basis: p.zone === 'OTHER' ? 'CCT module 2 (fictif)' : 'RGPD art. 6.1.b' }
        : { class: c, action, mode: 'voice', allowed: false, ...(c === 'sante' && p.zone === 'OTHER' && { rule: 'sante-hors-ue' }), reason: c === 'sante' && p.zone === 'OTHER' ? 'les données de santé restent dans l’Union' : 'aucune règle n’autorise cette opération' }))),
    })),
  };
};

// as the setting of the site below says
/** What those who watch have to look at: a place contradicted, and something unusual of every sort, one of one's own. */
export const contradictions = () => [{ account: 'koffi', name: 'Koffi Mensah', site: 'lome', site_name: places.lome.site_name, seen: 'TG', at: ago(40), seq: 40, count: 1 }];
export const unusual = () => [
  { account: 'sam', name: 'Sam Le Bihan', what: 'persons', site: 'brest', site_name: 'Brest', persons: 120, stopped: true, at: ago(60), seq: 41, count: 1 },
  { account: 'boss', name: 'Maëlle Kerguelen', what: 'hours', site: 'brest', site_name: 'Brest', at: ago(300), seq: 42, count: 3, mine: true },
  { account: 'rui', name: 'Rui Almeida', what: 'place', at: ago(600), seq: 43, count: 1 },
];
export const unready = () => [{ site: 'lome', name: places.lome.site_name, missing: ['sentence_declared_missing', 'sentence_unknown_missing'] }];

export const journal = () => ({ size: 48_262, root: 'p2Jv8QyV1zY0n3kqz8sK1r5oP0m3fJm7l2q1bXc9T4A=', published: 48_256, at: ago(4), checkpoint: 'ponant-relation-client.example/rivage\n48256\np2Jv8QyV1zY0n3kqz8sK1r5oP0m3fJm7l2q1bXc9T4A=\n\n— ponant-relation-client.example/rivage 9dQz2gkYt1yV…8kqBQ=\n' });
export const persons = () => [{ id: 'p5x2n7k4w3j6qzt2vh7mycdsra', principal: 'messagerie-du-ponant', created_at: ago(86400 * 41), interactions: 6 }, { id: 'p7c2d5rqs3k4w6jzt2vh7myxna', principal: 'mutuelle-du-ponant', created_at: ago(86400 * 12), interactions: 0, erased_at: ago(86400 * 2) }];
export const numbers = [{ number: '+33298000101', name: 'Suivi de colis', principal_name: 'Messagerie du Ponant' }, { number: '+33298000201', name: 'Remboursements', principal_name: 'Mutuelle du Ponant' }];
export const pauses = ['pause', 'repas', 'formation', 'reunion', 'technique', 'back_office'];

/** Who is connected: one way open, one past its end, sessions of every evidence, support in each state. */
export const connections = (supports) => ({
  ways: [
    { id: 'card:colis', kind: 'card', setting: 'colis', principal: 'messagerie-du-ponant', name: 'Suivi des colis', company_name: 'Iroise Contact', country: 'FR', exposures: ['EXP_NONE_EU'], purpose: 'service', classes: ['suivi', 'courant'], basis: 'Contrat de sous-traitance (fictif)', until: '2030-12-31', open: true, last: ago(40), opened: 128, in: 412_000, out: 61_400 },
    { id: 'trunk:ancien', kind: 'trunk', setting: 'operateur', principal: 'organisation', name: 'Opérateur d’avant (fictif)', company_name: 'Overseas Carrier', parent: 'Overseas Holding', parent_country: 'US', country: 'FR', exposures: ['EXP_US'], purpose: 'service', classes: ['suivi'], basis: 'Contrat OP-3 (fictif)', until: '2026-10-31', open: false, reason: 'La déclaration de cette connexion est échue : rien n\'y passe.', opened: 0, in: 0, out: 0 },
  ],
  sessions: [
    { role: 'administrator', site: 'brest', site_name: 'Brest', company_name: 'Iroise Contact', country: 'FR', evidence: 'attested', since: ago(600), mine: true },
    { role: 'agent', site: 'casablanca', site_name: 'Casablanca', company_name: 'Atlas Relation', country: 'MA', evidence: 'declared', since: ago(7200) },
    { role: 'agent', evidence: 'unknown', since: ago(9000) },
  ],
  supports, refused: [{ out: false, use: 'sip ancien', reason: 'connexion:echue', count: 42 }, { out: true, use: 'card:colis', reason: 'host', count: 3 }],
  ties: [{ account: 'dina', name: 'Dina Moreau', role: 'dpo', by_name: 'Adèle Le Goff', what: 'password', until: ahead(86_400 * 27) }, { account: 'marc', name: 'Marc Tanguy', role: 'administrator', by_name: 'Adèle Le Goff', what: 'roles', until: ahead(86_400 * 3) }],
  since: ago(86_400), whole: true,
});

export const supports = () => [
  { account: 'sofia', name: 'Sofia Éditrice', state: 'pending', company: 'iroise-contact', company_name: 'Iroise Contact', country: 'FR', from: ago(300), until: ahead(6900), opened_by: 'Yann Kervella' },
  { account: 'paul', name: 'Paul Intégrateur', state: 'none' },
];
