// SPDX-License-Identifier: EUPL-1.2
// The forms of what people set, one list of fields per type; the server validates, these only guide.
import type { Doc, SettingType } from '$lib/api/types';
import type { Texts } from '$lib/i18n/index.svelte';
import { country, t } from '$lib/i18n/index.svelte';

type Label = keyof Texts['control']['field'];

export type Shape = { key: string; label: Label; help?: Label; required?: boolean; unless?: string; when?: (doc: Doc) => boolean } & (
  | { kind: 'text' | 'number' | 'bool' | 'date' | 'lines' | 'textarea' | 'toml' }
  | { kind: 'select' | 'choices' | 'picks'; options: () => [string, string][] }
  | { kind: 'ref' | 'refs'; type: SettingType; star?: boolean; organisation?: boolean }
  | { kind: 'group'; fields: Shape[]; toggle?: Label; fresh?: Doc }
  | { kind: 'rows'; fields: Shape[]; fresh: Doc }
  | { kind: 'levels' }
);

const words = (list: Record<string, string>, ...codes: string[]): [string, string][] => codes.map((c) => [c, list[c] ?? c]);
const classes = (): [string, string][] => Object.entries(t().class);
/** Every country by its name in the language shown. */
export const countries = (): [string, string][] => {
  // every territory that engine/policy knows: a parent may sit in any of them
  const codes = 'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'.split(' ');
  return codes.map((c): [string, string] => [c, country(c)]).sort((a, b) => a[1].localeCompare(b[1]));
};

const name: Shape = { key: 'name', label: 'name', kind: 'text', required: true };
const principal = { key: 'principal', label: 'principal', kind: 'ref', type: 'principal', required: true } as const;
/** A derogation is for places that are not known: it names neither company nor country. */
const somewhere = (d: Doc): boolean => d.kind !== 'derogation';
const langs = (): [string, string][] => words(t().lang, 'fr', 'en');
const keypad = (): [string, string][] => [...'0123456789*#'].map((k): [string, string] => [k, k]);
const scope = { kind: 'refs', star: true, help: 'scopeHelp' } as const;

/** Why a way in or out stands open, for what and until when: without it, it is closed. */
const declaration: Shape = {
  key: 'declared', label: 'declaration', help: 'declarationHelp', kind: 'group',
  fields: [
    { key: 'purpose', label: 'purpose', kind: 'select', options: () => Object.entries(t().control.purpose), required: true },
    { key: 'classes', label: 'classes', kind: 'choices', options: classes, help: 'declaredClassesHelp', required: true },
    { key: 'basis', label: 'declaredBasis', kind: 'text', help: 'declaredBasisHelp', required: true },
    { key: 'from', label: 'from', kind: 'date', required: true },
    { key: 'until', label: 'until', kind: 'date', help: 'declaredUntilHelp', required: true },
  ],
};

