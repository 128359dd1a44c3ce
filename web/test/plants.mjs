// SPDX-License-Identifier: EUPL-1.2
// Leaks that a page could have, one for each way out, planted to see that the capture has them. Each runs in the page.
const inPage = (plant) => async (page, value) => { await page.evaluate(plant, value); };
const base64 = (text) => Buffer.from(text, 'utf8').toString('base64');

export const plants = {
  title: inPage((v) => { document.title = v; }),
  alt: inPage((v) => { const i = new Image(); i.alt = v; document.body.append(i); }),
  tooltip: inPage((v) => { document.body.firstElementChild.title = v; }),
  'data: address': async (page, value) => { await page.evaluate((b) => { const a = document.createElement('a'); a.href = `data:text/plain;base64,${b}`; document.body.append(a); }, base64(value)); },
  'form field': inPage((v) => { const i = document.createElement('input'); i.type = 'hidden'; i.value = v; document.body.append(i); }),
  'closed shadow root': inPage((v) => { const d = document.createElement('div'); d.attachShadow({ mode: 'closed' }).textContent = v; document.body.append(d); }),
  'style sheet': inPage((v) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`[data-planted]::after { content: ${JSON.stringify(v)}; }`);
    document.adoptedStyleSheets.push(sheet);
    document.body.append(Object.assign(document.createElement('p'), { textContent: '.' }));
    document.body.lastElementChild.dataset.planted = '';
  }),
  /** A name that stands in no attribute. */
  'accessible name only': inPage((v) => {
    customElements.define('planted-name', class extends HTMLElement {
      constructor() { super(); const i = this.attachInternals(); i.role = 'img'; i.ariaLabel = v; }
    });
    document.body.append(document.createElement('planted-name'));
  }),
  console: inPage((v) => { console.debug(v); }),
  'console, deep': inPage((v) => { console.debug({ a: { very: { deep: { note: [v] } } } }); }),
  'page error': inPage((v) => { setTimeout(() => { throw new Error(v); }); }),
  'local storage': inPage((v) => { localStorage.setItem('planted', btoa(unescape(encodeURIComponent(v)))); }),
  'indexed database': inPage((v) => new Promise((done, fail) => {
    const open = indexedDB.open('planted', 1);
    open.onupgradeneeded = () => { open.result.createObjectStore('s').put({ note: v }, 'k'); };
    open.onsuccess = () => { open.result.close(); done(); };
    open.onerror = () => fail(open.error);
  })),
  'cache storage': inPage(async (v) => { await (await caches.open('planted')).put('/planted/cached', new Response(v)); }),
  history: inPage((v) => { history.replaceState(null, '', `#${encodeURIComponent(v)}`); history.pushState(null, '', '#after'); }),
  'clipboard by script': inPage((v) => { void navigator.clipboard.writeText(v).catch(() => undefined); }),
  /** Text that is put on the clipboard when somebody copies anything. */
  'copy handler': inPage((v) => { document.addEventListener('copy', (e) => { e.clipboardData.setData('text/html', `<i>${v}</i>`); e.preventDefault(); }); }),
  'other tabs': inPage((v) => { new BroadcastChannel('planted').postMessage({ note: v }); }),
  'file name': inPage((v) => {
    const a = Object.assign(document.createElement('a'), { download: `${v}.txt`, href: URL.createObjectURL(new Blob(['nothing'])) });
    a.click();
  }),
  'file content': inPage((v) => {
    const a = Object.assign(document.createElement('a'), { download: 'list.txt', href: URL.createObjectURL(new Blob([v])) });
    a.click();
  }),
  print: inPage((v) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('.planted { display: none; } @media print { .planted { display: block; } }');
    document.adoptedStyleSheets.push(sheet);
    document.body.append(Object.assign(document.createElement('p'), { className: 'planted', textContent: v }));
  }),
};
