// SPDX-License-Identifier: EUPL-1.2
// Short messages about what was just done or refused.
import { sentence } from './problem';

export interface Notice { id: number; tone: 'ok' | 'bad'; text: string }

const list = $state<Notice[]>([]);
let last = 0;

export const notices = (): Notice[] => list;

export function dismiss(id: number): void {
  const i = list.findIndex((n) => n.id === id);
  if (i >= 0) list.splice(i, 1);
}

function show(tone: Notice['tone'], text: string, ms: number): void {
  if (list.some((n) => n.text === text)) return;
  const id = ++last;
  list.push({ id, tone, text });
  if (list.length > 3) list.shift();
  setTimeout(() => dismiss(id), ms);
}

/** Says that something was done. */
export const tell = (text: string): void => show('ok', text, 5000);

/** Says what went wrong; an error stays longer than good news. */
export const warn = (error: unknown): void => show('bad', sentence(error), 12_000);

/** Runs an action and says what went wrong; true when it went well. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (e) {
    warn(e);
    return false;
  }
}