export const shapes: Record<SettingType, Shape[]> = {
  principal: [name],
  company: [
    name,
    { key: 'country', label: 'country', kind: 'select', options: countries, required: true },
    { key: 'parent', label: 'parent', kind: 'text' },
    { key: 'parent_country', label: 'parent_country', kind: 'select', options: countries },
    { key: 'operators', label: 'operators', kind: 'picks', options: countries, help: 'operatorsHelp' },
    { key: 'admins', label: 'admins', kind: 'picks', options: countries, help: 'adminsHelp' },
  ],
  site: [
    name,
    { key: 'company', label: 'company', kind: 'ref', type: 'company', required: true },
    { key: 'country', label: 'country', kind: 'select', options: countries, required: true },
    { key: 'telework', label: 'telework', kind: 'bool' },
    { key: 'networks', label: 'networks', kind: 'lines', help: 'networksHelp', unless: 'telework' },
    { key: 'certificates', label: 'certificates', kind: 'lines', help: 'certificatesHelp' },
    { key: 'sentence', label: 'sentence', kind: 'group', fields: (['attested', 'declared', 'unknown'] as const).map((e): Shape => ({ key: e, label: e, kind: 'ref', type: 'prompt', ...(e === 'unknown' && { help: 'unknownHelp' }) })) },
  ],
  queue: [
    name, principal,
    { key: 'class', label: 'class', kind: 'select', options: classes, required: true },
    { key: 'target', label: 'target', kind: 'number' },
    { key: 'offer_timeout', label: 'offer_timeout', kind: 'number' },
    { key: 'wrap_up', label: 'wrap_up', kind: 'number' },
    { key: 'wrap_up_more', label: 'wrap_up_more', kind: 'number' },
    { key: 'position_every', label: 'position_every', kind: 'number', help: 'positionHelp' },
    { key: 'max_waiting', label: 'max_waiting', kind: 'number' },
    { key: 'priority', label: 'priority', kind: 'number' },
    { key: 'priority_step', label: 'priority_step', kind: 'number' },
    { key: 'music', label: 'music', kind: 'ref', type: 'prompt' },
    { key: 'skills', label: 'skills', kind: 'levels' },
    { key: 'dispositions', label: 'dispositions', kind: 'rows', fresh: { code: '', label: '' }, fields: [{ key: 'code', label: 'code', kind: 'text', required: true }, { key: 'label', label: 'label', kind: 'text', required: true }] },
    {
      key: 'recording', label: 'recording', kind: 'group', toggle: 'recordingOn', fresh: { purpose: 'quality', retention_days: 90, notice: '', opposition_key: '9' },
      fields: [
        { key: 'purpose', label: 'purpose', kind: 'select', options: () => Object.entries(t().control.purpose), required: true },
        { key: 'retention_days', label: 'retention_days', kind: 'number', required: true },
        { key: 'notice', label: 'notice', kind: 'ref', type: 'prompt', required: true },
        { key: 'opposition_key', label: 'opposition_key', kind: 'select', options: keypad, required: true },
      ],
    },
    {
      key: 'choice', label: 'choice', kind: 'group', toggle: 'choiceOn', fresh: { area: 'FR', key: '1', prompt: '', accepted: '', later: '' },
      fields: [
        { key: 'area', label: 'choiceArea', kind: 'select', options: () => Object.entries(t().area), required: true },
        { key: 'key', label: 'choiceKey', kind: 'select', options: keypad, required: true, help: 'choiceKeyHelp' },
        { key: 'prompt', label: 'choicePrompt', kind: 'ref', type: 'prompt', required: true, help: 'choicePromptHelp' },
        { key: 'accepted', label: 'choiceAccepted', kind: 'ref', type: 'prompt', required: true, help: 'choiceAcceptedHelp' },
        { key: 'later', label: 'choiceLater', kind: 'ref', type: 'prompt', required: true, help: 'choiceLaterHelp' },
      ],
    },
    {
      key: 'shares', label: 'shares', kind: 'rows', fresh: { area: 'FR', least: 50 }, help: 'sharesHelp',
      fields: [
        { key: 'area', label: 'choiceArea', kind: 'select', options: () => Object.entries(t().area), required: true },
        { key: 'least', label: 'least', kind: 'number', required: true },
      ],
    },
    { key: 'nobody', label: 'nobody', kind: 'ref', type: 'prompt', help: 'nobodyHelp' },
  ],
  account: [
    name,
    { key: 'login', label: 'login', kind: 'text', required: true },
    { key: 'lang', label: 'lang', kind: 'select', options: langs },
    { key: 'site', label: 'site', kind: 'ref', type: 'site', help: 'siteHelp', unless: 'agent' }, // who answers has it in the group below
    { key: 'telework', label: 'telework', kind: 'refs', type: 'site', help: 'teleworkHelp' },
    {
      key: 'roles', label: 'roles', kind: 'rows', fresh: { name: 'agent', principals: ['*'], queues: ['*'], sites: ['*'] },
      fields: [
        { key: 'name', label: 'role', kind: 'select', options: () => Object.entries(t().control.roles), required: true },
        { ...scope, key: 'principals', label: 'principals', type: 'principal' },
        { ...scope, key: 'queues', label: 'queues', type: 'queue' },
        { ...scope, key: 'sites', label: 'sites', type: 'site' },
      ],
    },
    {
      key: 'agent', label: 'agent', kind: 'group', toggle: 'agentOn', fresh: { site: '', queues: [], device: { kind: 'browser' } },
      fields: [
        { key: 'site', label: 'site', kind: 'ref', type: 'site', help: 'siteHelp' },
        { key: 'queues', label: 'queues', kind: 'refs', type: 'queue' },
        { key: 'skills', label: 'skills', kind: 'levels' },
        { key: 'by_ear', label: 'by_ear', kind: 'bool', help: 'byEarHelp' },
        {
          key: 'device', label: 'device', kind: 'group',
          fields: [
            { key: 'kind', label: 'device', kind: 'select', options: () => [['browser', t().control.agents.browser], ['sip', t().control.agents.sip]], required: true },
            { key: 'uri', label: 'uri', kind: 'text' },
            { key: 'trunk', label: 'trunk', kind: 'ref', type: 'trunk' },
          ],
        },
      ],
    },
  ],
  trunk: [
    name,
    { key: 'provider', label: 'provider', kind: 'ref', type: 'company', required: true },
    { key: 'country', label: 'trunkCountry', kind: 'select', options: countries, required: true },
    declaration,
    { key: 'networks', label: 'trunkNetworks', kind: 'lines', required: true },
    { key: 'media', label: 'media', kind: 'lines', help: 'mediaHelp', required: true },
    { key: 'nat', label: 'nat', kind: 'bool' },
    { key: 'username', label: 'username', kind: 'text' },
    { key: 'secret', label: 'secret', kind: 'text', help: 'secretHelp' },
    { key: 'transport', label: 'transport', kind: 'select', options: () => [['udp', 'UDP'], ['tcp', 'TCP']], required: true },
    { key: 'max_calls', label: 'max_calls', kind: 'number' },
  ],
  number: [
    principal,
    { key: 'number', label: 'number', kind: 'text', help: 'numberHelp', required: true },
    { key: 'flow', label: 'flow', kind: 'ref', type: 'flow', required: true },
  ],
  flow: [
    name, principal,
    {
      key: 'steps', label: 'steps', kind: 'rows', fresh: { do: 'announce', prompt: '' },
      fields: [
        { key: 'do', label: 'do', kind: 'select', options: () => [['announce', t().control.field.announce], ['queue', t().control.field.queue]], required: true },
        { key: 'prompt', label: 'prompt', kind: 'ref', type: 'prompt' },
        { key: 'queue', label: 'queue', kind: 'ref', type: 'queue' },
      ],
    },
  ],
  rules: [principal, { key: 'text', label: 'rulesText', kind: 'toml', required: true }],
  prompt: [
    { key: 'principal', label: 'principal', kind: 'ref', type: 'principal', organisation: true, required: true },
    { key: 'lang', label: 'lang', kind: 'select', options: langs, required: true },
    { key: 'text', label: 'text', kind: 'textarea', required: true },
    { key: 'source', label: 'source', kind: 'select', options: () => words(t().control.field, 'recorded', 'synthesis'), required: true },
  ],
  // what is proposed is not edited here: two persons change a profile, in “law and places”
  frame: [
    { key: 'profile', label: 'profile', kind: 'select', options: () => Object.entries(t().profile.name), required: true },
    {
      key: 'watch', label: 'watch', kind: 'group', toggle: 'watchOn', fresh: { told: 30, most: 120 },
      fields: [{ key: 'told', label: 'told', kind: 'number', required: true, help: 'watchHelp' }, { key: 'most', label: 'most', kind: 'number', required: true }],
    },
  ],
  matrix: [{ ...principal, organisation: true }, { key: 'text', label: 'matrixText', kind: 'toml', required: true, help: 'matrixHelp' }],
  rest: [
    name,
    { key: 'what', label: 'restWhat', kind: 'select', options: () => Object.entries(t().control.restWhat), required: true },
    { key: 'site', label: 'site', kind: 'ref', type: 'site', help: 'restSiteHelp' },
    { key: 'company', label: 'company', kind: 'ref', type: 'company', required: true, when: (d) => !d.site },
    { key: 'country', label: 'country', kind: 'select', options: countries, required: true, when: (d) => !d.site },
    { key: 'at', label: 'restAt', kind: 'text', help: 'restAtHelp', when: (d) => d.what === 'backup' || d.what === 'replica' },
  ],
  pack: [{ key: 'text', label: 'packText', kind: 'toml', required: true, help: 'packHelp' }],
  safeguard: [
    { ...principal, organisation: true },
    { key: 'kind', label: 'kind', kind: 'select', options: () => Object.entries(t().safeguard), required: true },
    { key: 'company', label: 'company', kind: 'ref', type: 'company', required: true, help: 'companyHelp', when: somewhere },
    { key: 'country', label: 'country', kind: 'select', options: countries, required: true, help: 'countryHelp', when: somewhere },
    { key: 'module', label: 'module', kind: 'number', required: true, help: 'moduleHelp', when: (d) => d.kind === 'clauses' },
    { key: 'reference', label: 'reference', kind: 'text', required: true, help: 'referenceHelp' },
    { key: 'from', label: 'from', kind: 'date', required: true },
    { key: 'until', label: 'until', kind: 'date', required: true, help: 'untilHelp' },
    { key: 'classes', label: 'classes', kind: 'choices', options: classes, help: 'classesHelp' },
    { key: 'modes', label: 'modes', kind: 'choices', options: () => words(t().value, 'voice', 'view', 'copy', 'admin'), help: 'modesHelp' },
  ],
  // the decision is not edited here: a person takes it, in “law and places”
  opening: [
    {
      key: 'scope', label: 'trialScope', kind: 'group', toggle: 'trialScopeOn', fresh: { queues: [], classes: [], modes: ['voice', 'view'], agents: 1, from: '', until: '' },
      fields: [
        { key: 'queues', label: 'queues', kind: 'refs', type: 'queue' },
        { key: 'classes', label: 'classes', kind: 'choices', options: classes },
        { key: 'modes', label: 'modes', kind: 'choices', options: () => words(t().value, 'voice', 'view', 'copy', 'admin') },
        { key: 'agents', label: 'agentsMost', kind: 'number', required: true },
        { key: 'from', label: 'from', kind: 'date', required: true },
        { key: 'until', label: 'until', kind: 'date', required: true },
      ],
    },
    {
      key: 'notice', label: 'countryNotice', kind: 'group', toggle: 'countryNoticeOn', fresh: { text: '', source: '', date: '' },
      fields: [
        { key: 'text', label: 'text', kind: 'textarea', required: true, help: 'countryNoticeHelp' },
        { key: 'source', label: 'source', kind: 'text', required: true },
        { key: 'date', label: 'sourceDate', kind: 'date', required: true },
      ],
    },
    {
      key: 'clients', label: 'principals', kind: 'rows', fresh: { principal: '' },
      fields: [
        principal,
        { key: 'told_on', label: 'told_on', kind: 'date' },
        { key: 'objection_until', label: 'objection_until', kind: 'date' },
        { key: 'answer', label: 'answer', kind: 'select', options: () => Object.entries(t().control.law.dossier.answer) },
        { key: 'answered_on', label: 'answered_on', kind: 'date' },
        { key: 'reference', label: 'reference', kind: 'text' },
      ],
    },
    {
      key: 'opinions', label: 'opinions', kind: 'rows', fresh: { of: '' },
      fields: [
        { key: 'of', label: 'opinionOf', kind: 'text', required: true, help: 'opinionOfHelp' },
        { key: 'opinion', label: 'opinion', kind: 'select', options: () => Object.entries(t().control.law.dossier.opinion) },
        { key: 'on', label: 'opinionOn', kind: 'date' },
        { key: 'reference', label: 'reference', kind: 'text' },
      ],
    },
  ],
  workstation: [
    { ...name, help: 'stationHelp' },
    { key: 'site', label: 'site', kind: 'ref', type: 'site', required: true },
    { key: 'until', label: 'until', kind: 'date', required: true, help: 'stationUntilHelp' },
  ],
  exception: [
    { key: 'agent', label: 'exceptionAgent', kind: 'ref', type: 'account', required: true, help: 'exceptionAgentHelp' },
    { key: 'ground', label: 'ground', kind: 'select', options: () => Object.entries(t().ground), required: true },
    { key: 'reference', label: 'reference', kind: 'text', required: true, help: 'exceptionReferenceHelp' },
    { key: 'from', label: 'from', kind: 'date', required: true, help: 'dateHelp' },
    { key: 'until', label: 'until', kind: 'date', required: true, help: 'exceptionUntilHelp' },
  ],
  card: [
    name, principal,
    { key: 'provider', label: 'cardProvider', kind: 'ref', type: 'company', required: true },
    { key: 'country', label: 'cardCountry', kind: 'select', options: countries, required: true },
    declaration,
    { key: 'networks', label: 'cardNetworks', kind: 'lines', help: 'cardNetworksHelp', required: true },
    { key: 'url', label: 'url', kind: 'text', help: 'urlHelp', required: true },
    { key: 'secret', label: 'secret', kind: 'text', help: 'cardSecretHelp' },
    { key: 'key_label', label: 'key_label', kind: 'text', help: 'keyLabelHelp', required: true },
    { key: 'timeout', label: 'timeout', kind: 'number', help: 'timeoutHelp', required: true },
    { key: 'per_hour', label: 'per_hour', kind: 'number', help: 'perHourHelp', required: true },
    {
      key: 'fields', label: 'cardFields', kind: 'rows', fresh: { name: '', label: '', class: '' },
      fields: [
        { key: 'name', label: 'fieldName', kind: 'text', required: true },
        { key: 'label', label: 'label', kind: 'text', required: true },
        { key: 'class', label: 'class', kind: 'select', options: classes, required: true },
      ],
    },
  ],
  field: [
    principal,
    { key: 'label', label: 'label', kind: 'text', required: true },
    { key: 'class', label: 'class', kind: 'select', options: classes, required: true },
    { key: 'kind', label: 'kind', kind: 'select', options: () => Object.entries(t().fieldKind), required: true },
    { key: 'choices', label: 'choices', kind: 'lines', help: 'choicesHelp', when: (d) => d.kind === 'choice' },
    { key: 'rank', label: 'fieldRank', kind: 'number', help: 'fieldRankHelp' },
  ],
};

