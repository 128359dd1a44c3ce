// SPDX-License-Identifier: EUPL-1.2
// The HTTP API, one function per operation. Everything is same origin and carried by the session's cookie.
import createClient from 'openapi-fetch';
import type { paths } from './schema';
import type {
  Card, CardSource, Connections, Consequence, Decided, DemoNumber, Doc, Field, Interaction, InteractionDetail, Invitation, Journal, Law, LawFrame, Matrix, Me, Openings, Pack, Person, PersonCard, PersonChange, PersonsFound, Profile, SettingItem, SettingType, Trial, Unusual, Why, WorkstationProof,
} from './types';

/** An error the server answered (RFC 9457), or `network` when it did not answer. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** French sentence of the server, shown when the app has no words for the code. */
  readonly detail: string;
  /** Places to choose from, of `site_required`. */
  readonly sites: { id: string; name: string }[];

  constructor(status: number, code: string, detail = '', sites: { id: string; name: string }[] = []) {
    super(`${status} ${code}`);
    this.sites = sites;
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

interface ProblemBody { code?: string; detail?: string; status?: number; sites?: { id: string; name: string }[] }

const client = createClient<paths>({ baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin });

const codes: Record<number, string> = { 401: 'unauthenticated', 403: 'denied', 404: 'not_found', 409: 'conflict', 412: 'conflict', 428: 'conflict', 429: 'blocked', 503: 'unavailable' };

/** The problem a response carries; a body that is none of ours still gets a code from its status. */
export function problemOf(status: number, body: unknown): Problem {
  const p = (typeof body === 'object' && body !== null ? body : {}) as ProblemBody;
  return new Problem(status, p.code ?? codes[status] ?? (status < 500 ? 'invalid' : 'internal'), p.detail, p.sites);
}

type SignInBody = Omit<NonNullable<paths['/api/session']['post']['requestBody']>['content']['application/json'], '$schema'>;

interface Answer { data?: unknown; error?: unknown; response: Response }

async function ask<T>(request: Promise<Answer>): Promise<T> {
  let answer: Answer;
  try {
    answer = await request;
  } catch {
    throw new Problem(0, 'network');
  }
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error);
  return answer.data as T;
}

async function raw(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Problem(0, 'network');
  }
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return response;
}

const seen = (id: string, version: string): { path: { id: string }; header: { 'If-Match': string } } => ({ path: { id }, header: { 'If-Match': `"${version}"` } });

export interface InteractionFilter { principal?: string; queue?: string; state?: string; before?: string; limit?: number }
export interface LegAnswer { leg: string; sdp: string }

