// SPDX-License-Identifier: EUPL-1.2
// The time that screens show: the server's, ticking twice a second.

let skew = 0; // server minus here, ms

const state = $state({ now: Date.now() });

/** The server's time in ms; a template that reads it follows the seconds. */
export const now = (): number => state.now;

/** Learns the server's clock from the time of a frame that just arrived. */
export function learn(at: string | undefined): void {
  if (!at) return;
  const d = Date.parse(at) - Date.now();
  // a frame is late by the network: a small difference is travel, not skew
  skew = Math.abs(d) < 400 ? 0 : d;
}

/** Milliseconds from an instant to now, 0 when absent. */
export const since = (at: string | undefined): number => (at ? Math.max(0, state.now - Date.parse(at)) : 0);

/** Milliseconds from now to an instant; negative once it is past. */
export const until = (at: string | undefined): number => (at ? Date.parse(at) - state.now : 0);

setInterval(() => { state.now = Date.now() + skew; }, 500);