/** A new document of a type, at the defaults of docs/words.md. */
export const fresh: Record<SettingType, Doc> = {
  principal: {}, company: {}, site: { networks: [], sentence: {} },
  queue: { class: 'courant', priority: 0, priority_step: 60, offer_timeout: 15, wrap_up: 60, wrap_up_more: 60, target: 20, position_every: 90, max_waiting: 200, dispositions: [] },
  account: { lang: 'fr', roles: [{ name: 'agent', principals: ['*'], queues: ['*'], sites: ['*'] }] },
  trunk: { declared: { purpose: 'service', classes: [] }, networks: [], media: [], transport: 'udp', max_calls: 100 }, number: {}, flow: { steps: [] }, rules: { text: '' },
  prompt: { principal: 'organisation', lang: 'fr', text: '', source: 'recorded' },
  frame: { profile: 'souverain' }, matrix: { text: '' }, pack: { text: '' }, rest: {}, safeguard: { classes: [], modes: [] }, card: { declared: { purpose: 'service', classes: [] }, networks: [], timeout: 3, per_hour: 60, fields: [] },
  field: { kind: 'text' }, workstation: {}, exception: {}, opening: {},
};

/** The types whose documents bear the id of their Principal. */
export const ofPrincipal = (type: SettingType): boolean => type === 'rules' || type === 'matrix';

