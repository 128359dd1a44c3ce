// SPDX-License-Identifier: EUPL-1.2
// Where one is in the control room: #/section/one/two.

const state = $state({ path: read() });

function read(): string[] {
  return location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
}

addEventListener('hashchange', () => { state.path = read(); });

/** The parts of the address after #/. */
export const route = (): string[] => state.path;

/** The address of a place in this app. */
export const to = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`;

/** Goes there. */
export const go = (...parts: string[]): void => { location.hash = to(...parts); };
