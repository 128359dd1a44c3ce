// SPDX-License-Identifier: EUPL-1.2
// Everything that Chromium gets and shows of a page, in pieces {kind, at, text} or {kind, at, base64}. What could not be
// read is a piece too, of kind "missing": a search of the rest proves nothing then.
import { readFile, writeFile } from 'node:fs/promises';

/** Records a page from now on; to be called before it goes anywhere. */
export async function record(page) {
  const context = page.context();
  const cdp = await context.newCDPSession(page);
  const pieces = [];
  const underWay = new Set();
  const keep = (kind, at, text) => pieces.push({ kind, at, text: typeof text === 'string' ? text : JSON.stringify(text) });
  const later = (promise) => {
    const p = promise.finally(() => underWay.delete(p));
    underWay.add(p);
  };
  await onTheNetwork(cdp, keep, pieces, later);
  await inTheLog(cdp, keep);
  await byScripts(page, keep);
  page.on('download', (d) => later(taken(d, keep, pieces)));
  page.on('worker', (w) => keep('missing', w.url(), 'a worker, which is not read'));
  context.on('serviceworker', (w) => keep('missing', w.url(), 'a service worker, which is not read'));
  context.on('page', (p) => keep('missing', p.url(), 'another page, which is not read'));
  return {
    /** Writes what came so far and what stands now, one JSON line a piece. */
    async write(file) {
      const now = [];
      await standing(page, cdp, (kind, at, text) => now.push({ kind, at, text: typeof text === 'string' ? text : JSON.stringify(text) }), now);
      while (underWay.size > 0) await Promise.all(underWay);
      await writeFile(file, [...pieces, ...now].map((p) => JSON.stringify(p)).join('\n'));
      return pieces.length + now.length;
    },
  };
}

/** Requests, redirects, answers with their headers and bodies, failures, and every frame of live channels. */
async function onTheNetwork(cdp, keep, pieces, later) {
  const urls = new Map();
  const bodiless = new Set();
  const body = async (requestId) => {
    const at = urls.get(requestId) ?? requestId;
    try {
      const b = await cdp.send('Network.getResponseBody', { requestId });
      pieces.push(b.base64Encoded ? { kind: 'body', at, base64: b.body } : { kind: 'body', at, text: b.body });
    } catch (e) {
      if (!bodiless.has(requestId)) keep('missing', at, String(e.message));
    }
  };
  cdp.on('Network.requestWillBeSent', (e) => {
    urls.set(e.requestId, e.request.url);
    keep('address', e.request.url, e.request.url);
    if (e.redirectResponse) keep('header', e.redirectResponse.url, e.redirectResponse);
  });
  cdp.on('Network.responseReceived', (e) => {
    if (e.response.status === 204 || e.response.status === 304) bodiless.add(e.requestId);
    keep('header', e.response.url, e.response);
  });
  cdp.on('Network.responseReceivedExtraInfo', (e) => keep('header', urls.get(e.requestId) ?? '', { headers: e.headers, text: e.headersText, cookies: e.blockedCookies }));
  cdp.on('Network.loadingFinished', (e) => later(body(e.requestId)));
  cdp.on('Network.loadingFailed', (e) => keep('error', urls.get(e.requestId) ?? '', e));
  cdp.on('Network.webSocketCreated', (e) => urls.set(e.requestId, e.url));
  cdp.on('Network.webSocketHandshakeResponseReceived', (e) => keep('header', urls.get(e.requestId), e.response));
  cdp.on('Network.webSocketFrameReceived', (e) => pieces.push({ kind: 'live', at: urls.get(e.requestId), [e.response.opcode === 1 ? 'text' : 'base64']: e.response.payloadData }));
  cdp.on('Network.webSocketFrameError', (e) => keep('error', urls.get(e.requestId), e.errorMessage));
  cdp.on('Network.eventSourceMessageReceived', (e) => keep('live', urls.get(e.requestId) ?? '', e));
  await cdp.send('Network.enable', { maxTotalBufferSize: 256 << 20, maxResourceBufferSize: 64 << 20 });
}

/** The console, errors, dialogs and addresses. */
async function inTheLog(cdp, keep) {
  cdp.on('Runtime.consoleAPICalled', (e) => keep('console', e.type, e.args));
  cdp.on('Runtime.exceptionThrown', (e) => keep('console', 'exception', e.exceptionDetails));
  cdp.on('Log.entryAdded', (e) => keep('console', e.entry.source, e.entry));
  cdp.on('Page.javascriptDialogOpening', (e) => keep('dialog', e.url, e.message));
  cdp.on('Page.frameNavigated', (e) => keep('address', 'navigation', e.frame));
  cdp.on('Page.navigatedWithinDocument', (e) => keep('address', 'navigation', e.url));
  for (const domain of ['Runtime', 'Log', 'Page', 'DOM', 'Accessibility']) await cdp.send(`${domain}.enable`);
}

