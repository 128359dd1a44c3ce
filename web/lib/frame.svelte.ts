// SPDX-License-Identifier: EUPL-1.2
// The profile in force, which every screen shows: read again each minute, when the page is looked at anew, and after each
// change made here; every few seconds while something stands on the screen that a stop of the country would take away.
// What could not be read for long is not shown as true.
import { api } from './api/client';
import type { LawFrame } from './api/types';
import { forgetPanes, remoteShown } from './glass.svelte';

const EVERY_MS = 60_000;
const OLD_MS = 3 * EVERY_MS;
const CLOSE_MS = 3_000;

const state = $state<{ frame: LawFrame | undefined }>({ frame: undefined });
let readAt = 0;
let closely = 0; // records on the screen

/** What bounds the rules, as far as this account is told; undefined until it is known. */
export const frame = (): LawFrame | undefined => state.frame;

/** Reads it again. */
export async function readFrame(): Promise<void> {
  try {
    state.frame = await api.frame();
    readAt = Date.now();
    if (state.frame.stopped) forgetPanes();
  } catch {
    if (Date.now() - readAt > OLD_MS) state.frame = undefined;
  }
}

/** Reads it every few seconds as long as a record is shown; gives what ends that. */
export function watchClosely(): () => void {
  closely++;
  return () => { closely--; };
}

/** Whether nothing may be open from here: what a record showed has to go. */
export const stopped = (): boolean => state.frame?.stopped === true;

/** Follows it as long as a screen is there; gives what stops it. */
export function followFrame(): () => void {
  void readFrame();
  const look = (): void => { if (!document.hidden) void readFrame(); };
  const each = setInterval(() => { if (closely > 0 || remoteShown() || Date.now() - readAt >= EVERY_MS) look(); }, CLOSE_MS);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(each);
    document.removeEventListener('visibilitychange', look);
    state.frame = undefined;
  };
}
