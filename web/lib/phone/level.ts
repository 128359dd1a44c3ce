// SPDX-License-Identifier: EUPL-1.2
// Loudness, from samples to what a meter shows.

/** Root mean square of samples between -1 and 1. */
export function rms(samples: Float32Array): number {
  let sum = 0;
  for (const s of samples) sum += s * s;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** dBFS; -100 at most quiet. */
export const decibels = (r: number): number => (r <= 0.00001 ? -100 : 20 * Math.log10(r));

/** How many of a meter's 16 segments a loudness lights: none at -60 dBFS, all at -12. */
export const step = (db: number): number => Math.max(0, Math.min(16, Math.round((db + 60) / 3)));
