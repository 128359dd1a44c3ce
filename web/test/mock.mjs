// SPDX-License-Identifier: EUPL-1.2
// A mock of the server for fast tests and pictures: plain HTTP and one WebSocket, the shapes of the API, a scripted
// call. `node test/mock.mjs [port]` serves it by hand (logins: salma, gwen; any password).
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import * as fx from './fixtures.mjs';

const dist = new URL('../dist/', import.meta.url).pathname;
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'";

/** A second of silence, A stereo WAV. */
const wav = () => {
  const b = Buffer.alloc(44 + 32_000);
  b.write('RIFF'); b.writeUInt32LE(36 + 32_000, 4); b.write('WAVEfmt ', 8); b.writeUInt32LE(16, 16); b.writeUInt16LE(1, 20); b.writeUInt16LE(2, 22); b.writeUInt32LE(8000, 24); b.writeUInt32LE(32_000, 28); b.writeUInt16LE(4, 32); b.writeUInt16LE(16, 34); b.write('data', 36); b.writeUInt32LE(32_000, 40);
  return b;
};

export function createMock() {
  const m = {
    seq: 100, user: null, sockets: new Set(), control: new Set(), commands: [], requests: [],
    agent: { id: 'me', name: 'Salma Bennani', state: 'offline', since: fx.ago(20), place: fx.places.casablanca, device: 'browser' },
    call: undefined, history: [], callbacks: [], queues: fx.queues().slice(0, 2), pauses: fx.pauses, answering: true,
    frame: { profile: 'encadre', version: 2 }, panes: new Map(), matrices: {}, openings: {}, // what was set here
    sources: [], record: () => fx.record(),
  };
  const json = (res, status, body) => { res.writeHead(status, { 'Content-Type': 'application/json' }); res.end(body === undefined ? undefined : JSON.stringify(body)); };
  const problem = (res, status, code, detail = '') => { res.writeHead(status, { 'Content-Type': 'application/problem+json' }); res.end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail })); };

  /** Sends entries to every desk. */
  m.push = (frame) => {
    const from = m.seq + 1;
    m.seq += 1;
    for (const s of m.sockets) s.send(JSON.stringify({ from, seq: m.seq, at: new Date().toISOString(), ...frame }));
  };
  m.setAgent = (state, over = {}) => { m.agent = { ...m.agent, reason: undefined, interaction: undefined, state, since: new Date().toISOString(), ...over }; m.push({ agent: m.agent }); };
  m.setCall = (over) => { m.call = { ...m.call, ...over }; m.push({ interaction: m.call }); };
  m.offer = (over = {}) => {
    m.call = fx.offered(over);
    m.setAgent('offered', { interaction: m.call.id });
    m.push({ interaction: m.call });
  };
  m.connect = () => {
    m.setAgent('engaged', { interaction: m.call.id });
    m.setCall({ state: 'connected', answered_at: new Date().toISOString(), wait_ms: 51_000, deadline: undefined, offer: { ...m.call.offer, accepted: true, told: true }, told: m.call.told && { ...m.call.told, complete: true }, recording: { state: 'on', object: 'r1', purpose: 'quality', site_name: 'Brest' } });
  };
  m.hangup = (by) => {
    m.setAgent('wrap_up', { interaction: m.call.id, deadline: fx.ahead(60) });
    m.setCall({ state: 'wrap_up', by, ended_at: new Date().toISOString(), talk_ms: Date.now() - Date.parse(m.call.answered_at), deadline: fx.ahead(60), recording: { ...m.call.recording, state: 'ended' } });
  };
  m.drop = () => { for (const s of m.sockets) s.terminate(); };

  let pane = 0;
  /** A field for remote viewing, whose image can be had once. */
  m.remote = (text = '+33 6 12 34 56 78') => {
    const path = `/api/consultation/p${++pane}`;
    m.panes.set(path, text);
    return fx.remote(path);
  };
  m.drawn = (text) => m.remote(text).image;

  const deeds = {
    heartbeat: () => undefined,
    ready: (c) => (c.microphone || m.user?.agent?.device.kind === 'sip' ? m.setAgent('ready') : { code: 'denied', detail: 'Le microphone n’a pas été entendu.' }),
    pause: (c) => m.setAgent('paused', { reason: c.reason }),
    offline: () => m.setAgent('offline'),
    accept: () => {
      m.setCall({ offer: { ...m.call.offer, accepted: true } });
      setTimeout(m.connect, 300);
    },
    decline: () => {
      m.push({ offer_ended: { offer: m.call.offer.id, outcome: 'declined' } });
      m.call = undefined;
      m.setAgent('ready');
    },
    hold: () => m.setCall({ state: 'held', held_at: new Date().toISOString() }),
    resume: () => m.setCall({ state: 'connected', held_at: undefined }),
    hangup: () => m.hangup('agent'),
    oppose: () => m.setCall({ recording: { state: 'destroyed' } }),
    extend: () => m.setCall({ extended: true, deadline: new Date(Date.parse(m.call.deadline) + 60_000).toISOString() }),
    dispose: (c) => {
      m.history.unshift({ ...m.call, disposition: c.disposition, state: 'closed' });
      m.push({ interaction: { ...m.call, state: 'closed', disposition: c.disposition } });
      m.call = undefined;
      m.setAgent('ready');
    },
  };

  function live(ws, app) {
    (app === 'desk' ? m.sockets : m.control).add(ws);
    const snapshot = app === 'desk'
      ? { me: m.agent, interaction: m.call, queues: m.queues, pauses: m.pauses, callbacks: m.callbacks.length }
      : { queues: fx.queues(), agents: m.agents ?? fx.agents(), waiting: fx.waiting(), unready: fx.unready(), contradictions: m.contradictions, unusual: m.unusual, journal: 'ok' };
    if (m.answering) ws.send(JSON.stringify({ seq: m.seq, snapshot }));
    const board = setInterval(() => { if (m.answering) ws.send(JSON.stringify({ board: fx.queues(), unready: fx.unready(), at: new Date().toISOString(), journal: 'ok' })); }, 1000);
    ws.on('close', () => { clearInterval(board); m.sockets.delete(ws); m.control.delete(ws); });
    ws.on('message', (text) => {
      if (!m.answering) return;
      const c = JSON.parse(text);
      if (c.do !== 'heartbeat') m.commands.push(c);
      const error = deeds[c.do]?.(c);
      ws.send(JSON.stringify(error ? { re: c.id, error } : { re: c.id, seq: m.seq }));
    });
  }

  async function api(req, res, path, query, body) {
    const key = `${req.method} ${path}`;
    m.requests.push(key);
    const sets = fx.settings();
    if (key === 'POST /api/session') {
      if (body.password === 'faux') return problem(res, 401, 'bad_credentials', 'Identifiant, mot de passe ou code incorrect.');
      if (body.login === 'dpo' && !body.totp) return problem(res, 401, 'totp_required');
      m.user = body.login === 'salma' ? fx.me() : fx.boss();
      return json(res, 200, m.user);
    }
    if (path.startsWith('/api/invitations/')) return req.method === 'GET' ? json(res, 200, { login_hint: 'gwen', name: 'Gwenaëlle Le Goff', totp: { required: true, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Rivage:gwen?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' } }) : json(res, 200, (m.user = fx.boss()));
    if (path === '/api/demo') return json(res, 200, { numbers: fx.numbers });
    if (!m.user) return problem(res, 401, 'signed_out');
    if (key === 'GET /api/session') return json(res, 200, m.user);
    if (key === 'DELETE /api/session') { m.user = null; return json(res, 204); }
    if (path === '/api/interactions') return json(res, 200, { interactions: m.user.agent ? m.history : fx.history().filter((i) => !query.get('state') || i.state === query.get('state')) });
    if (path === '/api/callbacks') return json(res, 200, { callbacks: m.callbacks });
    if (path.startsWith('/api/callbacks/')) { m.callbacks = []; return json(res, 200, fx.history()[6]); }
    if (path.endsWith('/fields') && m.remoteOnly) return json(res, 200, { fields: [m.remote()] });
    if (path.endsWith('/fields')) return json(res, 200, { fields: body.fields.map((f) => (f === 'note' ? { field: 'note', class: 'sante', asked: true, allowed: true, value: 'Demande le remboursement d’une paire de lunettes ; dossier complet.' } : fx.withheld)) });
    if (path.startsWith('/api/interactions/') && path.includes('/person')) {
      m.asked = body;
      if (m.personTrouble) return problem(res, ...m.personTrouble);
      if (m.personMoved && req.method === 'PUT') { // somebody else was faster
        m.file = { ...m.file, phones: m.personMoved };
        m.personMoved = undefined;
        return problem(res, 412, 'stale', 'Autre.');
      }
      if (path.endsWith('/search')) return json(res, 200, body.text === 'nobody' ? { persons: [] } : fx.candidates);
      if (path.endsWith('/merge')) m.file = { merged: true };
      else if (path.endsWith('/undo')) m.file = {};
      else if (req.method === 'PUT') m.file = { ...m.file, unknown: false, ...(body.changes?.some((c) => c.field === 'phones') && { phones: '+33612345678' }) };
      return json(res, 200, fx.person(m.file));
    }
    if (path.endsWith('/cards') && req.method === 'GET') return m.sources ? json(res, 200, { sources: m.sources }) : problem(res, 500, 'internal');
    if (path.endsWith('/cards')) {
      m.looked = body;
      if (m.slow) await new Promise((r) => setTimeout(r, m.slow));
      if (body.key === '0000') return problem(res, 404, 'not_found', "Rien de ce nom n'est accessible ici.");
      return m.troubled ? problem(res, ...m.troubled) : json(res, 200, m.record());
    }
    if (path.startsWith('/api/interactions/')) return json(res, 200, fx.detail(path.split('/')[3]));
    if (path.startsWith('/api/why/')) return json(res, 200, fx.why());
    if (path.startsWith('/api/decisions/')) return json(res, 200, fx.decision(Number(path.split('/')[3])));
    if (path.startsWith('/api/recordings/') || (path.startsWith('/api/prompts/') && req.method === 'GET')) { res.writeHead(200, { 'Content-Type': 'audio/wav' }); return res.end(wav()); }
    if (path.startsWith('/api/prompts/')) return path.endsWith('synthesise') ? problem(res, 503, 'unavailable', 'Aucune synthèse vocale n’est installée.') : json(res, 200, sets.prompt[0]);
    if (path.startsWith('/api/consultation/')) {
      const text = m.panes.get(path);
      m.panes.delete(path);
      if (!text) return problem(res, 404, 'not_found');
      res.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'no-store' });
      return res.end(fx.drawn(text, query.get('dark') === 'true'));
    }
    if (path === '/api/frame') return json(res, 200, m.user.agent ? { profile: m.frame?.profile ?? 'souverain', due: [] } : { ...fx.frame(m.frame, m.user.name), ...(m.quiet && { due: [] }) });
    if (path === '/api/frame/consequences') return json(res, 200, { consequences: fx.consequences(query.get('profile')) });
    sets.opening = sets.opening.map((x) => ({ ...x, doc: m.openings[x.id] ?? x.doc, version: x.id in m.openings ? 2 : 1 }));
    if (path === '/api/openings') return json(res, 200, fx.openings(m.noOpenings ? {} : Object.fromEntries(sets.opening.map((x) => [x.id, x.doc])), m.user.name));
    if (path === '/api/packs') return json(res, 200, { packs: fx.packs() });
    if (path.startsWith('/api/law/')) return json(res, 200, fx.law(path.split('/')[3], m.frame?.profile ?? 'souverain'));
    sets.frame = m.frame ? [{ ...sets.frame[0], version: m.frame.version, doc: { id: 'organisation', ...m.frame } }] : [];
    sets.matrix = sets.matrix.map((x) => m.matrices[x.id] ?? x);
    if (path === '/api/settings') return json(res, 200, { types: Object.entries(sets).map(([type, l]) => ({ type, count: l.length })) });
    if (path.startsWith('/api/settings/')) {
      const [, , , type, id] = path.split('/');
      if (req.method === 'GET') return json(res, 200, { items: sets[type] });
      if (path.endsWith('/trial')) return json(res, 200, fx.trial());
      if (req.method === 'DELETE') return json(res, 204);
      if (type === 'frame') {
        if (req.headers['if-match'] !== `"${m.frame?.version ?? 0}"`) return problem(res, 412, 'stale');
        if (m.frame && body.profile !== m.frame.profile && (m.frame.proposed !== body.profile || m.frame.by === m.user.name)) return problem(res, 403, 'denied');
        m.frame = { profile: body.profile, version: (m.frame?.version ?? 0) + 1, ...(body.stopped && { stopped: body.stopped }), ...(body.proposed && { proposed: body.proposed, by: m.frame?.proposed === body.proposed ? m.frame.by : m.user.name }) };
        return json(res, 200, { id, of: 'organisation', version: m.frame.version, doc: { ...body, id } });
      }
      if (type === 'matrix' && m.invalid) return problem(res, 422, 'invalid', `La demande n’est pas valable. (write matrix: matrix ${id}: sante.EU.exposed: ${m.invalid})`);
      if (type === 'opening') m.openings[id] = body;
      if (type === 'matrix') m.matrices[id] = { id, of: id, version: (sets.matrix.find((i) => i.id === id)?.version ?? 0) + 1, doc: body };
      const now = sets[type].find((i) => i.id === id)?.version ?? 0;
      return req.headers['if-match'] === `"${now}"` ? json(res, 200, { id, of: 'organisation', version: now + 1, doc: body }) : problem(res, 412, 'stale');
    }
    if (path.startsWith('/api/rules/')) return json(res, 200, fx.matrix());
    if (path.endsWith('/invitation')) return json(res, 200, { url: `http://${req.headers.host}/desk/?invitation=Zk3vQ8yTn2LxR7sWc5Hb1MdPfJ6aEuG9`, expires_at: fx.ahead(86400 * 3) });
    if (path.endsWith('/revoke')) return json(res, 204);
    if (path.startsWith('/api/unusual/') || path.startsWith('/api/contradictions/')) {
      const [, , kind, account, what] = path.split('/'); // "", "api", …
      const x = (kind === 'unusual' ? m.unusual : m.contradictions).find((y) => y.account === account && (!what || y.what === what) && y.seq === body.seq);
      if (!x) return problem(res, 409, 'conflict');
      for (const ws of m.control) ws.send(JSON.stringify({ seq: ++m.seq, from: m.seq, [kind === 'unusual' ? 'unusual' : 'contradiction']: { ...x, noted: true } }));
      return json(res, 204);
    }
    if (path === '/api/connections') return json(res, 200, fx.connections(m.supports ??= fx.supports()));
    if (path.startsWith('/api/supports/')) {
      const s = m.supports.find((x) => x.account === path.split('/')[3]);
      if (req.method === 'DELETE') Object.assign(s, { state: 'none' });
      else if (path.endsWith('/confirm')) Object.assign(s, { state: 'open', confirmed_by: m.user.name });
      else if (body.country === 'US') return problem(res, 403, 'denied');
      else Object.assign(s, { state: 'pending', mine: true, ...body, company_name: body.company, from: fx.ago(0), until: fx.ahead(3600 * body.hours), opened_by: m.user.name });
      return json(res, 204);
    }
    if (path === '/api/persons') return json(res, 200, { persons: fx.persons() });
    if (path.endsWith('/erase')) return json(res, 200, { subjects: 3 });
    if (path === '/api/journal') return json(res, 200, fx.journal());
    return problem(res, 404, 'not_found');
  }

  const server = createServer(async (req, res) => {
    const url = new URL(req.url, 'http://x');
    res.setHeader('Content-Security-Policy', policy);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Permissions-Policy', 'microphone=(self), camera=(), geolocation=()');
    if (url.pathname.startsWith('/api/')) {
      const chunks = [];
      for await (const c of req) chunks.push(c);
      let body = {};
      try { body = JSON.parse(Buffer.concat(chunks).toString() || '{}'); } catch { /* a wav */ }
      return api(req, res, url.pathname, url.searchParams, body);
    }
    let file = join(dist, url.pathname);
    if (!extname(file)) file = join(dist, url.pathname.split('/')[1] || 'desk', 'index.html');
    if (!file.startsWith(dist) || !existsSync(file)) { res.writeHead(404); return res.end(); }
    res.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(res);
  });
  const wss = new WebSocketServer({ noServer: true });
  server.on('upgrade', (req, socket, head) => {
    const url = new URL(req.url, 'http://x');
    if (url.pathname !== '/api/live' || !m.user || m.refuse) return socket.destroy();
    wss.handleUpgrade(req, socket, head, (ws) => live(ws, url.searchParams.get('app')));
  });
  m.listen = (port = 0) => new Promise((r) => { server.listen(port, '127.0.0.1', () => r(`http://127.0.0.1:${server.address().port}`)); });
  m.close = () => { for (const s of [...m.sockets, ...m.control]) s.terminate(); server.closeAllConnections(); server.close(); };
  return m;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const m = createMock();
  m.history = fx.history().filter((i) => i.agent === 'me');
  m.callbacks = fx.callbacks();
  console.log(await m.listen(Number(process.argv[2] ?? 8090)));
  setInterval(() => { if (m.agent.state === 'ready') m.offer(); }, 8000);
}