/** What scripts give away: to the console, to the clipboard, to notifications, to other tabs, as speech, as files. */
async function byScripts(page, keep) {
  await page.exposeFunction('__kept', (kind, text) => keep(kind, 'script', text));
  await page.addInitScript(() => {
    const written = (v) => { try { return JSON.stringify(v) ?? String(v); } catch { return String(v); } };
    const tell = (kind, ...of) => { void Promise.all(of.map((v) => (v instanceof Blob ? v.text() : typeof v === 'string' ? v : written(v)))).then((all) => window.__kept(kind, all.join(' '))); };
    const wrap = (on, name, kind) => {
      const real = on?.[name];
      if (real) on[name] = function (...of) { tell(kind, ...of); return real.apply(this, of); };
    };
    for (const name of ['debug', 'log', 'info', 'warn', 'error', 'dir', 'table']) wrap(console, name, 'console'); // whole: the protocol shows a part of what is deep
    wrap(window.Clipboard?.prototype, 'writeText', 'clipboard');
    wrap(window.DataTransfer?.prototype, 'setData', 'clipboard');
    wrap(window.BroadcastChannel?.prototype, 'postMessage', 'tabs');
    wrap(window.speechSynthesis, 'speak', 'speech');
    wrap(URL, 'createObjectURL', 'file');
    wrap(window, 'open', 'address');
    wrap(window.ServiceWorkerRegistration?.prototype, 'showNotification', 'notification');
    window.Notification = new Proxy(window.Notification ?? class {}, { construct: (real, of) => { tell('notification', ...of); return new real(...of); } });
    const write = window.Clipboard?.prototype.write;
    if (write) window.Clipboard.prototype.write = async function (items) {
      for (const i of items) for (const type of i.types) tell('clipboard', await i.getType(type));
      return write.call(this, items);
    };
  });
}

async function taken(download, keep, pieces) {
  keep('file', 'name', download.suggestedFilename());
  keep('file', 'address', download.url());
  try {
    pieces.push({ kind: 'file', at: 'content', base64: (await readFile(await download.path())).toString('base64') });
  } catch (e) {
    keep('missing', download.url(), String(e.message));
  }
}

/** What stands in the page now: its tree with every shadow root, what a screen reader is told, what is kept, what prints and what is copied. */
async function standing(page, cdp, keep, now) {
  if (page.frames().length !== 1) keep('missing', 'frames', 'a frame in the page, which is not read');
  keep('dom', 'document', (await cdp.send('DOM.getDocument', { depth: -1, pierce: true })).root);
  keep('dom', 'snapshot', await cdp.send('DOMSnapshot.captureSnapshot', { computedStyles: ['content', 'background-image'] }));
  keep('dom', 'html', await page.content());
  keep('accessibility', 'tree', (await cdp.send('Accessibility.getFullAXTree')).nodes);
  keep('accessibility', 'playwright', await page.locator('body').ariaSnapshot());
  keep('address', 'history', await cdp.send('Page.getNavigationHistory'));
  keep('storage', 'cookies', await page.context().cookies());
  keep('storage', 'page', await page.evaluate(stored));
  await copied(page, now);
  await cdp.send('Emulation.setEmulatedMedia', { media: '' });
  now.push({ kind: 'print', at: 'paper', base64: (await cdp.send('Page.printToPDF', { printBackground: true, generateTaggedPDF: true, generateDocumentOutline: true })).data });
  await cdp.send('Emulation.setEmulatedMedia', { media: 'screen' });
  now.push({ kind: 'print', at: 'screen', base64: (await cdp.send('Page.printToPDF', { printBackground: true })).data });
  await cdp.send('Emulation.setEmulatedMedia', { media: '' });
}

/** Runs in the page: all it keeps in the browser. */
async function stored() {
  const out = { local: { ...localStorage }, session: { ...sessionStorage }, name: window.name, state: history.state, referrer: document.referrer, caches: {}, databases: {}, workers: 0 };
  out.workers = (await navigator.serviceWorker?.getRegistrations())?.length ?? 0;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      out.caches[`${name} ${request.url}`] = [[...answer.headers], await answer.text()];
    }
  }
  const done = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name));
    for (const store of db.objectStoreNames) {
      const s = db.transaction(store).objectStore(store);
      out.databases[`${name} ${store}`] = [await done(s.getAllKeys()), await done(s.getAll())];
    }
    db.close();
  }
  return out;
}

/** Selects all and copies it, as an agent does by keyboard, and reads every form of what is on the clipboard then. */
async function copied(page, now) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write', 'microphone']);
  await page.evaluate(() => { document.activeElement?.blur(); });
  await page.keyboard.press('Control+a');
  now.push({ kind: 'copy', at: 'selection', text: await page.evaluate(() => getSelection().toString()) });
  await page.keyboard.press('Control+c');
  const forms = await page.evaluate(async () => {
    const out = [];
    for (const item of await navigator.clipboard.read()) {
      for (const type of item.types) {
        const bytes = new Uint8Array(await (await item.getType(type)).arrayBuffer());
        out.push([type, btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))]);
      }
    }
    getSelection().removeAllRanges();
    return out;
  });
  for (const [at, base64] of forms) now.push({ kind: 'copy', at, base64 });
}