/** Who else than an administrator may write a type, or who alone. */
export const writers = (type: SettingType): string[] => (type === 'exception' ? ['dpo'] : ['administrator', ...(legal(type) ? ['dpo'] : [])]);

/** The types that say what may be reached from where: the data protection officer writes them too. */
export const legal = (type: SettingType): boolean => ofPrincipal(type) || type === 'frame' || type === 'safeguard' || type === 'pack' || type === 'rest' || type === 'opening';

/** The types a form of this type chooses from. */
export function refsOf(fields: Shape[]): SettingType[] {
  const types = new Set<SettingType>();
  for (const f of fields) {
    if (f.kind === 'ref' || f.kind === 'refs') types.add(f.type);
    else if (f.kind === 'group' || f.kind === 'rows') refsOf(f.fields).forEach((x) => types.add(x));
  }
  return [...types];
}

/** Whether an id may name a configured thing. */
export const validSlug = (id: string): boolean => /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(id);

/** A random id, for accounts: 128 bits in 26 lower-case base32 characters. */
export function randomId(): string {
  let bits = '';
  for (const b of crypto.getRandomValues(new Uint8Array(16))) bits += b.toString(2).padStart(8, '0');
  return (bits.padEnd(130, '0').match(/.{5}/g) ?? []).map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five, 2)]).join('');
}

/** A document without what is empty: an absent choice is absent, not "". */
export function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== '' && v !== undefined && v !== null).map(([k, v]) => [k, tidy(v)]));
}
