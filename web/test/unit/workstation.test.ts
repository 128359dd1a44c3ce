// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { api } from '$lib/api/client';
import { proof, register, registered, signed, type Registered } from '$lib/workstation';

test('a browser is registered with a key that cannot be read out, and proves it', async () => {
  let kept: Registered | undefined;
  let spki = '';
  vi.spyOn(api, 'enrolWorkstation').mockImplementation(async (_, key) => { spki = key; return { id: 'poste-12', name: 'Poste 12' }; });
  const shelf = { read: async () => kept, write: async (r: Registered) => { kept = r; } };
  await register('ABCD', shelf);
  const own = await registered(shelf);
  expect(own).toMatchObject({ id: 'poste-12', name: 'Poste 12' });
  expect(own?.key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('pkcs8', own!.key)).rejects.toThrow();

  const made = await proof(own!, 'https://rivage.ponant.example', 's-1', 'Y2hhbGxlbmdl');
  const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey('spki', bytes(spki), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  const holds = (session: string): Promise<boolean> => crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes(made.signature), new TextEncoder().encode(signed('https://rivage.ponant.example', 'poste-12', session, 'Y2hhbGxlbmdl')));
  expect(bytes(made.signature)).toHaveLength(64);
  expect(await holds('s-1')).toBe(true);
  expect(await holds('')).toBe(false);
});

test('a registration that fails leaves the browser as it was', async () => {
  let kept: Registered | undefined;
  vi.spyOn(api, 'enrolWorkstation').mockRejectedValue(new Error('bad_enrolment'));
  await expect(register('ABCD', { read: async () => kept, write: async (r) => { kept = r; } })).rejects.toThrow();
  expect(kept).toBeUndefined();
});

// word for word TestTheTextThatAWorkstationSigns of engine/access
test('the text that is signed', () => {
  expect(signed('https://rivage.ponant.example', 'poste-12', 's-1', 'Y2hhbGxlbmdl')).toBe('rivage workstation 1\nhttps://rivage.ponant.example\nposte-12\ns-1\nY2hhbGxlbmdl\n');
});
