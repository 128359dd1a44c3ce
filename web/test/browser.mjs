// SPDX-License-Identifier: EUPL-1.2
// Chromium for tests: one browser, what it must never do collected, and a server's end of a call played inside the page.
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

export const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
  '--force-color-profile=srgb', '--font-render-hinting=none', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required'];

export const launch = (extra = []) => chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: [...flags, ...extra] });

/** Collects in `out` what a page must not do: errors, policy violations, requests to another host. */
export async function watch(page, origin, out) {
  page.on('pageerror', (e) => out.push(`page error: ${e.message}`));
  page.on('console', (m) => { if (m.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(m.text())) out.push(`console: ${m.text()}`); });
  page.on('request', (r) => { if (!r.url().startsWith(origin) && !r.url().startsWith(origin.replace('http', 'ws')) && !/^(blob|data):/.test(r.url())) out.push(`foreign request: ${r.url()}`); });
  await page.exposeFunction('__violated', (v) => out.push(`policy: ${v}`)).catch(() => undefined);
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (e) => window.__violated(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`)));
}

/** Every rule that axe holds a page to and finds broken. Without frames axe can do it all in the page itself, which is its
 *  legacy mode, and it need not describe what holds: both together take a third of the time. */
export async function axe(page) {
  if (page.frames().length > 1) return ['axe: there is a frame in the page, which is not looked at'];
  const r = await new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  return r.violations.map((v) => `axe ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
}

/** Answers browser legs inside the page with a 1 000 Hz tone, instead of a server's media plane. */
export function loopback() {
  const real = window.fetch;
  window.__legs = [];
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!/\/leg$|\/api\/demo\/calls$/.test(new URL(request.url).pathname) || request.method !== 'POST') return real(request);
    const { sdp } = await request.json();
    const pc = new RTCPeerConnection();
    const context = new AudioContext();
    const tone = context.createOscillator();
    tone.frequency.value = 1000;
    const out = context.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    await pc.setRemoteDescription({ type: 'offer', sdp });
    pc.addTrack(out.stream.getTracks()[0], out.stream);
    await pc.setLocalDescription();
    await new Promise((done) => { if (pc.iceGatheringState === 'complete') done(); pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done(); setTimeout(done, 1000); });
    window.__legs.push({ pc, sdp });
    return new Response(JSON.stringify({ leg: `leg${window.__legs.length}`, sdp: pc.localDescription.sdp }), { headers: { 'Content-Type': 'application/json' } });
  };
}

/** The loudest frequency an <audio> of the page plays, in Hz and dB. */
export const peak = (page) => page.evaluate(async () => {
  const el = document.querySelector('[data-testid="remote-audio"]');
  if (!el?.srcObject) return { hz: 0, db: -200 };
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(el.srcObject).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  let found = { hz: 0, db: -200 };
  for (let n = 0; n < 20; n++) { // speech and beeps have silences: the loudest of two seconds
    await new Promise((r) => setTimeout(r, 100));
    analyser.getFloatFrequencyData(bins);
    let max = 1;
    for (let i = 1; i < bins.length; i++) if (bins[i] > bins[max]) max = i;
    if (bins[max] > found.db) found = { hz: (max * context.sampleRate) / analyser.fftSize, db: bins[max] };
  }
  await context.close();
  return found;
});
