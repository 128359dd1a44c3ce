// SPDX-License-Identifier: EUPL-1.2
// A registered browser: a key that does not leave it, with which it proves, at sign-in and during a session, that it is the
// workstation an administrator registered.
import { api } from './api/client';
import type { WorkstationProof } from './api/types';

/** What a registered browser keeps. The private key cannot be read out, not even by this page. */
export interface Registered { id: string; name: string; key: CryptoKey }

/** Where it is kept. */
export interface Shelf { read: () => Promise<Registered | undefined>; write: (r: Registered) => Promise<void> }

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;

function settled<T>(r: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error ?? new Error('IndexedDB'));
  });
}

async function open(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const request = indexedDB.open('rivage', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('workstation');
  return (await settled(request)).transaction('workstation', mode).objectStore('workstation');
}

const shelf: Shelf = {
  read: async () => settled((await open('readonly')).get('own')) as Promise<Registered | undefined>,
  write: async (r) => void (await settled((await open('readwrite')).put(r, 'own'))),
};

/** Browsers keep keys on secure origins only. */
export const possible = (): boolean => typeof indexedDB !== 'undefined' && globalThis.crypto?.subtle !== undefined;

/** What this browser is registered as. */
export async function registered(from: Shelf = shelf): Promise<Registered | undefined> {
  return possible() || from !== shelf ? from.read().catch(() => undefined) : undefined;
}

const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** Registers this browser with a code of the control room, in place of what it was. */
export async function register(code: string, to: Shelf = shelf): Promise<Registered> {
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const { id, name } = await api.enrolWorkstation(code, base64(await crypto.subtle.exportKey('spki', pair.publicKey)));
  const own = { id, name, key: pair.privateKey };
  await to.write(own);
  return own;
}

/** The text that is signed, word for word that of the server. */
export const signed = (origin: string, id: string, session: string, challenge: string): string =>
  `rivage workstation 1\n${origin}\n${id}\n${session}\n${challenge}\n`;

export async function proof(own: Registered, origin: string, session: string, challenge: string): Promise<WorkstationProof> {
  const text = new TextEncoder().encode(signed(origin, own.id, session, challenge));
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, own.key, text);
  return { workstation: own.id, challenge, signature: base64(signature) };
}

/** The proof for a sign-in, nothing on a browser that is not registered. A failure is none: the place is then declared. */
export async function proveSignIn(): Promise<WorkstationProof | undefined> {
  const own = await registered();
  if (!own) return undefined;
  return proof(own, location.origin, '', (await api.workstationChallenge()).challenge).catch(() => undefined);
}

/** Proves again during a session. What the workstation attests ends without it. */
export async function proveAgain(): Promise<void> {
  const own = await registered();
  if (!own) return;
  const { challenge, session } = await api.sessionChallenge();
  await api.proveWorkstation(await proof(own, location.origin, session ?? '', challenge));
}

/** How often a session's workstation proves itself; the server waits half an hour. */
export const AGAIN_MS = 8 * 60_000;