export const api = {
  // sessions
  me: (): Promise<Me> => ask(client.GET('/api/session')),
  signIn: (login: string, password: string, more: Omit<SignInBody, 'login' | 'password'> = {}): Promise<Me> =>
    ask(client.POST('/api/session', { body: { login, password, ...more } })),
  signOut: (): Promise<unknown> => ask(client.DELETE('/api/session')),
  invitation: (token: string): Promise<Invitation> => ask(client.GET('/api/invitations/{token}', { params: { path: { token } } })),
  acceptInvitation: (token: string, password: string, totp_code: string): Promise<Me> =>
    ask(client.POST('/api/invitations/{token}', { params: { path: { token } }, body: { password, totp_code } })),

  // registered workstations
  offerWorkstation: (id: string, name: string, site: string, until: string): Promise<{ code: string; expires_at: string }> =>
    ask(client.POST('/api/workstations', { body: { id, name, site, until } })),
  enrolWorkstation: (code: string, key: string): Promise<{ id: string; name: string }> =>
    ask(client.POST('/api/workstations/enrolment', { body: { code, key } })),
  workstationChallenge: (): Promise<{ challenge: string }> => ask(client.GET('/api/workstations/challenge')),
  sessionChallenge: (): Promise<{ challenge: string; session?: string }> => ask(client.GET('/api/session/workstation')),
  proveWorkstation: (proof: WorkstationProof): Promise<unknown> => ask(client.POST('/api/session/workstation', { body: proof })),

  // browser legs
  offerLeg: (offer: string, sdp: string): Promise<LegAnswer> =>
    ask(client.POST('/api/offers/{offer}/leg', { params: { path: { offer } }, body: { sdp } })),
  rejoinLeg: (id: string, sdp: string): Promise<LegAnswer> =>
    ask(client.POST('/api/interactions/{id}/leg', { params: { path: { id } }, body: { sdp } })),
  demo: (): Promise<{ numbers: DemoNumber[] }> => ask(client.GET('/api/demo')),
  demoCall: (number: string, sdp: string): Promise<LegAnswer> => ask(client.POST('/api/demo/calls', { body: { number, sdp } })),
  demoHangup: (leg: string): Promise<unknown> => ask(client.DELETE('/api/demo/calls/{leg}', { params: { path: { leg } } })),

  // interactions
  interactions: (query: InteractionFilter): Promise<{ interactions: Interaction[]; next?: string }> =>
    ask(client.GET('/api/interactions', { params: { query } })),
  interaction: (id: string): Promise<InteractionDetail> => ask(client.GET('/api/interactions/{id}', { params: { path: { id } } })),
  why: (seq: number): Promise<Why> => ask(client.GET('/api/why/{seq}', { params: { path: { seq } } })),
  decision: (seq: number): Promise<Decided> => ask(client.GET('/api/decisions/{seq}', { params: { path: { seq } } })),
  fields: (id: string, fields: Field['field'][]): Promise<{ fields: Field[] }> =>
    ask(client.POST('/api/interactions/{id}/fields', { params: { path: { id } }, body: { fields } })),
  cardSources: (id: string): Promise<{ sources: CardSource[] }> => ask(client.GET('/api/interactions/{id}/cards', { params: { path: { id } } })),
  card: (id: string, source: string, key: string): Promise<Card> =>
    ask(client.POST('/api/interactions/{id}/cards', { params: { path: { id } }, body: { source, key } })),
  personCard: (id: string): Promise<PersonCard> => ask(client.POST('/api/interactions/{id}/person', { params: { path: { id } } })),
  /** What is written on a card says which version of it was shown. */
  keepPerson: (id: string, version: string, changes: PersonChange[]): Promise<PersonCard> =>
    ask(client.PUT('/api/interactions/{id}/person', { params: seen(id, version), body: { changes } })),
  searchPersons: (id: string, text: string): Promise<PersonsFound> =>
    ask(client.POST('/api/interactions/{id}/person/search', { params: { path: { id } }, body: { text } })),
  mergePerson: (id: string, version: string, person: string): Promise<PersonCard> =>
    ask(client.POST('/api/interactions/{id}/person/merge', { params: seen(id, version), body: { person, confirm: true } })),
  undoMerge: (id: string, version: string, person: string): Promise<PersonCard> =>
    ask(client.POST('/api/interactions/{id}/person/undo', { params: seen(id, version), body: { person, confirm: true } })),
  setOrganisation: (id: string, version: string, siren: string, name: string): Promise<PersonCard> =>
    ask(client.PUT('/api/interactions/{id}/person/organisation', { params: seen(id, version), body: { siren, name } })),
  audioUrl: (object: string): string => `/api/recordings/${encodeURIComponent(object)}/audio`,
  callbacks: (): Promise<{ callbacks: Interaction[] }> => ask(client.GET('/api/callbacks')),
  closeCallback: (interaction: string, outcome: 'called' | 'unreachable'): Promise<Interaction> =>
    ask(client.POST('/api/callbacks/{interaction}', { params: { path: { interaction } }, body: { outcome } })),

  /** The image of a field for remote viewing: its path works once. */
  pane: async (path: string, dark: boolean): Promise<Blob> => (await raw(dark ? `${path}?dark=true` : path)).blob(),

  // persons
  persons: (tel: string): Promise<{ persons: Person[]; more?: boolean }> => ask(client.GET('/api/persons', { params: { query: { tel } } })),
  erase: (id: string): Promise<{ subjects: number }> =>
    ask(client.POST('/api/persons/{id}/erase', { params: { path: { id } }, body: { confirm: true } })),

  // settings
  settings: (): Promise<{ types: { type: string; count: number }[] }> => ask(client.GET('/api/settings')),
  settingItems: (type: SettingType): Promise<{ items: SettingItem[] }> => ask(client.GET('/api/settings/{type}', { params: { path: { type } } })),
  saveSetting: (type: SettingType, id: string, version: number, doc: Doc): Promise<SettingItem> =>
    ask(client.PUT('/api/settings/{type}/{id}', { params: { path: { type, id }, header: { 'If-Match': `"${version}"` } }, body: doc })),
  trySetting: (type: SettingType, id: string, version: number, doc: Doc, days: number): Promise<Trial> =>
    ask(client.POST('/api/settings/{type}/{id}/trial', { params: { path: { type, id }, query: { days }, header: { 'If-Match': `"${version}"` } }, body: doc })),
  removeSetting: (type: SettingType, id: string, version: number): Promise<unknown> =>
    ask(client.DELETE('/api/settings/{type}/{id}', { params: { path: { type, id }, header: { 'If-Match': `"${version}"` } } })),
  matrix: (principal: string): Promise<Matrix> => ask(client.GET('/api/rules/{principal}/matrix', { params: { path: { principal } } })),
  promptUrl: (id: string, version: number): string => `/api/prompts/${encodeURIComponent(id)}/audio?v=${version}`,
  uploadPrompt: async (id: string, wav: Blob): Promise<SettingItem> =>
    (await raw(`/api/prompts/${encodeURIComponent(id)}/audio`, { method: 'POST', headers: { 'Content-Type': 'audio/wav' }, body: wav })).json(),
  synthesise: (id: string): Promise<SettingItem> => ask(client.POST('/api/prompts/{id}/synthesise', { params: { path: { id } } })),
  invite: (id: string): Promise<{ url: string; expires_at: string }> => ask(client.POST('/api/accounts/{id}/invitation', { params: { path: { id } } })),
  revoke: (id: string): Promise<unknown> => ask(client.POST('/api/accounts/{id}/revoke', { params: { path: { id } } })),

  // who is connected where
  connections: (): Promise<Connections> => ask(client.GET('/api/connections')),
  openSupport: (id: string, company: string, country: string, hours: number): Promise<unknown> =>
    ask(client.POST('/api/supports/{id}', { params: { path: { id } }, body: { company, country, hours } })),
  /** Confirms an access of support on the terms that were shown. */
  confirmSupport: (id: string, seen: { company: string; country: string; until: string }): Promise<unknown> =>
    ask(client.POST('/api/supports/{id}/confirm', { params: { path: { id } }, body: seen })),
  closeSupport: (id: string): Promise<unknown> => ask(client.DELETE('/api/supports/{id}', { params: { path: { id } } })),

  // what bounds the rules
  frame: (): Promise<LawFrame> => ask(client.GET('/api/frame')),
  consequences: (profile: Profile): Promise<{ consequences: Consequence[] }> =>
    ask(client.GET('/api/frame/consequences', { params: { query: { profile } } })),
  openings: (): Promise<Openings> => ask(client.GET('/api/openings')),
  packs: (): Promise<{ packs: Pack[] }> => ask(client.GET('/api/packs')),
  noteUnusual: (account: string, what: Unusual['what'], seq: number): Promise<unknown> =>
    ask(client.POST('/api/unusual/{account}/{what}', { params: { path: { account, what } }, body: { seq } })),
  noteContradiction: (account: string, seq: number): Promise<unknown> =>
    ask(client.POST('/api/contradictions/{account}', { params: { path: { account } }, body: { seq } })),
  law: (principal: string): Promise<Law> => ask(client.GET('/api/law/{principal}', { params: { path: { principal } } })),

  // journal
  journal: (): Promise<Journal> => ask(client.GET('/api/journal')),
};
