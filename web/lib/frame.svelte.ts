// SPDX-License-Identifier: EUPL-1.2
// The profile in force, which every screen shows: read again each minute, when the page is looked at anew, and after each
// change made here. What could not be read for long is not shown as true.
import { api } from './api/client';
import type { LawFrame } from './api/types';

const EVERY_MS = 60_000;
const OLD_MS = 3 * EVERY_MS;

const state = $state<{ frame: LawFrame | undefined }>({ frame: undefined });
let readAt = 0;

/** What bounds the rules, as far as this account is told; undefined until it is known. */
export const frame = (): LawFrame | undefined => state.frame;

/** Reads it again. */
export async function readFrame(): Promise<void> {
  try {
    state.frame = await api.frame();
    readAt = Date.now();
  } catch {
    if (Date.now() - readAt > OLD_MS) state.frame = undefined;
  }
}

/** Follows it as long as a screen is there; gives what stops it. */
export function followFrame(): () => void {
  void readFrame();
  const look = (): void => { if (!document.hidden) void readFrame(); };
  const each = setInterval(look, EVERY_MS);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(each);
    document.removeEventListener('visibilitychange', look);
    state.frame = undefined;
  };
}
